/** Lines with colours in them, made to fit. */
import { cells, graphemes, width } from './text.ts';

const ESCAPE = '\u001b';
const SEQUENCE = new RegExp(`(${ESCAPE}\\[[0-9;:]*m)`);
const RESET = `${ESCAPE}[0m`;
const RESETS = new Set([RESET, `${ESCAPE}[m`]);
const PLAIN = /^[\u0020-\u007e]*$/;
/** As many open styles are carried on to the next line. */
const MOST_STYLES = 16;
const TAB = 8;

/** Styled `text` in at most `columns` columns; its end is replaced by an ellipsis when it is longer. */
export function fit(text: string, columns: number): string {
  if (columns < 1) return '';
  if (width(text) <= columns) return text;
  let kept = '';
  let used = 0;
  let isStyled = false;
  for (const part of text.split(SEQUENCE)) {
    if (part.startsWith(ESCAPE)) {
      kept += part;
      isStyled = !RESETS.has(part);
      continue;
    }
    for (const { segment } of graphemes(part)) {
      used += cells(segment);
      if (used > columns - 1) return `${kept}…${isStyled ? RESET : ''}`;
      kept += segment;
    }
  }
  return kept;
}

/** Styled `text`, one line, as lines of at most `columns` columns, broken between words where that wastes little. */
export function wrap(text: string, columns: number): string[] {
  const room = Math.max(1, columns);
  if (PLAIN.test(text) && text.length <= room) return [text];
  const folded = new Folded(room);
  for (const part of text.split(SEQUENCE)) {
    if (part.startsWith(ESCAPE)) folded.style(part);
    else for (const { segment } of graphemes(part)) folded.add(segment);
  }
  return folded.end();
}

/** Collects lines of a width. */
class Folded {
  readonly #room: number;
  readonly #lines: string[] = [];
  #line = '';
  #used = 0;
  /** Where the last word began: in the line, and in columns. */
  #word: { at: number; used: number } | null = null;
  #styles: string[] = [];

  constructor(room: number) {
    this.#room = room;
  }

  style(sequence: string): void {
    this.#line += sequence;
    this.#styles = RESETS.has(sequence) ? [] : [...this.#styles, sequence].slice(-MOST_STYLES);
  }

  add(grapheme: string): void {
    const size = cells(grapheme);
    if (this.#used + size > this.#room) this.#break(grapheme);
    if (this.#used + size > this.#room) return;
    if (grapheme === ' ' && this.#used === 0 && this.#lines.length > 0) return;
    this.#line += grapheme;
    this.#used += size;
    if (grapheme === ' ') this.#word = { at: this.#line.length, used: this.#used };
  }

  end(): string[] {
    this.#push(this.#line);
    return this.#lines;
  }

  #break(next: string): void {
    const word = this.#word;
    this.#word = null;
    // A word that is carried over must leave more than half of the line.
    const carries = next !== ' ' && word !== null && word.used > this.#room / 2;
    const rest = carries ? this.#line.slice(word.at) : '';
    const used = carries ? this.#used - word.used : 0;
    this.#push(carries ? this.#line.slice(0, word.at).trimEnd() : this.#line);
    this.#line = (carries ? '' : this.#styles.join('')) + rest;
    this.#used = used;
  }

  #push(line: string): void {
    this.#lines.push(line.includes(ESCAPE) ? line + RESET : line);
  }
}

/** Tabs as the spaces that a terminal makes of them. */
export function untabbed(line: string): string {
  if (!line.includes('\t')) return line;
  let text = '';
  for (const part of line.split(/(\t)/))
    text += part === '\t' ? ' '.repeat(TAB - (width(text) % TAB)) : part;
  return text;
}
