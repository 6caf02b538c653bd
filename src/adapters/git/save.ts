import * as fs from 'node:fs';
import { TendError } from '../../domain/errors.ts';
import { attemptRefOf, type Place } from '../../domain/workspace.ts';
import type { Kept, SaveRequest, SaveResult } from '../../ports/workspace.ts';
import { isCode } from './beside.ts';
import { installIndex, keepUnderRefs } from './branch-move.ts';
import {
  changedPaths,
  compare,
  countCommits,
  shownPath,
  sizeOf,
  type RawChange,
} from './changes.ts';
import { touchedSince } from './checkout-look.ts';
import { absolute, drop } from './entries.ts';
import { treeWithIgnored } from './ignored.ts';
import { oursInPlace, type Ours } from './ours-in-place.ts';
import { looseCommits, stagedIn, whatCovers } from './loose.ts';
import { commitTree } from './merge-tree.ts';
import { nestedIn, type Keeping } from './nested.ts';
import { git, GitError } from './run.ts';
import { deskOf, everythingIn, type Desk, type Everything } from './snapshot.ts';
import { branchRefOf, standingOf, type Standing } from './standing.ts';

export { withPathsOf } from './with-paths.ts';

/**
 * Keeps what stands in the work tree of an attempt: as a commit, on the task's branch where that is a step forwards, and
 * always under the attempt's own ref. Throws TendError `disk_full`, and GitError for what may pass.
 */
export async function save(state: string, place: Place, request: SaveRequest): Promise<SaveResult> {
  try {
    const standing = await standingOf(place, request);
    if ('refusal' in standing) return standing;
    const desk = deskOf(state, place.repository, place.taskId, place.number);
    try {
      return await kept({ place, request, standing, desk });
    } finally {
      desk.clear();
    }
  } catch (error) {
    throw whatPasses(error, place);
  }
}

const LINK = '120000';

interface Saving {
  place: Place;
  request: SaveRequest;
  standing: Standing;
  desk: Desk;
}

async function kept(saving: Saving): Promise<Kept> {
  const { place, request, standing, desk } = saving;
  const { at } = standing;
  // Independent of all the rest, and slow where the checkout is large.
  const touched = touchedIn(place, request);
  const [work, staged] = await Promise.all([
    standing.there ? everythingIn(at, desk, standing.parent, takingOf(saving)) : null,
    stagedIn(standing, desk),
  ]);
  const made = await madeOf(saving, work);
  const { commit, changes, since, loose, tree: same } = made;
  const tree = await snapshotTree(saving, made.work, same, changes);
  const snapshot = await snapshotOf(saving, { commit, tree, commitTree: same, loose, staged });
  // What is on top of where it started is one commit, or none.
  const commitsIn = async (parent: string, from: string): Promise<number> =>
    from === parent ? Number(commit !== parent) : countCommits(at, from, commit);
  const [on, commits, sinceCommits] = await Promise.all([
    keepUnderRefs({
      place,
      standing,
      began: request.prepared.head,
      commit,
      ref: attemptRefOf(place.taskId, place.number),
      snapshot,
      unfinished: standing.underWay || work?.unmerged === true,
    }),
    commitsIn(made.parent, request.prepared.base),
    since === null ? null : commitsIn(made.parent, request.previous ?? commit),
  ]);
  if (on === 'branch') await bringIndex(saving, made.work);
  const change = sizeOf(changes, commits);
  return {
    at: request.at,
    commit,
    tree: same,
    ref: attemptRefOf(place.taskId, place.number),
    snapshot,
    on,
    change,
    since: since === null ? change : sizeOf(since, sinceCommits ?? 0),
    touched: await touched,
    paths: changedPaths(changes),
  };
}

interface Made {
  work: Everything | null;
  parent: string;
  commit: string;
  tree: string;
  /** From the base. */
  changes: RawChange[];
  /** From the attempt before; null = the same. */
  since: RawChange[] | null;
  loose: string[];
}

async function madeOf(saving: Saving, work: Everything | null): Promise<Made> {
  const { place, request, standing } = saving;
  const { at } = standing;
  const ours = await oursOf(saving, work);
  const [commit, changes, since, loose] = await Promise.all([
    ours.tree === ours.parentTree
      ? ours.parent
      : commitTree(at, ours.tree, [ours.parent], request.message, request.at),
    compare(at, request.prepared.base, ours.tree),
    sinceOf(saving, ours.tree),
    looseCommits(standing, ours.parent, request.prepared.before),
  ]);
  const links = work === null ? [] : linksIn(place, changes);
  if (work === null || links.length === 0)
    return { work, parent: ours.parent, commit, tree: ours.tree, changes, since, loose };
  // Somebody made git look at what it was told to leave out.
  const index = { ...at, index: work.made };
  await drop(index, links, ours.tree);
  const tree = await git(index, ['write-tree']);
  return madeOf(saving, { ...work, tree, index: work.made });
}

/** Links that were made for the work, to folders of the person's checkout. */
const linksIn = ({ path: root, checkout, kind }: Place, changes: readonly RawChange[]): string[] =>
  changes.flatMap(({ path, kind: change, mode }) =>
    kind === 'worktree' &&
    change === 'A' &&
    mode === LINK &&
    checkout !== null &&
    linkAt(absolute(root, path)) === `${checkout}/${shownPath(path)}`
      ? [path]
      : [],
  );

function linkAt(path: Buffer): string | null {
  try {
    return fs.readlinkSync(path);
  } catch {
    return null;
  }
}

const keepingOf = ({ place, request, standing, desk }: Saving): Keeping => ({
  desk,
  repository: place.repository,
  root: place.path,
  own: standing.own,
  refs: `refs/tend/nested/${place.taskId}/${place.number}`,
  message: request.message,
  at: request.at,
});

/** The person's own checkout is taken as git shows it to them: nested repositories there stay where they are. */
const takingOf = (saving: Saving): Parameters<typeof everythingIn>[3] =>
  saving.place.kind === 'in_place'
    ? { nested: null, trustFlags: true }
    : { nested: nestedIn(keepingOf(saving)), trustFlags: false };

async function oursOf(
  { place, request, standing, desk }: Saving,
  work: Everything | null,
): Promise<Ours> {
  const { parent, parentTree } = standing;
  if (work === null) return { parent, parentTree, tree: parentTree };
  if (place.kind !== 'in_place') return { parent, parentTree, tree: work.tree };
  return oursInPlace(standing, request.prepared, request.previous, work.tree, desk);
}

/** Null = the same as from the base. */
const sinceOf = async (
  { request: { previous, prepared }, standing: { at } }: Saving,
  tree: string,
): Promise<RawChange[] | null> =>
  previous === null || previous === prepared.base ? null : compare(at, previous, tree);

async function snapshotTree(
  saving: Saving,
  work: Everything | null,
  tree: string,
  changes: readonly RawChange[],
): Promise<string> {
  if (work === null) return tree;
  const { request, standing } = saving;
  const ignoring = {
    keeping: keepingOf(saving),
    globs: request.keepIgnored,
    base: request.prepared.base,
    changes,
  };
  return (await treeWithIgnored({ ...standing.at, index: work.made }, ignoring)) ?? work.tree;
}

interface Parts {
  commit: string;
  /** Of the snapshot. */
  tree: string;
  commitTree: string;
  loose: readonly string[];
  staged: string | null;
}

/** The commit itself where it holds everything already. */
async function snapshotOf(
  { request, standing: { at, kept: known } }: Saving,
  { commit, tree, commitTree: same, loose, staged }: Parts,
): Promise<string> {
  const others = loose.filter((id) => id !== commit);
  // A save that was killed may have brought the index up to date, and nobody knows any more what stood in it.
  if (known !== null && (await whatCovers(at, known, { commit, tree, others }))) return known;
  const extra = staged === null || staged === tree ? [] : [staged];
  if (others.length + extra.length === 0 && tree === same) return commit;
  const parents = [commit, ...others];
  if (staged !== null && staged !== tree)
    parents.push(await commitTree(at, staged, [], request.message, request.at));
  return commitTree(at, tree, parents, request.message, request.at);
}

/** After the branch has moved, what git compares with must follow: only in a work tree of ours that shows it. */
async function bringIndex(
  { place, standing: { own, symbolic } }: Saving,
  work: Everything | null,
): Promise<void> {
  if (place.kind === 'in_place' || own === null || symbolic !== branchRefOf(place)) return;
  if (work !== null && work.index !== null) await installIndex(own, place.path, work.index);
}

async function touchedIn(
  place: Place,
  { watchCheckout, prepared }: SaveRequest,
): Promise<string[]> {
  if (!watchCheckout || prepared.checkout === null || place.checkout === null) return [];
  // Where nobody can look any more, something did happen.
  return touchedSince(place, prepared.checkout).catch(() => [place.checkout ?? '']);
}

function whatPasses(error: unknown, { path, repository }: Place): unknown {
  const full =
    isCode(error, 'ENOSPC', 'EDQUOT') ||
    (error instanceof GitError && /No space left|Disk quota/i.test(error.stderr));
  if (!full) return error;
  return new TendError(
    'disk_full',
    `The work in ${path} could not be saved: the disk of ${repository} is full.`,
    'Make room: it is tried again.',
    error,
  );
}
