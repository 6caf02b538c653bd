import { TendError } from '../domain/errors.ts';
import { isMergeOpen, type Merge, mergeable, type Mergeable, needsCheck } from '../domain/merge.ts';
import { NO_CHANGE } from '../domain/product.ts';
import type { Task, TaskId } from '../domain/task.ts';
import type { Ports } from './context.ts';
import type { MergeAsk, MergePreview } from './merge-facade.ts';

type Ready = Extract<Mergeable, { commit: string }>;

/** The task and what of it is merged. Throws TendError with why nothing is. */
export async function mergeableOf(
  { store }: Ports,
  id: TaskId,
  { unverified }: MergeAsk,
): Promise<{ task: Task; mergeable: Ready }> {
  const task = await store.get(id);
  if (task === null)
    throw new TendError('not_found', `there is no task ${id}`, 'See: tend ls --all');
  const found = mergeable(task, unverified !== null);
  if ('commit' in found) return { task, mergeable: found };
  const { why, refusal } = found;
  throw new TendError(why, `${id} cannot be merged: ${refusal}`, adviceFor(task, why));
}

function adviceFor({ id, state }: Task, why: Extract<Mergeable, { why: string }>['why']): string {
  switch (why) {
    case 'not_ended':
      return state === 'awaiting_review'
        ? `Look at it with: tend diff ${id}\nThen take it with: tend accept ${id}`
        : `Wait for it with: tend wait ${id}`;
    case 'protected':
      return state === 'completed'
        ? `Look at it with: tend diff ${id}\nMerged all the same it is with: --unverified "<why>"`
        : `See why with: tend show ${id}\nDone again it is with: tend retry ${id}`;
    case 'unsupported':
      return 'Work is kept of tasks that were started with --worktree or --in-place.';
    default:
      return why satisfies never;
  }
}

/** The branch to merge into, and where it is. */
export async function targetOf(
  { merging }: Ports,
  { id, spec }: Task,
  repository: string,
  into: string | null,
): Promise<{ target: string; from: string }> {
  const target = into ?? spec.workspace?.target ?? null;
  if (target === null)
    throw new TendError(
      'invalid_input',
      `${id} was meant for no branch: none was checked out when it was submitted`,
      `Name one: tend merge --into <branch> ${id}`,
    );
  const from = await merging.tip(repository, target);
  if (from !== null) return { target, from };
  throw new TendError(
    'invalid_input',
    `there is no branch ${JSON.stringify(target)} in ${repository}`,
    `Name one that is there: tend merge --into <branch> ${id}`,
  );
}

/** Whether nothing needs to be done for a merge of this commit: it is under way, or done and not taken back. */
export async function isStillMerged(
  { merging }: Ports,
  merge: Merge,
  commit: string,
): Promise<boolean> {
  if (isMergeOpen(merge)) return true;
  const { state, to, repository, target } = merge;
  if (state !== 'merged' || to === null || merge.commit !== commit) return false;
  const onto = await merging.tip(repository, target);
  if (onto === null) return false;
  const how = { how: 'fast_forward', message: '', at: 0, ref: null } as const;
  return (await merging.merge({ repository, onto, commit: to, ...how })).kind === 'contained';
}

/** What the merge would come to now: commits that no ref keeps are all that is made. */
export async function previewOf(ports: Ports, id: TaskId, asked: MergeAsk): Promise<MergePreview> {
  const { task, mergeable: ready } = await mergeableOf(ports, id, asked);
  const { repository, commit, product } = ready;
  const { target, from } = await targetOf(ports, task, repository, asked.into);
  const message = `merge of ${id}`;
  const at = ports.clock.now();
  const made = await ports.merging.merge({
    repository,
    onto: from,
    commit,
    how: asked.how,
    message,
    at,
    ref: null,
  });
  const preview = { target, commit, from, result: made.kind, needsCheck: false, change: NO_CHANGE };
  if (made.kind === 'conflict') return { ...preview, paths: made.paths, detail: made.message };
  if (made.kind !== 'merged') return { ...preview, paths: [], detail: null };
  const { change, paths } = await ports.workspaces.changes(repository, from, made.commit);
  return {
    ...preview,
    change,
    needsCheck: needsCheck(task, product, made.tree, asked.unverified !== null),
    paths: paths.map(({ path }) => path),
    detail: null,
  };
}
