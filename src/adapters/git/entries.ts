import * as fs from 'node:fs';
import { isCode } from './beside.ts';
import { bytesOf } from './changes.ts';
import { git, gitResult, GitError, type At } from './run.ts';

/** An entry of an index, its path as bytes (latin1). */
export interface Entry {
  /** As `ls-files -v` has it: in small letters what git was told not to look at, `S` what is not checked out. */
  flag: string;
  mode: string;
  blob: string;
  unmerged: boolean;
  path: string;
}

const GITLINK = '160000';

export const isGitlink = ({ mode }: Pick<Entry, 'mode'>): boolean => mode === GITLINK;

/** Null = it cannot be read. */
export async function entriesOf(at: At): Promise<Entry[] | null> {
  const { code, stdout } = await gitResult(at, ['ls-files', '-s', '-v', '-z']);
  if (code !== 0) return null;
  const entries: Entry[] = [];
  for (const line of stdout.toString('latin1').split('\0')) {
    const tab = line.indexOf('\t');
    if (tab < 0) continue;
    const [flag = '', mode = '', blob = '', stage = ''] = line.slice(0, tab).split(' ');
    entries.push({ flag, mode, blob, unmerged: stage !== '0', path: line.slice(tab + 1) });
  }
  return entries;
}

/** Most times that it is tried again without what git refuses. */
const MOST_TRIES = 100;

/** Puts files into an index, wherever they lie: one that git refuses is left out. */
export async function put(at: At, files: readonly string[]): Promise<void> {
  const args = ['update-index', '--add', '--remove', '--replace', '-z', '--stdin'];
  const open = [files];
  let tries = 0;
  for (let some = open.pop(); some !== undefined && tries < MOST_TRIES; some = open.pop()) {
    if (some.length === 0) continue;
    const result = await gitResult(at, args, { input: listOf(some) });
    if (result.code === 0) continue;
    if (/No space left/i.test(result.stderr)) throw new GitError(args, result);
    tries += 1;
    const half = some.length >> 1;
    if (some.length > 1) open.push(some.slice(0, half), some.slice(half));
  }
}

/** Takes entries out of an index; what they stand for stays where it is. `like` is an id, as long as they are here. */
export async function drop(at: At, paths: readonly string[], like: string): Promise<void> {
  const none = '0'.repeat(like.length);
  const input = bytesOf(paths.map((path) => `0 ${none}\t${path}\0`).join(''));
  await git(at, ['update-index', '-z', '--index-info'], { input });
}

/** Paths as git takes them with `-z`. */
export const listOf = (paths: readonly string[]): Buffer =>
  bytesOf(paths.map((path) => `${path}\0`).join(''));

/** Whether something stands at a path given as bytes (latin1) below a folder. */
export const exists = (folder: string, path: string): boolean => statOf(folder, path) !== null;

/** Of what stands at a path given as bytes (latin1), links not followed; null = nothing does. */
export function statOf(folder: string, path: string): fs.Stats | null {
  try {
    return fs.lstatSync(absolute(folder, path), { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if (isCode(error, 'ENOTDIR', 'EACCES', 'ELOOP', 'ENAMETOOLONG')) return null;
    throw error;
  }
}

/** Path as bytes of what has a path of bytes (latin1) below a folder. */
export const absolute = (folder: string, path: string): Buffer =>
  Buffer.concat([Buffer.from(`${folder}/`), bytesOf(path)]);
