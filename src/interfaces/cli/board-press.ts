/** What a key does on each page of the board. Pure. */
import {
  type Act,
  askedHere,
  listRoom,
  type Model,
  needsMe,
  type Page,
  selectedTask,
  settled,
  visible,
} from './board-model.ts';
import { toggled } from './board-filter.ts';
import { type Effect, noted, type Step } from './board-step.ts';
import { ask, begin, typed } from './board-typing.ts';
import type { Key, KeyName } from './keys.ts';
import { lineOf } from './line-entry.ts';

const nothing = (model: Model): Step => [model, []];

/** One key. */
export function press(model: Model, key: Key): Step {
  if (key.is === 'key' && key.name === 'ctrl-z') return [model, [{ do: 'suspend' }]];
  if (key.is === 'key' && key.name === 'ctrl-l') return [model, [{ do: 'redraw' }]];
  if (key.is === 'key' && key.name === 'ctrl-c') return [model, [{ do: 'leave' }]];
  if (model.entry !== null) return typed(model, model.entry, key);
  if (model.confirm !== null) return confirmed(model, model.confirm, key);
  if (key.is === 'paste') return nothing(noted(model, 'a paste means nothing here'));
  if (key.is === 'click') return clicked(model, key.row);
  if (key.is === 'wheel') return moved(model, key.by * 3);
  const word = key.is === 'text' ? key.text : key.name;
  const by = STEPS[word];
  if (by !== undefined) return moved(model, by(pageOf(model)));
  return (KEYS[word] ?? nothing)(model);
}

const pageOf = (model: Model): number =>
  Math.max(1, (model.page === 'list' ? listRoom(model) : model.rows - 3) - 1);

type ByPage = (page: number) => number;

const STEPS: Readonly<Partial<Record<string, ByPage>>> = {
  up: () => -1,
  k: () => -1,
  down: () => 1,
  j: () => 1,
  pageUp: (page) => -page,
  b: (page) => -page,
  pageDown: (page) => page,
  ' ': (page) => page,
  home: () => -Infinity,
  g: () => -Infinity,
  end: () => Infinity,
  G: () => Infinity,
} satisfies Record<string, ByPage> & Partial<Record<KeyName, ByPage>>;

/** Moves the selection, or what is shown. */
function moved(model: Model, by: number): Step {
  const bounded = (at: number, last: number): number => Math.max(0, Math.min(at + by, last));
  switch (model.page) {
    case 'list':
      return nothing(settled(model, bounded(model.index, visible(model).length - 1)));
    case 'needs':
      return nothing({ ...model, need: bounded(model.need, Math.max(0, model.asked.length - 1)) });
    case 'logs': {
      const { logs } = model;
      // Upwards is away from the end; how far there is to go, the view knows.
      return logs === null
        ? nothing(model)
        : nothing({ ...model, logs: { ...logs, up: Math.max(0, logs.up - by) } });
    }
    case 'task':
    case 'help':
      return nothing({ ...model, scroll: Math.max(0, model.scroll + by) });
  }
}

const KEYS: Readonly<Partial<Record<string, (model: Model) => Step>>> = {
  q: (model) => [model, [{ do: 'leave' }]],
  Q: (model) => [model, [{ do: 'leave' }]],
  'ctrl-d': (model) => [model, [{ do: 'leave' }]],
  escape: back,
  left: (model) => (model.page === 'list' ? nothing(model) : back(model)),
  backspace: (model) => (model.page === 'list' ? nothing(model) : back(model)),
  '?': (model) => nothing(opened(model, 'help')),
  enter: entered,
  right: (model) => (model.page === 'list' ? entered(model) : nothing(model)),
  l: openLogs,
  '/': (model) =>
    nothing({ ...opened(model, 'list'), entry: { for: 'filter', line: lineOf(model.filter) } }),
  n: (model) => nothing(opened(model, 'needs')),
  tab: (model) => nextNeed(model, 1),
  backTab: (model) => nextNeed(model, -1),
  o: (model) => narrowed(model, 'owner'),
  u: (model) => narrowed(model, 'group'),
  c: (model) => nothing(settled({ ...model, filter: '' })),
  p: (model) => nothing(settled({ ...model, hasPane: !model.hasPane })),
  m: (model) => [
    noted(
      { ...model, mouse: !model.mouse },
      model.mouse ? 'mouse off: your terminal selects text again' : 'mouse on: click and wheel',
    ),
    [{ do: 'mouse', on: !model.mouse }],
  ],
  a: answered,
  s: (model) => begin(model, 'stop'),
  K: (model) => begin(model, 'kill'),
  r: (model) => begin(model, 'retry'),
  A: (model) => begin(model, 'accept'),
  x: (model) => begin(model, 'reject'),
};

const opened = (model: Model, page: Page): Model =>
  model.page === page
    ? model
    : { ...model, page, scroll: 0, back: [...model.back, model.page].slice(-8) };

/** To where one came from; at the beginning, out of the filter, then out of the board. */
function back(model: Model): Step {
  if (model.page === 'list' && model.back.length === 0) {
    if (model.filter !== '') return nothing(settled({ ...model, filter: '' }));
    return [model, [{ do: 'leave' }]];
  }
  const page = model.page === 'list' ? 'list' : (model.back.at(-1) ?? 'list');
  const rest = page === 'list' ? [] : model.back.slice(0, -1);
  const effects: Effect[] = model.page === 'logs' ? [{ do: 'logs', id: null }] : [];
  const logs = model.page === 'logs' ? null : model.logs;
  return [settled({ ...model, page, back: rest, scroll: 0, logs }), effects];
}

function entered(model: Model): Step {
  if (model.page === 'needs') return answered(model);
  if (model.page !== 'list' || selectedTask(model) === null) return nothing(model);
  return nothing(opened(model, 'task'));
}

function openLogs(model: Model): Step {
  const id = model.page === 'needs' ? askedHere(model)?.taskId : selectedTask(model)?.id;
  if (id === null || id === undefined || !model.tasks.has(id)) return nothing(model);
  if (model.page === 'logs') return nothing(model);
  const logs = { id, lines: [], open: '', up: 0, ended: false };
  return [{ ...opened(model, 'logs'), logs }, [{ do: 'logs', id }]];
}

function answered(model: Model): Step {
  const asked = askedHere(model);
  if (asked !== null) return nothing(ask(model, asked));
  return nothing(noted(model, 'nothing is asked here; n shows what is'));
}

/** To the next task that needs somebody, round and round. */
function nextNeed(model: Model, by: 1 | -1): Step {
  const shown = visible(model);
  const count = shown.length;
  for (let step = 1; step <= count; step++) {
    const at = (model.index + by * step + count * step) % count;
    const task = shown[at];
    if (task === undefined || !needsMe(task)) continue;
    return nothing(settled({ ...model, page: 'list', back: [], scroll: 0 }, at));
  }
  const rest = model.asked.length === 0 ? 'nothing needs you' : 'no task here needs you; see n';
  return nothing(noted(model, rest));
}

function narrowed(model: Model, field: 'group' | 'owner'): Step {
  const task = selectedTask(model);
  const value = task?.[field] ?? null;
  if (value === null)
    return nothing(noted(model, task === null ? 'no task is selected' : `it has no ${field}`));
  const filter = toggled(model.filter, field, value);
  return nothing(settled({ ...model, page: 'list', back: [], filter }));
}

/** Selects a task; the selected one is opened. */
function clicked(model: Model, row: number): Step {
  if (model.page === 'needs') {
    const need = row - 2;
    if (need < 0 || need >= model.asked.length) return nothing(model);
    return need === model.need ? answered(model) : nothing({ ...model, need });
  }
  if (model.page !== 'list') return nothing(model);
  const line = row - 2;
  const at = model.top + line;
  if (line < 0 || line >= listRoom(model) || at >= visible(model).length) return nothing(model);
  return at === model.index ? entered(model) : nothing(settled(model, at));
}

/** What is being ended sinks to the end of the list: the selection stays where it was. */
function passedOn(model: Model, act: Act): Model {
  if (model.page !== 'list' || (act !== 'stop' && act !== 'kill')) return model;
  const last = visible(model).length - 1;
  return settled(model, model.index < last ? model.index + 1 : Math.max(0, last - 1));
}

/** Only `y` confirms. */
function confirmed(model: Model, { act, id }: NonNullable<Model['confirm']>, key: Key): Step {
  const next = { ...model, confirm: null };
  if (key.is === 'text' && key.text.toLowerCase() === 'y')
    return [passedOn(next, act), [{ do: 'act', act, id }]];
  if (key.is === 'wheel') return nothing(model);
  return nothing(noted(next, `${id} is left as it is`));
}
