/** What the board knows and shows, as plain values. */
import type { Change, Task } from '../client/index.ts';
import { matches, parseFilter } from './board-filter.ts';
import { hasEnded } from './exit.ts';
import type { Line } from './line-entry.ts';
import { type Asked, askedIn } from './show-question.ts';

export type { Asked };

export type Page = 'list' | 'task' | 'logs' | 'needs' | 'help';

/** What is done to a task, after a confirmation where it cannot be undone. */
export type Act = 'stop' | 'kill' | 'retry' | 'accept' | 'reject';

/** What is being typed, and what for. */
export type Entry =
  | { readonly for: 'filter'; readonly line: Line }
  | { readonly for: 'feedback'; readonly line: Line; readonly id: string }
  | {
      readonly for: 'answer';
      readonly line: Line;
      readonly asked: Asked;
      /** The chosen option; null = own words. */
      readonly choice: number | null;
      /** Lines of a long question that are scrolled away. */
      readonly top: number;
    };

export interface Note {
  readonly text: string;
  readonly kind: 'good' | 'bad' | 'plain';
  /** Ms; a key takes it away, once it can have been read. */
  readonly since: number;
  /** Ms; it goes by itself. */
  readonly until: number;
}

interface Logs {
  readonly id: string;
  readonly lines: readonly string[];
  /** A line that is not ended yet. */
  readonly open: string;
  /** Lines above the end at which one looks; 0 = follows. */
  readonly up: number;
  readonly ended: boolean;
}

export interface Model {
  readonly columns: number;
  readonly rows: number;
  readonly now: number;
  readonly tasks: ReadonlyMap<string, Task>;
  readonly asked: readonly Asked[];
  /** `lost` since a time. */
  readonly link: { readonly is: 'loading' | 'live' | 'lost'; readonly since: number };
  readonly page: Page;
  /** Where one comes from. */
  readonly back: readonly Page[];
  readonly selected: string | null;
  /** Where the selected task stands on the list. */
  readonly index: number;
  readonly top: number;
  /** On the page of what needs somebody. */
  readonly need: number;
  readonly filter: string;
  readonly hasPane: boolean;
  readonly mouse: boolean;
  readonly history: { readonly id: string; readonly changes: readonly Change[] } | null;
  /** Lines scrolled away on the pages of a task and of help. */
  readonly scroll: number;
  readonly logs: Logs | null;
  readonly entry: Entry | null;
  readonly confirm: { readonly act: Act; readonly id: string } | null;
  readonly note: Note | null;
}

export const initial = (columns: number, rows: number, now: number, filter = ''): Model => ({
  columns,
  rows,
  now,
  tasks: new Map(),
  asked: [],
  link: { is: 'loading', since: now },
  page: 'list',
  back: [],
  selected: null,
  index: 0,
  top: 0,
  need: 0,
  filter,
  hasPane: true,
  mouse: false,
  history: null,
  scroll: 0,
  logs: null,
  entry: null,
  confirm: null,
  note: null,
});

export const needsMe = (task: Task): boolean =>
  task.state === 'awaiting_input' ||
  task.state === 'awaiting_review' ||
  task.question?.state === 'open';

/** What needs somebody, above what runs, above what will, above what is over. */
function rank(task: Task): number {
  if (hasEnded(task)) return 4;
  if (needsMe(task)) return 0;
  if (task.state === 'queued') return 2;
  return task.state === 'waiting' ? 3 : 1;
}

let memo: { tasks: Model['tasks']; filter: string; shown: readonly Task[] } | null = null;

/** The tasks on the list, in its order: the newest first among equals. */
export function visible({ tasks, filter }: Pick<Model, 'tasks' | 'filter'>): readonly Task[] {
  // Asked many times for one frame.
  if (memo !== null && memo.tasks === tasks && memo.filter === filter) return memo.shown;
  const wanted = parseFilter(filter);
  const shown = [...tasks.values()]
    .filter((task) => matches(wanted, task, !hasEnded(task)))
    .toSorted(
      (a, b) =>
        rank(a) - rank(b) ||
        (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : a.id < b.id ? 1 : -1),
    );
  memo = { tasks, filter, shown };
  return shown;
}

export const selectedTask = ({ tasks, selected }: Model): Task | null =>
  (selected === null ? undefined : tasks.get(selected)) ?? null;

/** What is asked about a task. */
function askedOf({ asked, tasks }: Model, id: string | null): Asked | null {
  if (id === null) return null;
  const listed = asked.find((one) => one.taskId === id);
  if (listed !== undefined) return listed;
  const task = tasks.get(id);
  return task?.question?.state === 'open' ? askedIn(task) : null;
}

/** The question that is open for the selected task, or chosen among those that need somebody. */
export const askedHere = (model: Model): Asked | null =>
  model.page === 'needs' ? (model.asked[model.need] ?? null) : askedOf(model, model.selected);

/** Lines of the list. */
export const listRoom = (model: Model): number => Math.max(1, model.rows - 3 - paneRows(model));

/** From so many columns on, the pane stands beside the list; from so many rows on, below it. */
const WIDE = 140;
const HIGH = 36;

export const paneColumns = ({ hasPane, columns, page }: Model): number =>
  hasPane && page === 'list' && columns >= WIDE ? Math.floor(columns * 0.45) : 0;

export function paneRows(model: Model): number {
  const { hasPane, rows, page } = model;
  if (!hasPane || page !== 'list' || rows < HIGH || paneColumns(model) > 0) return 0;
  return Math.floor(rows * 0.4);
}

/** The model with a selection that is on the list and on the screen. */
export function settled(model: Model, wish: number | null = null): Model {
  const shown = visible(model);
  const room = listRoom(model);
  const at = wish ?? shown.findIndex(({ id }) => id === model.selected);
  // A task that left the list leaves the selection where it stood.
  const index = Math.max(0, Math.min(at === -1 ? model.index : at, shown.length - 1));
  const selected = shown[index]?.id ?? null;
  const top = Math.max(
    0,
    Math.min(Math.max(model.top, index - room + 1), index, Math.max(0, shown.length - room)),
  );
  if (selected === model.selected && top === model.top && index === model.index) return model;
  return { ...model, selected, index, top };
}
