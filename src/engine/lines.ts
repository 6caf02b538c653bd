/** Lines longer than this (bytes) are not looked into: memory stays bounded whatever an agent prints. */
export const LONGEST_LINE = 16 * 1024 * 1024;

export interface Line {
  /** Of its first byte in the stream. */
  offset: number;
  /** Without its newline, invalid UTF-8 replaced; null = too long to be looked into. */
  text: string | null;
}

const NEWLINE = 10;

/** Cuts a stream of bytes into lines, however the bytes arrive. */
export class Lines {
  #offset: number;
  #parts: Buffer[] = [];
  #pending = 0;

  /** `offset` = where in the stream the first byte stands. */
  constructor(offset = 0) {
    this.#offset = offset;
  }

  /** The lines that `chunk` completes. */
  push(chunk: Uint8Array): Line[] {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const lines: Line[] = [];
    let from = 0;
    for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, from)) {
      lines.push(this.#line(bytes.subarray(from, at), 1));
      from = at + 1;
    }
    this.#keep(bytes.subarray(from));
    return lines;
  }

  /** What stands after the last newline, as a line, when the stream has ended; null = nothing. */
  end(): Line | null {
    return this.#pending === 0 ? null : this.#line(Buffer.alloc(0), 0);
  }

  /** Where the next line begins. */
  get offset(): number {
    return this.#offset;
  }

  #keep(rest: Buffer): void {
    if (rest.length === 0) return;
    this.#pending += rest.length;
    // Copied: the chunk belongs to the caller, who may fill it again.
    if (this.#pending <= LONGEST_LINE) this.#parts.push(Buffer.from(rest));
    else this.#parts = [];
  }

  #line(last: Buffer, newline: 0 | 1): Line {
    const offset = this.#offset;
    const length = this.#pending + last.length;
    this.#offset += length + newline;
    const whole = this.#pending === 0 ? last : Buffer.concat([...this.#parts, last]);
    this.#parts = [];
    this.#pending = 0;
    return { offset, text: length > LONGEST_LINE ? null : whole.toString('utf8') };
  }
}
