/** What has to be written so that a terminal shows other lines: only those that changed. */
import { width } from './text.ts';

const ESCAPE = '\u001b[';
/** The terminal shows nothing of it before all of it has arrived; those that do not know it ignore it. */
const BEGIN = `${ESCAPE}?2026h`;
const END = `${ESCAPE}?2026l`;
const HIDE = `${ESCAPE}?25l`;
const SHOW = `${ESCAPE}?25h`;
const CLEAR = `${ESCAPE}2J`;
const END_OF_LINE = `${ESCAPE}K`;

export interface Frame {
  readonly lines: readonly string[];
  /** Where something is typed, from 0; null = nowhere. */
  readonly cursor: { readonly row: number; readonly column: number } | null;
}

export interface FrameOptions {
  columns: number;
  /** The terminal can be told to show a frame at once. */
  atOnce: boolean;
}

const goTo = (row: number, column: number): string => `${ESCAPE}${row + 1};${column + 1}H`;

/** The bytes that turn `before` into `after`; '' when nothing changed. Null before = the terminal shows anything. */
export function change(before: Frame | null, after: Frame, options: FrameOptions): string {
  const lines = after.lines.flatMap((line, row) =>
    before?.lines[row] === line ? [] : [drawn(line, row, options.columns)],
  );
  const gone = (before?.lines ?? []).flatMap((_, row) =>
    row < after.lines.length ? [] : [goTo(row, 0) + END_OF_LINE],
  );
  const moved = !isSame(before?.cursor ?? null, after.cursor);
  if (before !== null && lines.length === 0 && gone.length === 0 && !moved) return '';
  const cursor = after.cursor === null ? HIDE : goTo(after.cursor.row, after.cursor.column) + SHOW;
  const clear = before === null ? CLEAR : '';
  const text = HIDE + clear + lines.join('') + gone.join('') + cursor;
  return options.atOnce ? BEGIN + text + END : text;
}

/** A line that fills the last column would lose it to a clearing of the rest. */
const drawn = (line: string, row: number, columns: number): string =>
  goTo(row, 0) + line + (width(line) < columns ? END_OF_LINE : '');

const isSame = (one: Frame['cursor'], other: Frame['cursor']): boolean =>
  one === other || (one?.row === other?.row && one?.column === other?.column);
