import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { size } from './inspect.ts';

/** Up to here a check costs a fraction of a second, so it is always made (bytes). */
const CHEAP = 32 * 2 ** 20;

const mark = (path: string): string => `${path}-suspect`;

/** Whether the file must be checked: it is small, or it was not closed in order, or it failed in use. */
export const isDoubted = (path: string): boolean =>
  size(path) <= CHEAP || size(`${path}-wal`) > 0 || existsSync(mark(path));

/** Reads every page once. Throws SqliteError `SQLITE_CORRUPT`. */
export function check(db: Database.Database): void {
  const verdict = String(db.pragma('quick_check(1)', { simple: true }));
  if (verdict !== 'ok') throw new Database.SqliteError(verdict, 'SQLITE_CORRUPT');
}

/** Leaves a mark, so that the next open checks the file whatever its size. */
export function distrust(path: string): void {
  closeSync(openSync(mark(path), 'a', 0o600));
}

export const trust = (path: string): void => rmSync(mark(path), { force: true });
