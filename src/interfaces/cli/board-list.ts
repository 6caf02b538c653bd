/** The list of the board, as lines. */
import type { Task } from '../client/index.ts';
import { listRoom, type Model, visible } from './board-model.ts';
import { hasEnded } from './exit.ts';
import type { Printer } from './print.ts';
import { COLUMNS, ROOM_FOR_AGE, row, stateCell } from './rows.ts';
import { type Cell, type Column, tableLine } from './table.ts';
import { oneLine, padded, width } from './text.ts';

/** `> `: what is selected can be seen without colours. */
const MARK = 2;
const GAP = 2;
/** The longest time is `59m59s`, the longest age `59m`. */
const TIME = 6;
const AGE = 3;
/** At most so many columns for an id, and for a state. */
const LONGEST_ID = 24;
const LONGEST_STATE = 26;
const NARROWEST_TITLE = 12;
/** What most states need; from so many columns on they always have it. */
const USUAL_STATE = 17;
const ROOM_FOR_STATES = 80;

const OWN: readonly Column[] = COLUMNS.filter(({ title }) => title !== 'CHANGED');
const WITHOUT_AGE: readonly Column[] = OWN.filter(({ title }) => title !== 'AGE');
const WITHOUT_TIMES: readonly Column[] = WITHOUT_AGE.filter(({ title }) => title !== 'TIME');
/** Below this many columns no time is shown. */
const ROOM_FOR_TIME = 44;

const columnsFor = (columns: number): readonly Column[] => {
  if (columns < ROOM_FOR_TIME) return WITHOUT_TIMES;
  return columns < ROOM_FOR_AGE ? WITHOUT_AGE : OWN;
};

interface Known {
  id: number;
  state: number;
}

/** A task does not change: another state is another value. */
const known = new WeakMap<Task, Known>();
const drawn = new WeakMap<Task, { key: string; line: string }>();

/** The header, and as many tasks as there is room for; `printer` is as wide as the list. */
export function listLines(model: Model, printer: Printer): string[] {
  const shown = visible(model);
  const { columns } = printer;
  const used = columnsFor(columns);
  const times = used.flatMap(({ title }) =>
    title === 'TIME' ? [TIME] : title === 'AGE' ? [AGE] : [],
  );
  const widths = widthsOf(shown, printer, times);
  const room = listRoom(model);
  const some = shown.slice(model.top, model.top + room);
  const header = tableLine(used, widths, used.map(heading), printer);
  return [
    ' '.repeat(MARK) + header,
    ...some.map((task) => line(task, { model, printer, widths, used })),
    ...Array.from({ length: room - some.length }, () => ''),
  ];
}

const heading = ({ title }: Column): Cell => [{ text: title, style: 'dim' }];

function widthsOf(shown: readonly Task[], printer: Printer, times: readonly number[]): number[] {
  // A column that became wider with each state would move all others.
  let [id, state] = [2, printer.columns < ROOM_FOR_STATES ? 5 : USUAL_STATE];
  for (const task of shown) {
    const size = sizeOf(task, printer);
    id = Math.max(id, size.id);
    state = Math.max(state, size.state);
  }
  const fixed = times.reduce((sum, one) => sum + one + GAP, 0);
  const left = printer.columns - MARK - fixed - 2 * GAP;
  // On a narrow terminal id and state give way, the longer one first.
  let over = Math.min(id, LONGEST_ID) + Math.min(state, LONGEST_STATE) + NARROWEST_TITLE - left;
  let [idRoom, stateRoom] = [Math.min(id, LONGEST_ID), Math.min(state, LONGEST_STATE)];
  for (; over > 0 && idRoom + stateRoom > 8; over--) {
    if (idRoom > stateRoom) idRoom -= 1;
    else stateRoom -= 1;
  }
  const title = Math.max(1, left - idRoom - stateRoom);
  return [idRoom, stateRoom, ...times, title];
}

function sizeOf(task: Task, printer: Printer): Known {
  const found = known.get(task);
  if (found !== undefined) return found;
  const state = stateCell(task, printer).map(({ text }) => oneLine(text));
  const size = { id: width(task.id), state: width(state.join('')) };
  known.set(task, size);
  return size;
}

interface Look {
  model: Model;
  printer: Printer;
  widths: readonly number[];
  used: readonly Column[];
}

/** Drawn anew only when something in it is another. */
function line(task: Task, { model, printer, widths, used }: Look): string {
  const isSelected = task.id === model.selected;
  // Of a live one, milliseconds that run by are only restless.
  const now = Math.floor(model.now / 1_000) * 1_000;
  const second = hasEnded(task) ? minuteOf(task, now) : now;
  const key = `${widths.join()} ${isSelected} ${second} ${printer.columns} ${printer.colours}`;
  const before = drawn.get(task);
  if (before?.key === key) return before.line;
  const cells = row(task, printer, Math.max(now, startOf(task)), !hasEnded(task))
    .filter((_, index) => used.some((column) => column === COLUMNS[index]))
    .map((cell) => cell.map((part) => ({ ...part, text: oneLine(part.text) })));
  const text = tableLine(used, widths, isSelected ? cells.map(plain) : cells, printer);
  const made = isSelected
    ? printer.paint('inverse', padded(`> ${text}`, printer.columns))
    : ' '.repeat(MARK) + text;
  drawn.set(task, { key, line: made });
  return made;
}

/** Colours are hard to read on a turned-around line. */
const plain = (cell: Cell): Cell => cell.map(({ text }) => ({ text }));

const startOf = (task: Task): number => Date.parse(task.startedAt ?? task.createdAt);

/** When the age of an ended task becomes another: each second while it is young. */
function minuteOf(task: Task, now: number): number {
  const age = now - Date.parse(task.createdAt);
  return age < 60_000 ? now : Math.floor(age / 60_000);
}
