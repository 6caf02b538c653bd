/** What integrations made in files of others, so that undoing takes away no more than that. */
import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { isObject } from './host.ts';

export interface Made {
  /** Objects and lists that were made for us, by their paths. */
  created: string[][];
  /** There was no such file. */
  file: boolean;
  /** There were no such folders, the innermost first. */
  folders: string[];
}

const NOTHING: Made = { created: [], file: false, folders: [] };

const strings = (given: unknown): string[] =>
  Array.isArray(given) ? given.filter((one) => typeof one === 'string') : [];

/** All of it, by file; what cannot be read counts as nothing. */
function readAll(path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(fs.readFileSync(path, 'utf8'));
    return isObject(value) ? { ...value } : {};
  } catch {
    return {};
  }
}

export function madeIn(path: string, file: string): Made {
  const found = readAll(path)[file];
  if (!isObject(found)) return NOTHING;
  const created = Array.isArray(found['created']) ? found['created'].map(strings) : [];
  return { created, file: found['file'] === true, folders: strings(found['folders']) };
}

/** Adds to what is known of a file; null forgets it. */
export function noteMade(path: string, file: string, more: Made | null): void {
  const all = readAll(path);
  const had = madeIn(path, file);
  delete all[file];
  if (more !== null)
    all[file] = {
      created: [...had.created, ...more.created],
      file: had.file || more.file,
      folders: more.folders.length > 0 ? more.folders : had.folders,
    };
  if (Object.keys(all).length === 0) return fs.rmSync(path, { force: true });
  fs.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}`;
  fs.writeFileSync(draft, `${JSON.stringify(all, null, 1)}\n`, { mode: 0o600 });
  fs.renameSync(draft, path);
}
