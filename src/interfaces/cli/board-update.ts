/** What the board knows after a message, and what is to be done for it. Pure. */
import type { Change, Task } from '../client/index.ts';
import { press } from './board-press.ts';
import { type Asked, type Model, type Note, selectedTask, settled } from './board-model.ts';
import { type Effect, noted, type Step } from './board-step.ts';
import type { Key } from './keys.ts';
import { wrap } from './styled.ts';

export type Message =
  | { readonly is: 'key'; readonly key: Key }
  | { readonly is: 'size'; readonly columns: number; readonly rows: number }
  | { readonly is: 'clock' }
  /** Everything, as it was loaded. */
  | { readonly is: 'tasks'; readonly tasks: readonly Task[] }
  /** Tasks that changed, and ids of those that are gone. */
  | { readonly is: 'changed'; readonly tasks: readonly Task[]; readonly gone: readonly string[] }
  | { readonly is: 'asked'; readonly asked: readonly Asked[] }
  | { readonly is: 'history'; readonly id: string; readonly changes: readonly Change[] }
  | {
      readonly is: 'log';
      readonly id: string;
      readonly lines: readonly string[];
      readonly open: string;
      readonly ended: boolean;
    }
  | { readonly is: 'link'; readonly live: boolean }
  | { readonly is: 'note'; readonly text: string; readonly kind: Note['kind'] };

/** Ended tasks that stay on the board. */
export const MOST_ENDED = 100;
/** Lines of a log that are kept. */
const MOST_LINES = 2_000;
/** One step; `now` in ms. */
export function update(before: Model, message: Message, now: number): Step {
  const model = { ...before, now };
  switch (message.is) {
    case 'key':
      return looking(before, press(read(model), message.key));
    case 'size':
      return [settled({ ...model, columns: message.columns, rows: message.rows }), []];
    case 'clock':
      return [
        model.note !== null && model.note.until <= now ? { ...model, note: null } : model,
        [],
      ];
    case 'tasks':
      return loaded(model, message.tasks);
    case 'changed':
      return changed(model, message.tasks, message.gone);
    case 'asked':
      return [asked(model, message.asked), []];
    case 'history':
      return [{ ...model, history: { id: message.id, changes: message.changes } }, []];
    case 'log':
      return [logged(model, message), []];
    case 'link':
      return [linked(model, message.live), []];
    case 'note':
      return [noted(model, message.text, message.kind), []];
  }
}

/** How long a note stays though keys are pressed (ms). */
const READABLE = 1_000;

const read = (model: Model): Model =>
  model.note !== null && model.now - model.note.since > READABLE ? { ...model, note: null } : model;

/** Another task is looked at after a step. */
function looking(before: Model, [model, effects]: Step): Step {
  const id = selectedTask(model)?.id ?? null;
  if (id === (selectedTask(before)?.id ?? null)) return [model, effects];
  return [model, [...effects, { do: 'look', id }]];
}

function loaded(model: Model, tasks: readonly Task[]): Step {
  const next = settled({ ...model, tasks: new Map(tasks.map((task) => [task.id, task])) });
  return looking(model, [next, []]);
}

function changed(model: Model, tasks: readonly Task[], gone: readonly string[]): Step {
  const all = new Map(model.tasks);
  for (const task of tasks) all.set(task.id, task);
  for (const id of gone) all.delete(id);
  const id = model.selected;
  const isLooked = tasks.some((task) => task.id === id);
  const next = settled({ ...model, tasks: kept(all, id) });
  const look: readonly Effect[] = isLooked ? [{ do: 'look', id }] : [];
  return looking(model, [next, look]);
}

/** All open tasks and the newest of the ended ones. */
function kept(all: Map<string, Task>, selected: string | null): ReadonlyMap<string, Task> {
  const ended = [...all.values()].filter(({ endedAt }) => endedAt !== null);
  // Sorted out a few at a time, not with each change.
  if (ended.length <= MOST_ENDED + 20) return all;
  ended.sort((a, b) => Date.parse(b.endedAt ?? '') - Date.parse(a.endedAt ?? ''));
  for (const { id } of ended.slice(MOST_ENDED)) if (id !== selected) all.delete(id);
  return all;
}

/** A question that somebody else answers meanwhile is not asked on. */
function asked(model: Model, found: readonly Asked[]): Model {
  const need = Math.max(0, Math.min(model.need, found.length - 1));
  const next = { ...model, asked: found, need };
  const { entry } = model;
  if (entry?.for !== 'answer' || found.some(({ id }) => id === entry.asked.id)) return next;
  return noted({ ...next, entry: null }, `${entry.asked.id} is not open any more`);
}

function logged(model: Model, { id, lines, open, ended }: Extract<Message, { is: 'log' }>): Model {
  const { logs, columns } = model;
  if (logs === null || logs.id !== id) return model;
  // Whoever looks at something further up goes on looking at it.
  const added = lines.reduce((sum, line) => sum + wrap(line, columns).length, 0);
  const all = [...logs.lines, ...lines].slice(-MOST_LINES);
  return {
    ...model,
    logs: { id, lines: all, open, ended, up: logs.up === 0 ? 0 : logs.up + added },
  };
}

function linked(model: Model, live: boolean): Model {
  const { is } = model.link;
  if (live === (is === 'live')) return model;
  const next = { ...model, link: { is: live ? 'live' : 'lost', since: model.now } as const };
  return live && is === 'lost' ? noted(next, 'the daemon is back', 'good') : next;
}
