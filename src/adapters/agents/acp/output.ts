import * as fs from 'node:fs';
import type { HolderEvent } from './line.ts';

/** How long a full pipe is given to empty before the next try (ms). */
const FULL = 5;

/** Prints one thing that happened, whole before it returns; throws when the disk does not take it. */
export function print(event: HolderEvent): void {
  writeAll(1, `${JSON.stringify({ acp: 1, ...event })}\n`);
}

/** Writes to stderr what can be written; whoever is ending has nobody else to tell. */
export function complain(message: string): void {
  try {
    writeAll(2, `${message}\n`);
  } catch {
    // Then the exit code has to do.
  }
}

function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length;) done += writeSome(file, bytes, done);
}

function writeSome(file: number, bytes: Buffer, from: number): number {
  try {
    return fs.writeSync(file, bytes, from);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL);
    return 0;
  }
}
