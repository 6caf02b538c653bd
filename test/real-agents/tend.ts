import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { Place } from './place.ts';

const BIN = join(import.meta.dirname, '../../bin/tend.cjs');

export interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The built command line in a place, with nothing on stdin and no terminal. */
export class Tend {
  readonly #place: Place;

  constructor(place: Place) {
    this.#place = place;
  }

  async run(args: readonly string[]): Promise<Result> {
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd: this.#place.repository,
      env: this.#place.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number | null]>,
    ]);
    return { code, stdout, stderr };
  }

  /** The one JSON value that it prints, whatever its exit code is. */
  async json<T>(args: readonly string[]): Promise<{ value: T; code: number | null }> {
    const { code, stdout, stderr } = await this.run(args);
    const value = parsed(stdout);
    if (value === null || 'error' in value)
      throw new Error(`tend ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`);
    return { value: value as T, code };
  }

  /** The values of a stream of JSON lines. */
  async lines<T>(args: readonly string[]): Promise<T[]> {
    const { code, stdout, stderr } = await this.run(args);
    if (code !== 0) throw new Error(`tend ${args.join(' ')} ended with ${code}: ${stderr}`);
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as T);
  }
}

function parsed(text: string): object | null {
  try {
    return JSON.parse(text) as object;
  } catch {
    return null;
  }
}

/** Resolves once `look` answers something; fails after `cap` ms, naming `what`. */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  cap = 30_000,
): Promise<NonNullable<T>> {
  for (const end = Date.now() + cap; ; await delay(50)) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`not within ${cap} ms: ${what}`);
  }
}
