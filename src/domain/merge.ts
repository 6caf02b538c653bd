import { type Change, NO_PRODUCT, type Product, resultIn } from './product.ts';
import { isEnded, type Task, type TaskId } from './task.ts';
import { verdict, type Verification, verificationOf } from './verdict.ts';

export const MERGE_HOWS = ['merge', 'squash', 'fast_forward'] as const;
export type MergeHow = (typeof MERGE_HOWS)[number];

/** Where a merge is. The first three are open: something is yet to be done. */
export const MERGE_STATES = [
  'queued',
  /** The merged tree is being verified. */
  'checking',
  /** The target branch is being moved. */
  'landing',
  'merged',
  'conflict',
  /** Only a fast-forward was wanted, and none is possible. */
  'diverged',
  /** The verification of the merged tree failed. */
  'broken',
  /** The merged tree could not be verified. */
  'unverified',
  /** A hook of the repository said no. */
  'refused',
  /** A checkout of the target branch is not clean. */
  'dirty',
  /** The target branch moved each time. */
  'moved',
  /** Something else was in the way. */
  'failed',
] as const;
export type MergeState = (typeof MERGE_STATES)[number];

/** How the merged tree is known to be good. */
type MergeProof =
  /** The same tree passed as the work of the task. */
  | 'same'
  /** It was verified on its own. */
  | 'again'
  /** The task has no verification, or somebody gave a reason to go without. */
  | 'none';

/** One merge of a task's work into a branch. */
export interface Merge {
  /** Merges into one branch are done in this order. */
  seq: number;
  taskId: TaskId;
  repository: string;
  /** Short name of the branch. */
  target: string;
  how: MergeHow;
  /** What is merged. */
  commit: string;
  /** Why it is merged though nothing shows that it is good; null = something does. */
  unverified: string | null;
  state: MergeState;
  /** Commit that the target was at, and the one that it is to be at, or is. */
  from: string | null;
  to: string | null;
  /** Size of the change from the one to the other. */
  change: Change | null;
  proof: MergeProof;
  /** The task that verifies the merged tree; how often that was begun, for this commit and in all. */
  check: TaskId | null;
  runs: number;
  checks: number;
  /** How often the target had moved when it was to be. */
  moves: number;
  /** Why it is where it is, in a sentence. */
  detail: string | null;
  /** Paths in conflict, or in the way. */
  paths: readonly string[];
  createdAt: number;
  endedAt: number | null;
}

const OPEN: readonly MergeState[] = ['queued', 'checking', 'landing'];
export const isMergeOpen = ({ state }: Pick<Merge, 'state'>): boolean => OPEN.includes(state);

/** Most often that a merge is made because its target moved. */
export const MOST_MOVES = 5;
/** What fails is run once more: it may be flaky. */
const MOST_RUNS = 2;

/** Tells the checks of all merges of a task apart: one that was asked for again has another `seq`. */
export const checkNumber = ({ seq, checks }: Merge): number => seq * 100 + checks + 1;

/** What one look at a merge shows; each kind belongs to one open state. */
export type MergeSeen =
  /** Of a queued one. */
  | { kind: 'no_target' }
  | { kind: 'contained'; from: string }
  | { kind: 'conflict'; from: string; paths: readonly string[]; message: string }
  | { kind: 'diverged'; from: string }
  | { kind: 'made'; from: string; to: string; change: Change; needsCheck: boolean }
  /** Of one that is checked. */
  | { kind: 'submitted'; check: TaskId }
  | { kind: 'checked'; result: Verification; detail: string }
  /** Of one that lands. */
  /** With the checkouts that were left as they are. */
  | { kind: 'landed'; behind: readonly string[] }
  | { kind: 'moved' }
  | { kind: 'dirty'; paths: readonly string[]; message: string }
  | { kind: 'hook'; message: string }
  /** Of any: nothing was changed. */
  | { kind: 'trouble'; message: string };

/** The merge after what was seen of it; the same one when that belongs to another state. */
export function afterSeen(merge: Merge, seen: MergeSeen, now: number): Merge {
  if (!isMergeOpen(merge)) return merge;
  const ended = (state: MergeState, detail: string | null, rest: Partial<Merge> = {}): Merge => ({
    ...merge,
    ...rest,
    state,
    detail,
    endedAt: now,
  });
  if (seen.kind === 'trouble') return ended('failed', seen.message);
  if (merge.state === 'queued') return afterMerging(merge, seen, ended);
  if (merge.state === 'checking') return afterCheck(merge, seen, ended);
  return afterLanding(merge, seen, ended);
}

type Ended = (state: MergeState, detail: string | null, rest?: Partial<Merge>) => Merge;

function afterMerging(merge: Merge, seen: MergeSeen, ended: Ended): Merge {
  const { target } = merge;
  switch (seen.kind) {
    case 'no_target':
      return ended('failed', `there is no branch ${target}`);
    case 'contained': {
      const { from } = seen;
      return ended('merged', `${target} had everything already`, { from, to: from });
    }
    case 'conflict': {
      const { from, paths, message } = seen;
      return ended('conflict', message, { from, paths });
    }
    case 'diverged':
      return ended('diverged', `${target} has commits that the work does not have`, {
        from: seen.from,
      });
    case 'made': {
      const { from, to, change, needsCheck } = seen;
      const proof = needsCheck ? 'again' : merge.proof;
      const state = needsCheck ? 'checking' : 'landing';
      return { ...merge, state, from, to, change, proof, check: null, runs: 0 };
    }
    default:
      return merge;
  }
}

function afterCheck(merge: Merge, seen: MergeSeen, ended: Ended): Merge {
  const { runs, checks } = merge;
  if (seen.kind === 'submitted' && merge.check === null)
    return { ...merge, check: seen.check, runs: runs + 1, checks: checks + 1 };
  if (seen.kind !== 'checked' || merge.check === null) return merge;
  switch (seen.result) {
    case 'passed': {
      const detail = runs > 1 ? 'the verification failed, then passed when it was run again' : null;
      return { ...merge, state: 'landing', detail };
    }
    case 'failed':
      if (runs < MOST_RUNS) return { ...merge, check: null };
      return ended('broken', seen.detail);
    default:
      return ended('unverified', seen.detail);
  }
}

function afterLanding(merge: Merge, seen: MergeSeen, ended: Ended): Merge {
  switch (seen.kind) {
    case 'landed':
      return ended('merged', afterAll(merge, seen.behind));
    case 'moved': {
      const moves = merge.moves + 1;
      const unmade = { from: null, to: null, change: null, check: null, moves };
      if (moves < MOST_MOVES) return { ...merge, ...unmade, state: 'queued', detail: null };
      return ended(
        'moved',
        `${merge.target} moved ${moves} times while the merge was made`,
        unmade,
      );
    }
    case 'dirty':
      return ended('dirty', seen.message, { paths: seen.paths });
    case 'hook':
      return ended('refused', seen.message);
    default:
      return merge;
  }
}

function afterAll({ detail, from }: Merge, behind: readonly string[]): string | null {
  if (behind.length === 0) return detail;
  const left = `changed in the same moment and left as it was, at ${from ?? ''}: ${behind.join(', ')}`;
  return detail === null ? left : `${detail}; ${left}`;
}

/** What of a task is merged, or why nothing is. */
export type Mergeable =
  | { commit: string; repository: string; product: Product }
  | { refusal: string; why: 'not_ended' | 'unsupported' | 'protected' };

/** `unverified` = somebody gave a reason to do without a proof that the work is good. */
export function mergeable(task: Task, unverified: boolean): Mergeable {
  const { workspace, check } = task.spec;
  if (check) return { why: 'unsupported', refusal: 'it only checks the work of another task' };
  if (!workspace) return { why: 'unsupported', refusal: 'it worked in no work tree of its own' };
  if (!isEnded(task)) return { why: 'not_ended', refusal: `it is ${task.state}, not ended` };
  if (task.state !== 'completed') {
    const reason = task.reason.replaceAll('_', ' ');
    return { why: 'protected', refusal: `it has not completed: ${task.state} (${reason})` };
  }
  const product = resultIn(task.attempt.product ?? NO_PRODUCT);
  const { saved, verification } = product;
  if (saved === null) return { why: 'unsupported', refusal: 'no work of it is saved' };
  const result = verificationOf(task);
  const isAccepted = task.attempt.product?.review?.decision === 'accepted';
  if (unverified || isAccepted || verdict('completed', null, result) !== 'unverified')
    return { commit: saved.commit, repository: workspace.repository, product };
  const why = verification?.detail ?? `the verification is ${result.replaceAll('_', ' ')}`;
  return { why: 'protected', refusal: `it is not verified: ${why}` };
}

/** A merge as it is asked for; stored, it has a number. */
export function newMerge(
  { id, spec }: Task,
  { commit, repository, product }: Extract<Mergeable, { commit: string }>,
  asked: { target: string; how: MergeHow; unverified: string | null },
  now: number,
): Omit<Merge, 'seq'> {
  const isProven = product.verification?.result === 'passed' && asked.unverified === null;
  return {
    taskId: id,
    repository,
    ...asked,
    commit,
    state: 'queued',
    from: null,
    to: null,
    change: null,
    proof: isProven && spec.checks?.verify ? 'same' : 'none',
    check: null,
    runs: 0,
    checks: 0,
    moves: 0,
    detail: null,
    paths: [],
    createdAt: now,
    endedAt: null,
  };
}

/** Whether a merged tree has to be verified before the target may have it. */
export function needsCheck(
  { spec }: Task,
  { verification }: Product,
  tree: string,
  unverified: boolean,
): boolean {
  if (unverified || (spec.checks?.verify ?? null) === null) return false;
  return verification?.result !== 'passed' || verification.tree !== tree;
}
