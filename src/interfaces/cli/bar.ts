/** Bars of a chart in one line of text. */
import type { Printer } from './print.ts';
import type { Cell } from './table.ts';

type Style = Parameters<Printer['paint']>[0];

/** What a bar is made of, in this order. */
interface Amounts {
  known: number;
  unknown: number;
  reserved: number;
}

const BLOCKS = { known: '█', unknown: '▒', reserved: '░', empty: '·' };
const LETTERS = { known: '#', unknown: '?', reserved: '+', empty: '.' };
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

const signs = ({ symbols }: Pick<Printer, 'symbols'>): typeof BLOCKS =>
  symbols ? BLOCKS : LETTERS;

/** A bar of which `whole` fills `columns`; what is there at all is seen. */
export function bar(
  { known, unknown, reserved }: Amounts,
  whole: number,
  columns: number,
  style: Style,
  printer: Pick<Printer, 'symbols'>,
): Cell {
  const sign = signs(printer);
  const exact = whole === 0 ? 0 : (known / whole) * columns;
  const isLast = unknown === 0 && reserved === 0;
  const eighths = isLast && printer.symbols ? (EIGHTHS[Math.floor((exact % 1) * 8)] ?? '') : '';
  const full = isLast && printer.symbols ? Math.floor(exact) : cellsOf(known, whole, columns);
  let left = columns;
  const part = (character: string, count: number): string => {
    const text = character.repeat(Math.min(count, left));
    left -= text.length;
    return text;
  };
  const knownText = part(sign.known, full) + part(eighths, eighths === '' ? 0 : 1);
  return [
    {
      text: knownText === '' && known > 0 ? part(printer.symbols ? '▏' : '#', 1) : knownText,
      style,
    },
    { text: part(sign.unknown, cellsOf(unknown, whole, columns)), style: 'yellow' },
    { text: part(sign.reserved, cellsOf(reserved, whole, columns)), style: 'blue' },
  ];
}

/** The same, with what is left of the whole. */
export function gauge(...given: Parameters<typeof bar>): Cell {
  const [, , columns, , printer] = given;
  const filled = bar(...given);
  const used = filled.reduce((sum, { text }) => sum + text.length, 0);
  return [...filled, { text: signs(printer).empty.repeat(columns - used), style: 'dim' }];
}

/** What the signs of a bar mean. */
export const legend = (printer: Pick<Printer, 'symbols'>): string => {
  const sign = signs(printer);
  return `${sign.known} known  ${sign.unknown} unknown, as its ceiling  ${sign.reserved} reserved for what runs`;
};

const cellsOf = (amount: number, whole: number, columns: number): number =>
  amount <= 0 || whole === 0 ? 0 : Math.max(1, Math.round((amount / whole) * columns));
