import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { TendError } from '../../domain/errors.ts';
import type { Landed, LandRequest, Merged, MergeRequest, Merging } from '../../ports/merging.ts';
import { checkoutsOf, follow, followUp, wayFor } from './checkouts.ts';
import { commitTree, contains, mergeCommits, mergeTrees } from './merge-tree.ts';
import { type At, fields, git, GitError, gitResult } from './run.ts';

/** A hook of the repository gets this long (ms). */
const HOOK_PATIENCE = 60_000;

const inside = (repository: string): At => ({ cwd: repository, gitDir: repository });
const refOf = (branch: string): string => `refs/heads/${branch}`;

/** Merges by git, in the object store alone; what lands is brought into clean checkouts. */
export const createMerging = (hookPatience = HOOK_PATIENCE): Merging => ({
  tip,
  merge,
  land: (request) => land(request, hookPatience),
});

async function tip(repository: string, branch: string): Promise<string | null> {
  if (!existsSync(repository))
    throw new TendError(
      'not_found',
      `the repository ${repository} is not there any more`,
      'Nothing was changed. Bring it back to where it was, then try again.',
    );
  const args = ['show-ref', '--verify', '--hash', '--', refOf(branch)];
  const result = await gitResult(inside(repository), args);
  if (result.code === 0) return result.stdout.toString().trim();
  if (/not a valid ref/.test(result.stderr)) return null;
  throw new GitError(args, result);
}

async function merge(request: MergeRequest): Promise<Merged> {
  const { repository, ref } = request;
  const made = await makeMerge(inside(repository), request);
  if (made.kind === 'merged' && ref !== null)
    await git(inside(repository), ['update-ref', ref, made.commit]);
  return made;
}

async function makeMerge(
  at: At,
  { onto, commit, how, message, at: time }: MergeRequest,
): Promise<Merged> {
  if (how === 'merge') return mergeCommits(at, onto, commit, message, time);
  if (how === 'fast_forward') {
    if (await contains(at, onto, commit)) return { kind: 'contained' };
    if (!(await contains(at, commit, onto))) return { kind: 'diverged' };
    return { kind: 'merged', commit, tree: await treeOf(at, commit) };
  }
  const merged = await mergeTrees(at, onto, commit);
  if (merged.kind !== 'merged') return merged;
  const { tree } = merged;
  // It was squashed before, or the same was done elsewhere.
  if (tree === (await treeOf(at, onto))) return { kind: 'contained' };
  return { kind: 'merged', commit: await commitTree(at, tree, [onto], message, time), tree };
}

const treeOf = (at: At, commit: string): Promise<string> =>
  git(at, ['rev-parse', '--verify', '--end-of-options', `${commit}^{tree}`]);

async function land(request: LandRequest, hookPatience: number): Promise<Landed> {
  const { repository, branch, from, to, ref } = request;
  const at = inside(repository);
  const now = await tip(repository, branch);
  // Somebody may have gone on from there since an earlier try.
  const isThere = now !== null && (now === to || (now !== from && (await contains(at, now, to))));
  if (!isThere && now !== from) return { kind: 'moved', to: now };
  const checkouts = await checkoutsOf(repository, branch);
  const steps: { path: string; go: () => Promise<boolean> }[] = [];
  for (const checkout of checkouts) {
    const { path } = checkout;
    if (isThere) {
      if (now === to) steps.push({ path, go: () => followUp(checkout, from, to) });
      continue;
    }
    const way = await wayFor(checkout, from, to);
    if ('message' in way) return { kind: 'dirty', ...way };
    steps.push({ path, go: () => follow(checkout, from, to, way) });
  }
  const refused = isThere ? null : await move(at, request, hookPatience);
  if (refused !== null) return refused;
  const behind: string[] = [];
  // The branch has moved: whatever goes wrong now, it is told with what has landed.
  for (const { path, go } of steps) if (!(await go().catch(() => false))) behind.push(path);
  // Of somebody else by now, or given up already: both are fine.
  await gitResult(at, ['update-ref', '-d', ref, to]);
  return { kind: 'landed', behind };
}

/** Moves the branch by compare-and-set, under the repository's own hooks; null = it is there. */
async function move(
  at: At,
  { repository, branch, from, to, reason }: LandRequest,
  hookPatience: number,
): Promise<Landed | null> {
  const setting = `core.hooksPath=${await hooksOf(at)}`;
  const args = ['-c', setting, 'update-ref', '-m', reason, refOf(branch), to, from];
  const patience = AbortSignal.timeout(hookPatience);
  const result = await gitResult(at, args, { signal: patience }).catch((error: unknown) => {
    if (patience.aborted) return null;
    throw error;
  });
  if (result?.code === 0) return null;
  const now = await tip(repository, branch);
  if (now === to) return null;
  if (now !== from) return { kind: 'moved', to: now };
  if (result === null)
    return { kind: 'hook', message: `the hook did not end within ${hookPatience / 1000} s` };
  if (!/aborted by hook/.test(result.stderr)) throw new GitError(args.slice(2), result);
  // It is called a second time to be told of the end, and may say the same again.
  const said = [...new Set(result.stderr.split('\n'))].filter(
    (line) => !/aborted by hook/.test(line),
  );
  return { kind: 'hook', message: said.join('\n').trim() || 'the hook said nothing' };
}

/** Folder of the hooks that the repository itself has: what is set for our own calls stands last. */
async function hooksOf(at: At): Promise<string> {
  const args = ['config', '--type=path', '--null', '--get-all', 'core.hooksPath'];
  const own = fields((await gitResult(at, args)).stdout.toString()).at(-2);
  if (own === undefined) return join(at.cwd, 'hooks');
  // Relative ones begin at the root of the checkout.
  return resolve(basename(at.cwd) === '.git' ? dirname(at.cwd) : at.cwd, own);
}
