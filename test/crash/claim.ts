import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from './home.ts';

export const attemptFolder = (home: Home, id: string, number = 1): string =>
  join(home.state, 'tasks', id, String(number));

export const claimPath = (home: Home, id: string): string => join(attemptFolder(home, id), 'claim');

/** Who claimed the first attempt of a task; null when nobody has yet. */
export function wrapperOf(home: Home, id: string): number | null {
  const path = claimPath(home, id);
  const [, pid] = existsSync(path) ? (/^(\d+) /.exec(readFileSync(path, 'utf8')) ?? []) : [];
  return pid === undefined ? null : Number(pid);
}
