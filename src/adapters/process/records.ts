import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { promisify } from 'node:util';
import { isCode } from './folders.ts';

const { O_RDONLY, O_NOFOLLOW, O_WRONLY, O_CREAT, O_EXCL } = fs.constants;
const fsync = promisify(fs.fsync);
const block = Buffer.allocUnsafe(4096);

/** A small file and its last change (epoch ms). */
export interface SmallFile {
  text: string;
  changedAt: number;
}

/** At most the first 4 KB; null when there is no such file. A link is an error (ELOOP). */
export function readSmall(path: string): SmallFile | null {
  const fd = openToRead(path);
  if (fd === null) return null;
  try {
    const length = fs.readSync(fd, block, 0, block.length, 0);
    const changedAt = Math.floor(fs.fstatSync(fd).mtimeMs);
    return { text: block.toString('utf8', 0, length), changedAt };
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

const fresh = (path: string): string => `${path}.${randomBytes(6).toString('hex')}`;

function writeFresh(path: string, text: string): number {
  const fd = fs.openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length;) at += fs.writeSync(fd, bytes, at);
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
  return fd;
}

/** Whole or not at all, also after a power loss; replaces what was there. */
export async function writeDurable(path: string, text: string): Promise<void> {
  const draft = fresh(path);
  const fd = writeFresh(draft, text);
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

/** Whole or not at all; replaces what was there. */
export function writeWhole(path: string, text: string): void {
  const draft = fresh(path);
  fs.closeSync(writeFresh(draft, text));
  fs.renameSync(draft, path);
}

/** Whole or not at all, and never over a file that exists: true when it is ours. */
export function writeOnce(path: string, text: string): boolean {
  const draft = fresh(path);
  try {
    fs.closeSync(writeFresh(draft, text));
    fs.linkSync(draft, path);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    fs.rmSync(draft, { force: true });
  }
}
