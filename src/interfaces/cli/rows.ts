/** Tasks as lines: what `tend ls` and the live board have in common. */
import type { Task } from '../client/index.ts';
import { hasEnded } from './exit.ts';
import { age, span } from './format.ts';
import type { Printer } from './print.ts';
import { shortReason } from './sentence.ts';
import { progressOf } from './show-question.ts';
import { type Cell, type Column, table } from './table.ts';

type Style = Parameters<Printer['paint']>[0];
type State = Task['state'];

export const STYLES: Record<State, Style> = {
  waiting: 'gray',
  queued: 'cyan',
  claimed: 'blue',
  running: 'blue',
  stopping: 'yellow',
  finishing: 'blue',
  awaiting_input: 'magenta',
  awaiting_children: 'gray',
  awaiting_review: 'magenta',
  completed: 'green',
  failed: 'red',
  cancelled: 'yellow',
  skipped: 'gray',
};

export const SYMBOLS: Record<State, string> = {
  waiting: '◌',
  queued: '○',
  claimed: '●',
  running: '●',
  stopping: '◍',
  finishing: '●',
  awaiting_input: '?',
  awaiting_children: '◌',
  awaiting_review: '?',
  completed: '✓',
  failed: '✗',
  cancelled: '■',
  skipped: '–',
};

/** A line of output beside a title needs at least this much room. */
const ROOM_FOR_OUTPUT = 100;

export const COLUMNS: readonly Column[] = [
  { title: 'ID' },
  { title: 'STATE' },
  { title: 'TIME', align: 'right' },
  { title: 'AGE', align: 'right' },
  { title: 'CHANGED', align: 'right' },
  { title: 'TITLE', flexible: true },
];
const AGE = 3;
const CHANGED = 4;

/** Below this many columns the age is left out, and how much was changed. */
export const ROOM_FOR_AGE = 60;

/** A header and one line per task, as wide as the terminal allows. */
export function lines(tasks: readonly Task[], printer: Printer, now: number): string[] {
  const fit = printer.isTerminal ? printer.columns : null;
  const hasRoom = fit === null || fit >= ROOM_FOR_AGE;
  const withChanges = hasRoom && tasks.some(({ workspace }) => workspace.changed.files > 0);
  const shown = <T>(cells: readonly T[]): T[] =>
    cells.filter((_, index) => (hasRoom || index !== AGE) && (withChanges || index !== CHANGED));
  return table(
    shown(COLUMNS),
    tasks.map((task) => shown(row(task, printer, now, false))),
    printer,
    fit,
  );
}

/** The cells of a task in the columns of a list; its last line of output may be left out, as it may change unseen. */
export function row(task: Task, printer: Printer, now: number, hideOutput: boolean): Cell[] {
  return [
    [{ text: task.id }],
    stateCell(task, printer),
    [{ text: elapsed(task, now) }],
    [{ text: age(now - Date.parse(task.createdAt)), style: 'dim' }],
    changeIn(task),
    titleCell(task, printer, hideOutput),
  ];
}

export function stateCell(task: Task, { symbols }: Printer): Cell {
  const style = STYLES[task.state];
  const reason = shortReason(task);
  const symbol = symbols ? `${SYMBOLS[task.state]} ` : '';
  const word = task.state.replaceAll('_', ' ');
  if (reason === '') return [{ text: symbol + word, style }];
  return [
    { text: symbol + word, style },
    { text: ` ${reason}`, style: 'dim' },
  ];
}

/** How long it has run, or ran; empty when it never did. */
function elapsed(task: Task, now: number): string {
  if (task.startedAt === null) return '';
  const end = task.endedAt === null ? now : Date.parse(task.endedAt);
  return span(end - Date.parse(task.startedAt));
}

function titleCell(task: Task, printer: Printer, hideOutput: boolean): Cell {
  const agent =
    task.agent === undefined ? [] : [{ text: `${task.agent.name} `, style: 'cyan' as const }];
  const title = { text: task.title };
  const group = task.group === null ? [] : [{ text: `  [${task.group}]`, style: 'dim' as const }];
  const news = newsOf(task);
  if (news !== null) return [...agent, title, ...group, news];
  const hasRoom = printer.isTerminal && printer.columns >= ROOM_FOR_OUTPUT;
  const last = hasRoom && !hideOutput ? lastLine(task) : '';
  const output = last === '' ? [] : [{ text: `  ${last}`, style: 'dim' as const }];
  return [...agent, title, ...group, ...output];
}

/** What it asks, or how far it is. */
function newsOf(task: Task): Cell[number] | null {
  const { question, progress } = task;
  if (question?.state === 'open') return { text: `  ${question.question}`, style: 'magenta' };
  if (progress === null || hasEnded(task)) return null;
  return { text: `  ${progressOf(progress)}`, style: 'dim' };
}

/** `+12 −3`: how much its work changed. */
function changeIn({ workspace: { changed } }: Task): Cell {
  const { files, insertions, deletions } = changed;
  if (files === 0) return [];
  return [
    { text: `+${insertions}`, style: 'green' },
    { text: ` −${deletions}`, style: 'red' },
  ];
}

/** The last line of the output that says anything. */
const lastLine = ({ output }: Task): string =>
  output.tail
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .findLast((line) => line !== '') ?? '';

/** `2 running, 1 queued, 3 failed` in the order of a task's life. */
export function summary(
  counts: Readonly<Record<string, number>>,
  printer: Pick<Printer, 'paint'>,
): string {
  const states = Object.keys(STYLES) as State[];
  return states
    .flatMap((state) => {
      const count = counts[state] ?? 0;
      return count === 0
        ? []
        : [printer.paint(STYLES[state], `${count} ${state.replaceAll('_', ' ')}`)];
    })
    .join(', ');
}

/** How many tasks are in each state. */
export function countStates(tasks: readonly Pick<Task, 'state'>[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { state } of tasks) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
