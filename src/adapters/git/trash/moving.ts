import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { TendError } from '../../../domain/errors.ts';
import { git, GitError, gitResult } from '../run.ts';
import { deleteFolder } from './deletion.ts';
import { commitAt, dropBranch, dropMerged, recreate } from './kept.ts';
import { type Entry, exists, forget, record, syncFolder, treeOf } from './manifest.ts';
import { adminOf, follow, inside, lock, registered, unlock, unregister } from './registration.ts';

/** Folders of the trash with which this process is busy: nothing was left behind there. */
const underWay = new Set<string>();

async function busy(entry: Entry, act: () => Promise<void>): Promise<void> {
  underWay.add(entry.folder);
  try {
    await act();
  } finally {
    underWay.delete(entry.folder);
  }
}

/** Takes the work tree away. Each step may be the last one, and is done again by `settle`. */
export const take = (entry: Entry): Promise<void> =>
  busy(entry, async () => {
    await record(entry);
    await move(entry.path, treeOf(entry));
    // It is away, whatever git says to that: what is left to be done is tried again.
    await settleTaken(entry).catch(passing);
  });

function passing(error: unknown): void {
  if (!(error instanceof GitError)) throw error;
}

/** Brings the work tree back, likewise. Throws TendError `protected` when something stands there now. */
export async function bring(entry: Entry): Promise<void> {
  const { path } = entry;
  if (exists(path))
    throw new TendError(
      'protected',
      `${path} is taken: something else stands there now`,
      `The work tree is kept in ${treeOf(entry)}. Move away what stands there, then say it again.`,
    );
  await busy(entry, async () => {
    await record({ ...entry, phase: 'restoring' });
    fs.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    await move(treeOf(entry), path);
    await settleBrought(entry).catch(passing);
  });
}

/** Deletes the work tree for good, likewise. */
export const destroy = (state: string, entry: Entry): Promise<void> =>
  busy(entry, async () => {
    await record({ ...entry, phase: 'purging' });
    await deleteFolder(state, entry.folder, 'tree');
    await unregister(entry.repository, treeOf(entry));
    if (exists(entry.repository)) await dropMerged(entry.repository, entry.taskId);
    forget(entry);
  });

/** Finishes what was under way when an earlier daemon died. */
export async function settle(state: string, entry: Entry): Promise<void> {
  if (underWay.has(entry.folder)) return;
  const isHere = exists(treeOf(entry));
  if (entry.phase === 'purging') return destroy(state, entry);
  if (entry.phase === 'putting') return isHere ? settleTaken(entry) : forget(entry);
  if (entry.phase !== 'restoring') return;
  if (!isHere) return settleBrought(entry);
  return settleTaken(entry);
}

/** A rename: what stands there is whole in one place or in the other. */
async function move(from: string, to: string): Promise<void> {
  fs.renameSync(from, to);
  await syncFolder(dirname(to));
  await syncFolder(dirname(from));
}

async function settleTaken(entry: Entry): Promise<void> {
  const { repository, path, branch, branchTip, taskId } = entry;
  const tree = treeOf(entry);
  if (exists(repository)) {
    if (await follow(repository, path, tree)) await lay(entry, tree);
    // Its own records of it are gone, or useless: they would only be in the way of a new work tree there.
    else if (!exists(path)) await unregister(repository, path);
    const isOurs = branch !== null && isNamedAfter(branch, taskId);
    if (isOurs && branchTip !== null && !(await isCheckedOut(repository, branch)))
      await dropBranch(repository, branch, branchTip);
  }
  await record({ ...entry, phase: 'kept' });
}

/** Only these are ever taken away: others have names that somebody chose. */
const isNamedAfter = (branch: string, taskId: string): boolean =>
  branch === `tend/${taskId}` || new RegExp(`^tend/${taskId}-\\d+$`).test(branch);

async function isCheckedOut(repository: string, branch: string): Promise<boolean> {
  const own = (await gitResult(inside(repository), ['symbolic-ref', '-q', 'HEAD'])).stdout;
  if (own.toString().trim() === `refs/heads/${branch}`) return true;
  return (await registered(repository)).some((one) => one.branch === branch);
}

/** In the trash it holds no branch, and no clean-up of git's own touches it. */
async function lay({ repository, tip, onBranch }: Entry, tree: string): Promise<void> {
  const gitDir = await adminOf(repository, tree);
  if (gitDir === null) return;
  await lock(repository, tree);
  if (onBranch && tip !== null)
    await git({ cwd: tree, gitDir }, ['update-ref', '--no-deref', 'HEAD', tip]);
}

async function settleBrought(entry: Entry): Promise<void> {
  const { repository, path, branch, branchTip, tip, onBranch } = entry;
  if (exists(repository) && exists(path)) {
    if (branch !== null && branchTip !== null) await recreate(repository, branch, branchTip);
    if (await follow(repository, treeOf(entry), path)) {
      await unlock(repository, path);
      const gitDir = await adminOf(repository, path);
      const ref = `refs/heads/${branch}`;
      const isThere = tip !== null && (await commitAt(inside(repository), ref)) === tip;
      if (gitDir !== null && branch !== null && onBranch && isThere)
        if (!(await isCheckedOut(repository, branch)))
          await git({ cwd: path, gitDir }, ['symbolic-ref', 'HEAD', ref]);
    }
  }
  forget(entry);
}
