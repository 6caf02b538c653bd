/** The lines of a patch as a person sees them. */
import type { Printer } from './print.ts';
import { safeText } from './text.ts';

/** Colours the lines of a patch, piece by piece, and lets nothing through that a terminal would obey. */
export class DiffLines {
  readonly #paint: Printer['paint'];
  #rest = '';
  #isHeader = true;

  constructor({ paint }: Pick<Printer, 'paint'>) {
    this.#paint = paint;
  }

  /** What can be shown by now; lines that are not whole are held back. */
  write(text: string): string {
    const all = this.#rest + text;
    const end = all.lastIndexOf('\n') + 1;
    this.#rest = all.slice(end);
    return all
      .slice(0, end)
      .split('\n')
      .slice(0, -1)
      .map((line) => `${this.#line(line)}\n`)
      .join('');
  }

  end(): string {
    const last = this.#rest === '' ? '' : `${this.#line(this.#rest)}\n`;
    this.#rest = '';
    return last;
  }

  #line(line: string): string {
    // A carriage return in a line would have its beginning overwritten.
    const safe = safeText(line.replace(/\r$/, '').replaceAll('\r', '\\x0d'));
    if (line.startsWith('diff ')) this.#isHeader = true;
    if (line.startsWith('@@')) {
      this.#isHeader = false;
      return this.#paint('cyan', safe);
    }
    if (this.#isHeader) return this.#paint('bold', safe);
    if (line.startsWith('+')) return this.#paint('green', safe);
    if (line.startsWith('-')) return this.#paint('red', safe);
    return safe;
  }
}
