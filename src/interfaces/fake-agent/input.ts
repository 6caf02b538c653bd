/** Stdin, as far as it is asked for. */
export class Input {
  #rest = '';
  #chunks: AsyncIterator<string> | null = null;

  /** All that is left; returns when stdin has ended. */
  async end(): Promise<string> {
    while (await this.#more());
    const text = this.#rest;
    this.#rest = '';
    return text;
  }

  /** The next line without its newline; what stands before the end is one, too. Null = stdin has ended. */
  async line(): Promise<string | null> {
    while (!this.#rest.includes('\n') && (await this.#more()));
    if (this.#rest === '') return null;
    const [line = '', ...others] = this.#rest.split('\n');
    this.#rest = others.join('\n');
    return line;
  }

  async #more(): Promise<boolean> {
    this.#chunks ??= process.stdin.setEncoding('utf8').iterator({ destroyOnReturn: false });
    const next = await this.#chunks.next();
    if (next.done === true) return false;
    this.#rest += next.value;
    return true;
  }
}
