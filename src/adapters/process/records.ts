import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { promisify } from 'node:util';
import { isCode } from './folders.ts';

const { O_RDONLY, O_NOFOLLOW, O_WRONLY, O_CREAT, O_EXCL, O_TRUNC } = fs.constants;
const fsync = promisify(fs.fsync);
const block = Buffer.allocUnsafe(4096);

/** A small file and its last change (epoch ms). */
export interface SmallFile {
  text: string;
  changedAt: number;
}

/** At most the first 4 KB; null when there is no such file. A link is an error (ELOOP). */
export function readSmall(path: string): SmallFile | null {
  // Mostly there is none, and an exception costs more than a look.
  const found = fs.lstatSync(path, { throwIfNoEntry: false });
  const fd = found === undefined ? null : openToRead(path);
  if (found === undefined || fd === null) return null;
  try {
    const length = fs.readSync(fd, block, 0, block.length, 0);
    return { text: block.toString('utf8', 0, length), changedAt: Math.floor(found.mtimeMs) };
  } finally {
    fs.closeSync(fd);
  }
}

/** Null when there is no such file. */
export function openToRead(path: string): number | null {
  try {
    return fs.openSync(path, O_RDONLY | O_NOFOLLOW);
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return null;
    throw error;
  }
}

const draftOf = (path: string): string => `${path}.${randomBytes(6).toString('hex')}`;

function writeTo(path: string, text: string, mode: number): number {
  const fd = fs.openSync(path, O_WRONLY | O_CREAT | O_NOFOLLOW | mode, 0o600);
  try {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length;) at += fs.writeSync(fd, bytes, at);
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
  return fd;
}

/** For a file that nobody reads yet. */
export function writePlain(path: string, text: string): void {
  fs.closeSync(writeTo(path, text, O_TRUNC));
}

/** Whole or not at all, also after a power loss; replaces what was there. */
export async function writeDurable(path: string, text: string): Promise<void> {
  const draft = draftOf(path);
  const fd = writeTo(draft, text, O_EXCL);
  try {
    await fsync(fd);
    fs.renameSync(draft, path);
  } catch (error) {
    fs.rmSync(draft, { force: true });
    throw error;
  } finally {
    fs.closeSync(fd);
  }
}

/** Whole or not at all, and never over a file that exists: true when it is ours. */
export function writeOnce(path: string, text: string): boolean {
  const draft = draftOf(path);
  try {
    fs.closeSync(writeTo(draft, text, O_EXCL));
    fs.linkSync(draft, path);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    fs.rmSync(draft, { force: true });
  }
}
