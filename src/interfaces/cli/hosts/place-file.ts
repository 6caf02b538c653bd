/** Files of other programs: read with care, replaced in one step, links and modes kept. */
import * as fs from 'node:fs';
import { dirname, join, relative, isAbsolute } from 'node:path';
import { Refused } from './refused.ts';

export interface Found {
  /** What is really written: the end of all links. */
  target: string;
  /** null = there is no file. */
  text: string | null;
  mode: number | null;
}

/** No configuration is larger, bytes. */
const LARGEST = 64 * 1024 * 1024;

/** Throws Refused where it is nothing that may be written; `inside` = links must not lead out of that folder. */
export function look(path: string, inside: string | null): Found {
  const target = targetOf(path);
  if (inside !== null) refuseOutside(target, inside);
  const found = fs.statSync(target, { throwIfNoEntry: false });
  if (found === undefined) return { target, text: null, mode: null };
  if (!found.isFile()) throw new Refused('it is no regular file');
  if (found.size > LARGEST) throw new Refused(`it has more than ${LARGEST} bytes`);
  const uid = process.getuid?.();
  if (uid !== undefined && found.uid !== uid)
    throw new Refused(`it belongs to user ${found.uid}, not to you (user ${uid})`);
  const bytes = readable(target);
  const text = bytes.toString('utf8');
  if (!Buffer.from(text).equals(bytes)) throw new Refused('it is not valid UTF-8');
  return { target, text, mode: found.mode & 0o777 };
}

function readable(path: string): Buffer {
  try {
    return fs.readFileSync(path);
  } catch (error) {
    throw new Refused(`it cannot be read: ${(error as Error).message}`);
  }
}

function targetOf(path: string): string {
  const found = fs.lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return path;
  try {
    return found.isSymbolicLink() ? fs.realpathSync(path) : path;
  } catch {
    throw new Refused('it is a link that leads nowhere');
  }
}

/** A repository must not make us write elsewhere. */
function refuseOutside(path: string, folder: string): void {
  let at = path;
  while (!fs.existsSync(at)) at = dirname(at);
  const way = relative(fs.realpathSync(folder), fs.realpathSync(at));
  if (way.startsWith('..') || isAbsolute(way)) throw new Refused(`it leads out of ${folder}`);
}

/** Puts the text in the file's place, if it is still as it was found; null takes the file away. */
export function put(found: Found, next: string | null, isPrivate: boolean): void {
  const { target, text, mode } = found;
  const now = fs.existsSync(target) ? readable(target).toString('utf8') : null;
  if (now !== text) throw new Refused('it was changed meanwhile; call tend integrate again');
  if (next === null) return fs.rmSync(target, { force: true });
  const folder = dirname(target);
  fs.mkdirSync(folder, { recursive: true, ...(isPrivate && { mode: 0o700 }) });
  const draft = join(folder, `.tend-${process.pid}-${Date.now().toString(36)}`);
  try {
    const file = fs.openSync(draft, 'wx', isPrivate ? 0o600 : 0o666);
    try {
      fs.writeFileSync(file, next);
      if (mode !== null) fs.fchmodSync(file, mode);
      fs.fsyncSync(file);
    } finally {
      fs.closeSync(file);
    }
    fs.renameSync(draft, target);
  } catch (error) {
    fs.rmSync(draft, { force: true });
    throw new Refused(`it cannot be written: ${(error as Error).message}`);
  }
}

/** Takes those folders away that hold nothing any more, the innermost first. */
export function removeEmptyFolders(folders: readonly string[]): void {
  for (const folder of [...new Set(folders)].toSorted((a, b) => b.length - a.length)) {
    try {
      fs.rmdirSync(folder);
    } catch {
      continue;
    }
  }
}

/** The folders that will have to be made for a file, the innermost first. */
export function missingFolders(path: string): string[] {
  const missing: string[] = [];
  for (let at = dirname(path); !fs.existsSync(at); at = dirname(at)) missing.push(at);
  return missing;
}
