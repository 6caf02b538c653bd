/** Answers, feedback, filters and confirmations: what is typed on the board. Pure. */
import { isTerminal } from '../../domain/lifecycle.ts';
import { LONGEST_REPLY } from '../../domain/question.ts';
import {
  type Act,
  type Asked,
  type Entry,
  type Model,
  selectedTask,
  settled,
} from './board-model.ts';
import { type Effect, noted, type Step } from './board-step.ts';
import type { Task } from '../client/index.ts';
import type { Key } from './keys.ts';
import { edited, lineOf, textOf } from './line-entry.ts';

type Answer = Extract<Entry, { for: 'answer' }>;

const LONGEST_FILTER = 200;

/** Begins to answer: with options the first one is chosen, which `enter` does not send by itself. */
export const ask = (model: Model, asked: Asked): Model => ({
  ...model,
  entry: {
    for: 'answer',
    line: lineOf(''),
    asked,
    choice: asked.options.length === 0 ? null : 0,
    top: 0,
  },
});

/** Why an act does not fit the task; null = it does. */
function refusal(act: Act, { id, state }: Task): string | null {
  const has = isTerminal(state);
  if (act === 'retry') return has ? null : `${id} has not ended; s stops it`;
  if (act === 'stop' || act === 'kill') return has ? `${id} has ended` : null;
  if (act === 'accept') return state === 'awaiting_review' ? null : `${id} waits for no review`;
  return state === 'awaiting_review' || state === 'completed'
    ? null
    : `${id} has no work to be sent back`;
}

/** Asks before something is done to the selected task. */
export function begin(model: Model, act: Act): Step {
  const task = model.page === 'needs' || model.page === 'help' ? null : selectedTask(model);
  if (task === null) return [noted(model, 'no task is selected'), []];
  const why = refusal(act, task);
  if (why !== null) return [noted(model, why), []];
  if (act !== 'reject') return [{ ...model, confirm: { act, id: task.id } }, []];
  return [{ ...model, entry: { for: 'feedback', line: lineOf(''), id: task.id } }, []];
}

/** One key while something is typed. */
export function typed(model: Model, entry: Entry, key: Key): Step {
  if (key.is === 'key' && key.name === 'escape') return [left(model, entry), []];
  if (key.is === 'key' && key.name === 'enter') return sent(model, entry);
  if (entry.for === 'answer') return [{ ...model, entry: answering(entry, key) }, []];
  const line = edited(entry.line, key, entry.for === 'filter' ? LONGEST_FILTER : LONGEST_REPLY);
  if (line === null) return [model, []];
  const next = { ...model, entry: { ...entry, line } };
  return [entry.for === 'filter' ? settled({ ...next, filter: textOf(line) }) : next, []];
}

/** A filter is kept as far as it was typed: it can be seen, and `c` takes it away. */
const left = (model: Model, entry: Entry): Model =>
  entry.for === 'filter'
    ? settled({ ...model, entry: null, filter: '' })
    : { ...model, entry: null };

function sent(model: Model, entry: Entry): Step {
  const text = textOf(entry.line).trim();
  const next = { ...model, entry: null };
  switch (entry.for) {
    case 'filter':
      return [next, []];
    case 'feedback':
      return text === ''
        ? [noted(model, 'say what is wrong, or leave with escape'), []]
        : [next, [{ do: 'act', act: 'reject', id: entry.id, text }]];
    case 'answer': {
      const { asked, choice } = entry;
      const answer = choice === null ? text : (asked.options[choice] ?? '');
      if (answer === '') return [noted(model, 'write an answer, or leave with escape'), []];
      const effects: Effect[] = [{ do: 'answer', id: asked.id, text: answer }];
      return [next, effects];
    }
  }
}

function answering(entry: Answer, key: Key): Answer {
  const { options } = entry.asked;
  if (key.is === 'wheel') return { ...entry, top: Math.max(0, entry.top + key.by) };
  if (key.is === 'key' && (key.name === 'up' || key.name === 'down'))
    return { ...entry, choice: neighbour(entry, key.name === 'up' ? -1 : 1) };
  if (key.is === 'key' && key.name === 'pageUp')
    return { ...entry, top: Math.max(0, entry.top - 5) };
  if (key.is === 'key' && key.name === 'pageDown') return { ...entry, top: entry.top + 5 };
  const isDigit = key.is === 'text' && /^[1-9]$/.test(key.text);
  if (isDigit && textOf(entry.line) === '' && entry.choice !== null) {
    const at = Number(key.text) - 1;
    return at < options.length ? { ...entry, choice: at } : entry;
  }
  const line = edited(entry.line, key, LONGEST_REPLY);
  if (line === null) return entry;
  // Whoever types means own words; an emptied line leaves the cursor there.
  return { ...entry, line, choice: null };
}

/** The options, then own words, round and round. */
function neighbour({ asked: { options }, choice }: Answer, by: 1 | -1): number | null {
  const count = options.length + 1;
  const at = ((choice ?? options.length) + by + count) % count;
  return at === options.length ? null : at;
}
