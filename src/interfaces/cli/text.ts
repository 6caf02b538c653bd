/** What may reach a terminal, and how wide it is there. */
import { StringDecoder } from 'node:string_decoder';
import { stripVTControlCharacters } from 'node:util';

/** Colours and weights only: no cursor movement, no title, no clipboard. */
const ESCAPE = '\u001b';
const SGR = new RegExp(`^${ESCAPE}\\[[0-9;:]*m`);
/** An escape sequence that may still become a colour when more arrives. */
const UNFINISHED = new RegExp(`^${ESCAPE}(\\[[0-9;:]{0,64})?$`);
/** Controls, and the marks that make text read in another order than it stands. */
const UNSAFE = /[^\P{Cc}\t\n]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

const hex = (code: number): string =>
  code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;

const escaped = (character: string): string => hex(character.codePointAt(0) ?? 0);

/** One line without anything a terminal would obey: for titles, owners, paths, messages. */
export const oneLine = (text: string): string =>
  stripVTControlCharacters(text)
    .replace(/[\t\r\n]+/g, ' ')
    .replace(UNSAFE, escaped);

/** Bytes of a stream made safe for a terminal, piece by piece; colours pass when `colours` is set. */
export class SafeText {
  readonly #decoder = new StringDecoder('utf8');
  readonly #colours: boolean;
  #rest = '';
  #styled = false;

  constructor(colours: boolean) {
    this.#colours = colours;
  }

  write(data: Uint8Array): string {
    return this.#take(this.#rest + this.#decoder.write(Buffer.from(data)), false);
  }

  /** What was held back, and an end to any colour left on. */
  end(): string {
    const last = this.#take(this.#rest + this.#decoder.end(), true);
    return this.#styled ? `${last}${ESCAPE}[0m` : last;
  }

  #take(text: string, final: boolean): string {
    this.#rest = '';
    let safe = '';
    for (let from = 0; ;) {
      UNSAFE.lastIndex = from;
      const found = UNSAFE.exec(text)?.index;
      if (found === undefined) return safe + text.slice(from);
      safe += text.slice(from, found);
      from = found;
      const tail = text.slice(from, from + 80);
      if (!final && (UNFINISHED.test(tail) || tail === '\r')) {
        this.#rest = text.slice(from);
        return safe;
      }
      const [length, replacement] = this.#replace(tail);
      safe += replacement;
      from += length;
    }
  }

  /** How many characters at the front of `tail` are replaced, and by what. */
  #replace(tail: string): [number, string] {
    const colour = SGR.exec(tail)?.[0];
    if (colour !== undefined) {
      this.#styled = this.#colours && !/\[0?m$/.test(colour);
      return [colour.length, this.#colours ? colour : ''];
    }
    const first = tail[0] ?? '';
    // A progress bar that redraws its line becomes one line per drawing.
    if (first === '\r') return tail[1] === '\n' ? [2, '\n'] : [1, '\n'];
    return [1, escaped(first)];
  }
}

/** Text of several lines without anything a terminal would obey. */
export function safeText(text: string): string {
  const safe = new SafeText(false);
  return safe.write(Buffer.from(text)) + safe.end();
}

let segmenter: Intl.Segmenter | undefined;

/** Characters as people count them. Made when first needed: that takes longer than everything else at start-up. */
export function graphemes(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return segmenter.segment(text);
}

const ASCII = /^[\u0020-\u007e]*$/;
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const MARK = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

/** Columns of one grapheme. */
export const cells = (grapheme: string): number => {
  if (MARK.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
};

/** Columns that `text` takes on a terminal; styling takes none. */
export function width(text: string): number {
  if (ASCII.test(text)) return text.length;
  const plain = stripVTControlCharacters(text);
  let total = 0;
  for (const { segment } of graphemes(plain)) total += cells(segment);
  return total;
}

/** Unstyled `text` in at most `columns` columns, its end replaced by an ellipsis when it is longer. */
export function shorten(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  if (columns < 1) return '';
  let kept = '';
  let used = 0;
  for (const { segment } of graphemes(text)) {
    used += cells(segment);
    if (used > columns - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** `text` followed by spaces up to `columns`. */
export const padded = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - width(text)));
