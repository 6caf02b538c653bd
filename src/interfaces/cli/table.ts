/** Rows in columns that fit a terminal. */
import type { Printer } from './print.ts';
import { oneLine, padded, shorten, width } from './text.ts';

type Style = Parameters<Printer['paint']>[0];

/** One cell: what it says, and how; parts follow each other without a space. */
export type Cell = readonly { text: string; style?: Style | undefined }[];

export interface Column {
  title: string;
  align?: 'right';
  /** Takes what the others leave; at most one column does. */
  flexible?: boolean;
}

const GAP = '  ';
/** A flexible column is not made narrower than that while others could be. */
const NARROWEST = 16;

const plain = (cell: Cell): string => cell.map(({ text }) => text).join('');

/** Lines with a header; cells are made safe for a terminal. Not fitted when `columns` is null. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  printer: Pick<Printer, 'paint'>,
  fit: number | null,
): string[] {
  const safe = rows.map((row) =>
    row.map((cell) => cell.map((part) => ({ ...part, text: oneLine(part.text) }))),
  );
  const widths = widthsOf(columns, safe, fit);
  const header = columns.map(({ title }) => [{ text: title, style: 'dim' as const }]);
  return [header, ...safe].map((row) => tableLine(columns, widths, row, printer));
}

function widthsOf(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  fit: number | null,
): number[] {
  const wanted = columns.map(({ title }, index) =>
    Math.max(width(title), ...rows.map((row) => width(plain(row[index] ?? [])))),
  );
  const flexible = columns.findIndex((column) => column.flexible === true);
  if (fit === null || flexible === -1) return wanted;
  const room = fit - GAP.length * (columns.length - 1);
  const sum = (sizes: readonly number[]): number => sizes.reduce((all, size) => all + size, 0);
  const left = room - sum(wanted.toSpliced(flexible, 1));
  const sizes = wanted.with(flexible, Math.min(wanted[flexible] ?? 0, Math.max(NARROWEST, left)));
  // On a very narrow terminal the widest columns give way together.
  while (sum(sizes) > Math.max(room, columns.length)) {
    const widest = sizes.indexOf(Math.max(...sizes));
    sizes[widest] = (sizes[widest] ?? 1) - 1;
  }
  return sizes;
}

/** One line of a table whose widths are known; its cells must be safe. */
export function tableLine(
  columns: readonly Column[],
  widths: readonly number[],
  row: readonly Cell[],
  printer: Pick<Printer, 'paint'>,
): string {
  const last = columns.length - 1;
  return columns
    .map(({ align }, index) => {
      const room = widths[index] ?? 0;
      const cell = cut(row[index] ?? [], room);
      const space = ' '.repeat(Math.max(0, room - width(plain(cell))));
      const painted = cell
        .map(({ text, style }) => (style === undefined ? text : printer.paint(style, text)))
        .join('');
      if (align === 'right') return space + painted;
      return index === last ? painted : painted + space;
    })
    .join(GAP)
    .trimEnd();
}

/** The cell in at most `room` columns. */
function cut(cell: Cell, room: number): Cell {
  let left = room;
  return cell.flatMap((part) => {
    const text = shorten(part.text, left);
    // What follows an ellipsis would only be another one.
    left = text === part.text ? left - width(text) : 0;
    return text === '' ? [] : [{ ...part, text }];
  });
}

/** `name  value` lines with the values under each other. */
export function pairs(
  given: readonly (readonly [string, string])[],
  printer: Pick<Printer, 'paint'>,
): string[] {
  const longest = Math.max(0, ...given.map(([name]) => width(name)));
  return given.map(([name, value]) => `${printer.paint('dim', padded(name, longest))}  ${value}`);
}
