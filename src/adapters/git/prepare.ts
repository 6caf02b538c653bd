import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Place, Prepared, WorkspaceSpec } from '../../domain/workspace.ts';
import { unlinkSmall } from './beside.ts';
import { lookAtCheckout } from './checkout-look.ts';
import { gitDirOf, unlockTree } from './git-dir.ts';
import { lookInPlace } from './look-in-place.ts';
import { linkFolders } from './links.ts';
import { releaseLock, takeLock } from './lock.ts';
import { besidePlace } from './place.ts';
import { explained, Refused } from './refused.ts';
import { type At, GitError } from './run.ts';
import { commonOf, mergeOf, tipOf } from './starts.ts';
import { fillSubmodules } from './submodules.ts';
import { removeScratch, settleTrash } from './trash.ts';
import { commitAt } from './trash/kept.ts';
import { adminOf } from './trash/registration.ts';
import { finish, make, stands } from './tree.ts';

type Commits = Pick<Prepared, 'base' | 'head' | 'before'>;

/** Makes the work tree of an attempt ready; see the port. */
export async function prepare(
  state: string,
  place: Place,
  spec: WorkspaceSpec,
  starts: readonly string[],
  watchCheckout: boolean,
  now: number,
): Promise<Prepared> {
  try {
    // Before anything is made: what is seen of the checkout is what stood there before the task.
    const [made, checkout] = await Promise.all([
      insisting(() => ready(state, place, spec, starts, now)),
      watchCheckout && fs.existsSync(place.checkout ?? '') ? lookAtCheckout(place) : null,
    ]);
    return { at: now, ...made, checkout, refusal: null };
  } catch (error) {
    const why = explained(error, place.path);
    if (!(why instanceof Refused)) throw why;
    giveUp(state, place);
    const start = starts[0] ?? spec.base;
    return {
      at: now,
      base: start,
      head: start,
      before: null,
      checkout: null,
      refusal: why.message,
    };
  }
}

/** Another git that comes or goes in the same moment can make this one fail in many words: it is believed the third time. */
const TRIES = 3;
/** Ms. */
const PAUSE = 150;

async function insisting<T>(act: () => Promise<T>): Promise<T> {
  for (let nth = 1; ; nth += 1)
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof GitError) || nth === TRIES) throw error;
      await pause(nth * PAUSE);
    }
}

async function ready(
  state: string,
  place: Place,
  spec: WorkspaceSpec,
  starts: readonly string[],
  now: number,
): Promise<Commits> {
  const { kind, repository } = place;
  if (!fs.existsSync(repository))
    throw new Refused(`The repository ${repository} does not exist any more.`);
  const gitDir = kind === 'in_place' ? gitDirOf(place.path) : repository;
  if (gitDir === null) throw new Refused(`${place.path} is no checkout of a repository.`);
  const holder = takeLock(state, place, gitDir);
  if (holder !== null) throw new Refused(holder);
  if (kind === 'in_place') return lookInPlace(state, place, spec, starts, gitDir, now);
  const commits = await (kind === 'checkout'
    ? freshCheckout(state, place, spec, starts)
    : workTree(state, place, spec, starts, now));
  await linkFolders(place, spec.links);
  finish(place);
  return commits;
}

/** Of a check: always made anew. */
async function freshCheckout(
  state: string,
  place: Place,
  spec: WorkspaceSpec,
  starts: readonly string[],
): Promise<Commits> {
  await removeScratch(state, place);
  const start = starts[0] ?? spec.base;
  await make(place, { start, branch: null });
  await fillSubmodules(place);
  return { base: start, head: start, before: null };
}

async function workTree(
  state: string,
  place: Place,
  spec: WorkspaceSpec,
  starts: readonly string[],
  now: number,
): Promise<Commits> {
  const { repository, branch, path } = place;
  if (branch === null) throw new RangeError('a work tree needs a branch');
  const at: At = { cwd: repository, gitDir: repository };
  await settleTrash(state);
  const isThere = await stands(state, place, now);
  const tip = await tipOf(at, branch);
  const given = starts.length === 0 ? [spec.base] : starts;
  const start = await mergeOf(at, given).catch((error: unknown) => {
    // What the branch began with was merged long ago, or is not for us to merge.
    if (tip === null || !(error instanceof Refused)) throw error;
    return given[0] ?? spec.base;
  });
  if (!isThere) {
    await make(place, { start, branch: { name: branch, isNew: tip === null } });
    await fillSubmodules(place);
  }
  const head = (isThere ? await headOf(path) : null) ?? tip ?? start;
  const base = head === start ? start : ((await commonOf(at, start, head)) ?? start);
  return { base, head, before: null };
}

/** Null = whoever worked there left it on a branch without a commit. */
const headOf = (path: string): Promise<string | null> =>
  commitAt({ cwd: path, ceiling: dirname(path) }, 'HEAD');

function giveUp(state: string, place: Place): void {
  const gitDir = gitDirOf(place.path) ?? place.repository;
  releaseLock(state, place, gitDir);
}

/** Gives a place up for whoever comes next; a checkout of a check is removed. May be repeated. */
export async function release(state: string, place: Place): Promise<void> {
  const { kind, repository, path } = place;
  if (kind === 'checkout') await removeScratch(state, place);
  const admin = kind === 'worktree' ? await adminOf(repository, path) : null;
  if (admin !== null) unlockTree(admin);
  const look = besidePlace(place, 'look');
  if (look !== null) unlinkSmall(look);
  giveUp(state, place);
}
