import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { isCode } from './beside.ts';
import { entriesOf, exists, listOf, type Entry } from './entries.ts';
import { besideOf } from './place.ts';
import { git, gitResult, GitError, type At, type GitResult } from './run.ts';
import { makeReadable } from './unreadable.ts';

/** Temporary indexes of one save: files of ours, none of them in a work tree. */
export interface Desk {
  /** Path of a new temporary index. */
  index: (what: 'index' | 'kept' | 'staged' | 'nested') => string;
  /** Takes them all away, and what an earlier save left that was killed. */
  clear: () => void;
}

/** Where the temporary indexes of a save lie. */
export function deskOf(state: string, repository: string, taskId: string, number: number): Desk {
  const mine = `save.${taskId}.${number}.`;
  const folder = dirname(besideOf(state, repository, mine, 'index'));
  const clear = (): void => {
    for (const name of fs.readdirSync(folder))
      if (name.startsWith(mine)) fs.rmSync(join(folder, name), { force: true });
  };
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  clear();
  return { clear, index: (what) => join(folder, `${mine}${randomUUID()}.${what}`) };
}

/** Everything in the work tree, as git would commit it. */
export interface Everything {
  tree: string;
  /** Index of `tree`, ready to become the one of the work tree; null = the work tree's own says the same. */
  index: string | null;
  /** The temporary index, whatever it is good for. */
  made: string;
  /** Conflicts were not resolved. */
  unmerged: boolean;
}

export interface Taking {
  /** Puts what lies in nested repositories into the index that `at` names. */
  nested: ((at: At, listed: readonly Entry[], added: GitResult) => Promise<void>) | null;
  /** What git was told not to look at is not looked at. */
  trustFlags: boolean;
  /** No filter runs: its settings were in the hands of whoever worked there. */
  plain?: boolean;
}

const SPARSE = 'info/sparse-checkout';

/** What makes `git add` give up: of no use to what only wants to keep. */
const KEEPING = ['-c', 'core.safecrlf=false', '-c', 'core.splitIndex=false'];

/**
 * Makes a tree of all that is tracked or new, through a temporary index: what is wrong with the real one is in
 * nobody's way, and files that it knows are not read again.
 */
export async function everythingIn(
  at: At,
  desk: Desk,
  parent: string | null,
  taking: Taking,
): Promise<Everything> {
  const own = at.index ?? (at.gitDir === undefined ? null : join(at.gitDir, 'index'));
  const index = desk.index('index');
  const used = own !== null && copyIndex(own, index) && (await filled(at, index, own, taking));
  if (used) return used;
  await afresh(at, index, parent);
  const made = await filled(at, index, index, taking);
  if (made === null) throw new Error(`git could not make a tree of ${at.workTree ?? at.cwd}`);
  return made;
}

/** Null = that index cannot be used. `source` is the same index before anything is added to it. */
async function filled(
  at: At,
  index: string,
  source: string,
  { nested, trustFlags, plain = false }: Taking,
): Promise<Everything | null> {
  const mine = { ...at, index };
  const before = fs.statSync(index);
  const alone = source === index;
  // The one that is to be filled can only be read first.
  const early = alone ? await entriesOf(mine) : null;
  if (early !== null) await leaveOut(mine, early);
  const [listed, first] = await Promise.all([
    early ?? entriesOf({ ...at, index: source }),
    addAll(mine, plain),
  ]);
  if (listed === null || first === null) return null;
  const hidden = trustFlags ? [] : await stillIn(mine, hiddenIn(at, listed));
  if (hidden.length > 0) await show(mine, hidden);
  const again = hidden.length > 0 ? await addAll(mine, plain) : null;
  const seen = again === null ? first : both(first, again);
  const added = trustFlags ? seen : await withUnreadable(mine, seen, plain);
  await nested?.(mine, listed, added.result);
  const made = await gitResult(mine, [...added.settings, 'write-tree']);
  if (made.code !== 0 && !alone) return null;
  if (made.code !== 0) throw new GitError(['write-tree'], made);
  const after = fs.statSync(index);
  const same = !alone && after.mtimeMs === before.mtimeMs && after.ino === before.ino;
  return {
    tree: made.stdout.toString().trim(),
    index: same ? null : index,
    made: index,
    unmerged: listed.some(({ unmerged }) => unmerged),
  };
}

/**
 * False = there is none. The copy must not be younger than the original: files that changed in the moment after it
 * was written are recognised by its time.
 */
export function copyIndex(from: string, to: string): boolean {
  try {
    const { mtimeMs } = fs.statSync(from);
    fs.copyFileSync(from, to, fs.constants.COPYFILE_FICLONE);
    fs.chmodSync(to, 0o600);
    const time = Math.floor(mtimeMs) / 1000 - 0.001;
    fs.utimesSync(to, time, time);
    return true;
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES')) return false;
    throw error;
  }
}

/** An index with what `parent` tracks: what is ignored now but tracked stays so. */
async function afresh(at: At, index: string, parent: string | null): Promise<void> {
  fs.rmSync(index, { force: true });
  await git({ ...at, index }, ['read-tree', ...(parent === null ? ['--empty'] : [parent])]);
}

/** A fresh index of a sparse checkout does not know what is not checked out: that is not taken for deleted. */
async function leaveOut(at: At, entries: readonly Entry[]): Promise<void> {
  const { gitDir, workTree } = at;
  if (gitDir === undefined || workTree === undefined || !fs.existsSync(join(gitDir, SPARSE)))
    return;
  const absent = entries.filter(({ path }) => !exists(workTree, path));
  await git(at, ['update-index', '--skip-worktree', '-z', '--stdin'], {
    input: listOf(absent.map(({ path }) => path)),
  });
}

interface Added {
  result: GitResult;
  /** What it took, for whatever else is done with the same index. */
  settings: readonly string[];
}

/** What `git add` could not take is left out (exit code 1); null = the index cannot be used. */
async function addAll(at: At, plain: boolean): Promise<Added | null> {
  const args = ['add', '-A', '--sparse', '--ignore-errors'];
  const settings = plain ? [...KEEPING, ...(await withoutFilters(at))] : KEEPING;
  const result = await gitResult(at, [...settings, ...args]);
  if (result.code <= 1) return { result, settings };
  // A filter that does not work: what stands there is kept as it is.
  if (!plain && /filter/.test(result.stderr)) return addAll(at, true);
  return refused(args, result);
}

/** What the first one said of nested repositories, the second does not say again. */
const both = (first: Added, second: Added): Added => ({
  settings: second.settings,
  result: {
    code: Math.max(first.result.code, second.result.code),
    stdout: second.result.stdout,
    stderr: first.result.stderr + second.result.stderr,
  },
});

/** What the work made unreadable for its own owner is read all the same. */
async function withUnreadable(at: At, added: Added, plain: boolean): Promise<Added> {
  if (at.workTree === undefined || !added.result.stderr.includes('Permission denied')) return added;
  const close = await makeReadable(at.workTree);
  try {
    const again = await addAll(at, plain);
    return again === null ? added : both(added, again);
  } finally {
    close();
  }
}

/** With a full disk, another index is no better. */
function refused(args: readonly string[], result: GitResult): null {
  if (/No space left|unable to write|insufficient permission/i.test(result.stderr))
    throw new GitError(args, result);
  return null;
}

/** Settings with which every filter leaves files as they are. */
export async function withoutFilters(at: At): Promise<string[]> {
  const { stdout } = await gitResult(at, [
    'config',
    '--name-only',
    '-z',
    '--get-regexp',
    '^filter\\.',
  ]);
  return stdout
    .toString()
    .split('\0')
    .flatMap((name) => {
      if (/\.(?:clean|process)$/.test(name)) return ['-c', `${name}=`];
      return name.endsWith('.required') ? ['-c', `${name}=false`] : [];
    });
}

/** Files that git was told not to look at, though they are there. */
const hiddenIn = ({ workTree }: At, entries: readonly Entry[]): Entry[] =>
  entries.filter(
    ({ flag, path }) =>
      flag !== flag.toUpperCase() ||
      (flag === 'S' && workTree !== undefined && exists(workTree, path)),
  );

/** A folder may have taken the name of one. */
async function stillIn(at: At, hidden: readonly Entry[]): Promise<readonly Entry[]> {
  if (hidden.length === 0) return hidden;
  const known = new Set((await entriesOf(at))?.map(({ path }) => path));
  return hidden.filter(({ path }) => known.has(path));
}

async function show(at: At, entries: readonly Entry[]): Promise<void> {
  const input = listOf(entries.map(({ path }) => path));
  await git(at, ['update-index', '--no-assume-unchanged', '-z', '--stdin'], { input });
  await git(at, ['update-index', '--no-skip-worktree', '-z', '--stdin'], { input });
}
