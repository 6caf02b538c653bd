import { plainText } from './plain-text.ts';

/** Longest end of a line that is looked at. */
const LONGEST_LINE = 4_000;
/** A number that is no part of a word, a version, a time or a list. */
const NUMBER = /(?<![\w.,:])[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?(?![\d,:]|\.\d)/gi;

/** The last number on the last line that holds anything; null = there is none. */
export function numberIn(output: string): number | null {
  const last = plainText(output)
    .split('\n')
    .findLast((line) => line.trim() !== '');
  const found = last?.slice(-LONGEST_LINE).match(NUMBER)?.at(-1);
  const value = Number(found);
  return found !== undefined && Number.isFinite(value) ? value : null;
}
