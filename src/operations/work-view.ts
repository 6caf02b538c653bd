import type { Attempt } from '../domain/attempt.ts';
import type { Merge } from '../domain/merge.ts';
import { type Change, NO_CHANGE, type Product, resultIn } from '../domain/product.ts';
import type { Task } from '../domain/task.ts';
import { verificationOf } from '../domain/verdict.ts';
import { branchOf } from '../domain/workspace.ts';
import type { Description } from '../engine/facade.ts';
import type { AttemptView, TaskView } from './schemas.ts';
import { iso, isoOrNull } from './time-view.ts';

const productOf = (attempt: Attempt): Product | null =>
  attempt.outcome === null ? null : (attempt.product ?? null);

const sizeOf = ({ files, insertions, deletions }: Change) => ({ files, insertions, deletions });

/** The newest attempt that made something, and what counts of it; where attempts competed, the winner. */
function madeIn(attempts: readonly Attempt[]): { attempt: Attempt; product: Product } | null {
  const last = attempts.findLast((attempt) => productOf(attempt) !== null);
  const product = last === undefined ? null : productOf(last);
  if (last === undefined || product === null) return null;
  const winner = attempts.find(({ number }) => number === product.best?.number);
  return { attempt: winner ?? last, product: resultIn(product) };
}

const NOWHERE: TaskView['workspace'] = {
  kind: null,
  repository: null,
  branch: null,
  path: null,
  base: null,
  target: null,
  commit: null,
  ref: null,
  commits: 0,
  changed: sizeOf(NO_CHANGE),
  unsaved: null,
  touched: [],
  merge: null,
  trashed: null,
};

/** Where the task works, what was made there and what has become of it since. */
function workspaceView({ task, attempts, merge, trashed }: Description): TaskView['workspace'] {
  const { workspace, checks } = task.spec;
  if (!workspace) return NOWHERE;
  const made = madeIn(attempts);
  const facts = (made?.attempt ?? attempts.at(-1))?.workspace;
  const saved = made?.product.saved ?? null;
  const competes = (checks?.bestOf ?? 1) > 1;
  const { kind, repository, target } = workspace;
  return {
    kind,
    repository,
    branch:
      facts?.branch ??
      (competes && kind === 'worktree' ? null : branchOf(workspace, task.id, 1, false)),
    path: facts?.path ?? null,
    base: facts?.prepared?.base ?? workspace.base,
    target,
    commit: saved?.commit ?? null,
    ref: saved?.ref ?? null,
    commits: saved?.change.commits ?? 0,
    changed: sizeOf(saved?.change ?? NO_CHANGE),
    unsaved: made?.product.unsaved ?? facts?.prepared?.refusal ?? null,
    touched: [...(saved?.touched ?? [])],
    merge: merge === null ? null : mergeView(merge),
    trashed: trashed === null ? null : { at: iso(trashed.at), path: trashed.trash },
  };
}

const mergeView = (merge: Merge): NonNullable<TaskView['workspace']['merge']> => ({
  state: merge.state,
  target: merge.target,
  how: merge.how,
  commit: merge.commit,
  from: merge.from,
  to: merge.to,
  changed: merge.change === null ? null : sizeOf(merge.change),
  verified: merge.proof,
  unverified: merge.unverified,
  check: merge.check,
  detail: merge.detail,
  paths: [...merge.paths],
  createdAt: iso(merge.createdAt),
  endedAt: isoOrNull(merge.endedAt),
});

function verifiedView(product: Product | null): NonNullable<AttemptView['verification']> {
  const facts = product?.verification;
  return {
    result: facts?.result ?? null,
    flaky: facts?.flaky ?? false,
    detail: facts?.detail ?? null,
    failing: [...(facts?.failing ?? [])],
    tail: facts?.tail ?? '',
    suspects: [...(product?.saved?.suspects ?? [])],
    runs: [...(facts?.runs ?? [])],
  };
}

function judgedView(product: Product | null): NonNullable<AttemptView['judge']> {
  const facts = product?.judged;
  return {
    decision: facts?.decision ?? null,
    reasons: [...(facts?.reasons ?? [])],
    run: facts?.run ?? null,
  };
}

function reviewView({ spec, state }: Task, product: Product | null): TaskView['review'] {
  const facts = product?.review;
  return {
    required: spec.checks?.review === true || state === 'awaiting_review',
    decision: facts?.decision ?? null,
    at: isoOrNull(facts?.at ?? null),
    feedback: facts?.feedback ?? null,
  };
}

type Work = Pick<
  TaskView,
  'workspace' | 'verification' | 'judge' | 'review' | 'checklist' | 'concerns' | 'check' | 'best'
>;

/** What a task's work is, and what is known of it. */
export function workView(given: Description): Work {
  const { task, attempts } = given;
  const { checks } = task.spec;
  const last = attempts.findLast((attempt) => productOf(attempt) !== null);
  const whole = last === undefined ? null : productOf(last);
  const product = whole === null ? null : resultIn(whole);
  const { verify = null, judge = null, checklist = [], bestOf = 1 } = checks ?? {};
  const seen = verifiedView(product);
  return {
    workspace: workspaceView(given),
    verification:
      verify === null
        ? null
        : {
            command: verify.command,
            found: verify.found,
            from: verify.from,
            ...seen,
            // What was verified is bound to its tree: for another one it says nothing.
            ...(seen.result !== null && last === task.attempt && { result: resultFor(task) }),
          },
    judge:
      judge === null
        ? null
        : {
            agent: judge.work.agent,
            model: judge.work.model,
            rounds: judge.rounds,
            ...judgedView(product),
          },
    review: reviewView(task, whole),
    checklist: checklist.map((item, nth) => {
      const answer = product?.checklist?.[nth];
      return { item, met: answer?.met ?? null, evidence: answer?.evidence ?? '' };
    }),
    concerns: [...(whole?.concerns ?? product?.concerns ?? [])],
    check: checkView(task),
    best: bestOf === 1 ? null : { attempt: whole?.best?.number ?? null, of: bestOf },
  };
}

function checkView({ spec: { check = null } }: Task): TaskView['check'] {
  if (check === null) return null;
  const { of, attempt, what, commit } = check;
  return { of, attempt, what, commit };
}

function resultFor(task: Task) {
  const result = verificationOf(task);
  return result === 'none' ? null : result;
}

/** What one attempt made. */
export function attemptWorkView(
  attempt: Attempt,
  { checks }: Task['spec'],
): Pick<AttemptView, 'workspace' | 'verification' | 'judge' | 'metric' | 'review'> {
  const { workspace } = attempt;
  const product = productOf(attempt);
  const saved = product?.saved ?? null;
  return {
    workspace:
      workspace === undefined
        ? null
        : {
            branch: workspace.branch,
            path: workspace.path,
            commit: saved?.commit ?? null,
            ref: saved?.ref ?? null,
            on: saved?.on ?? null,
            commits: saved?.change.commits ?? 0,
            changed: sizeOf(saved?.change ?? NO_CHANGE),
            sinceLast: sizeOf(saved?.since ?? NO_CHANGE),
          },
    verification: (checks?.verify ?? null) === null ? null : verifiedView(product),
    judge: (checks?.judge ?? null) === null ? null : judgedView(product),
    metric: product?.metric ?? null,
    review:
      product?.review === undefined ? null : { ...product.review, at: iso(product.review.at) },
  };
}
