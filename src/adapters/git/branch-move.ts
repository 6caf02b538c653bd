import * as fs from 'node:fs';
import { join } from 'node:path';
import type { Saved } from '../../domain/product.ts';
import type { Place } from '../../domain/workspace.ts';
import { isCode, readSmall } from './beside.ts';
import { contains } from './merge-tree.ts';
import { gitResult, GitError } from './run.ts';
import { copyIndex } from './snapshot.ts';
import { branchRefOf, type Standing } from './standing.ts';
import { userOf } from './trash/users.ts';

/** Ms after which a lock of ours cannot be anybody's any more: it is held for less than a second. */
const STALE = 60_000;

interface Move {
  place: Place;
  standing: Standing;
  /** Commit that the attempt began on. */
  began: string;
  commit: string;
  ref: string;
  snapshot: string;
  unfinished: boolean;
}

/**
 * Keeps a snapshot under its ref, always; and moves the task's branch to the commit where that is a step forwards that
 * nobody else could be surprised by.
 */
export async function keepUnderRefs(move: Move): Promise<Saved['on']> {
  const { place, standing, commit, ref, snapshot, unfinished } = move;
  const branch = branchRefOf(place);
  const kept = `update ${ref}\0${snapshot}\0\0`;
  const forward = branch !== null && standing.tip !== commit && (await mayMove(move, branch));
  if (forward) {
    const old = standing.tip ?? '0'.repeat(commit.length);
    const both = await update(move, `${kept}update ${branch}\0${commit}\0${old}\0`);
    if (both.code === 0) return 'branch';
    // Somebody else holds or has moved the branch: what counts is that the work is kept.
  }
  if (standing.kept !== snapshot) {
    const first = await update(move, kept);
    const alone = first.code !== 0 && unlock(move) ? await update(move, kept) : first;
    if (alone.code !== 0) throw new GitError(['update-ref', ref], alone);
  }
  if (unfinished) return 'unfinished';
  return branch !== null && standing.tip === commit ? 'branch' : 'aside';
}

/** Old values stay in a log: a ref that is moved once more loses nothing. */
const update = ({ place: { repository }, standing: { own } }: Move, input: string) =>
  gitResult(
    { cwd: repository, gitDir: own ?? repository },
    ['update-ref', '-m', 'tend: saved', '--create-reflog', '-z', '--stdin'],
    { input },
  );

/** Nobody but us writes this ref: a lock that is old was left by a save that was killed. */
function unlock({ place: { repository }, ref }: Move): boolean {
  const lock = join(repository, `${ref}.lock`);
  const age = Date.now() - (fs.statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  if (age < STALE) return false;
  fs.rmSync(lock, { force: true });
  return true;
}

async function mayMove(
  { place, standing, began, commit, unfinished }: Move,
  branch: string,
): Promise<boolean> {
  if (unfinished) return false;
  const checkedOut = standing.symbolic === branch;
  if (checkedOut ? place.kind === 'in_place' : isCheckedOut(place, branch, standing.own))
    return false;
  const from = standing.tip ?? began;
  if (from === standing.parent || from === commit) return true;
  return contains({ cwd: place.repository, gitDir: place.repository }, commit, from);
}

/** Whether another work tree shows the branch: it would seem to have changed there. */
function isCheckedOut({ repository }: Place, branch: string, own: string | null): boolean {
  const others = join(repository, 'worktrees');
  const folders = fs.existsSync(others)
    ? fs.readdirSync(others).map((name) => join(others, name))
    : [];
  return [repository, ...folders].some(
    (folder) => folder !== own && readSmall(join(folder, 'HEAD'))?.trim() === `ref: ${branch}`,
  );
}

/**
 * Makes `index` the one of the work tree at `root`, by git's own rules: whoever holds its lock is not disturbed, and the
 * old index stays (which is behind then, but not wrong).
 */
export async function installIndex(own: string, root: string, index: string): Promise<void> {
  const lock = join(own, 'index.lock');
  if (!isFree(lock) && !(await setAside(lock, own, root))) return;
  try {
    const real = join(own, 'index');
    const mode = fs.statSync(real, { throwIfNoEntry: false })?.mode ?? 0o644;
    copyIndex(index, lock);
    fs.chmodSync(lock, mode & 0o777);
    fs.renameSync(lock, real);
  } catch (error) {
    fs.rmSync(lock, { force: true });
    throw error;
  }
}

/** Takes the lock, unless somebody has it. */
function isFree(lock: string): boolean {
  try {
    fs.writeFileSync(lock, '', { flag: 'wx' });
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** A lock that no process can be behind was left by one that was killed: it is kept under another name. */
async function setAside(lock: string, own: string, root: string): Promise<boolean> {
  // Only there it is known who uses what.
  if (!fs.existsSync('/proc/self')) return false;
  if ((await userOf(root)) !== null || (await userOf(own)) !== null) return false;
  fs.renameSync(lock, join(own, 'index.left'));
  return isFree(lock);
}
