import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { dirname } from 'node:path';

export const isCode = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code));

/** Of a small file of ours; null = there is none. */
export function readSmall(file: string): string | null {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
}

/** A file that is not there yet, in a folder that only this user can enter. */
export function writeNew(file: string, text: string): void {
  fs.mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  fs.writeFileSync(file, text, { mode: 0o600, flag: 'wx', flush: true });
}

/** Whoever reads the file finds it whole, as it was or as it is now. */
export function writeSmall(file: string, text: string): void {
  const aside = `${file}.${randomUUID()}`;
  writeNew(aside, text);
  try {
    fs.renameSync(aside, file);
  } catch (error) {
    fs.unlinkSync(aside);
    throw error;
  }
}

/** Nothing when it is gone already. */
export function unlinkSmall(file: string): void {
  try {
    fs.unlinkSync(file);
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
  }
}
