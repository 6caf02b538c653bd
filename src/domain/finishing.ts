import { again } from './agent-again.ts';
import type { EndedAttempt } from './attempt.ts';
import type { Children, Evidence } from './evidence.ts';
import type { CancelReason, FailReason } from './lifecycle.ts';
import { ending } from './outcome.ts';
import { look } from './pipeline.ts';
import { afterQuestion } from './answering.ts';
import { NO_PRODUCT, resultIn } from './product.ts';
import { retryDelay } from './retry.ts';
import { type Next, type Step, step, type TaskIn } from './task.ts';

type Finishing = TaskIn<'finishing'>;

/** The next step of a task whose attempt is over; null = its work is to be saved or checked first. */
export function decideFinishing(task: Finishing, evidence: Evidence, now: number): Step | null {
  const seen = look(task, evidence);
  if (seen.kind === 'act' || seen.kind === 'wait') return null;
  const { product } = seen;
  const isKnown = product === (task.attempt.product ?? NO_PRODUCT);
  const attempt = isKnown ? task.attempt : { ...task.attempt, product };
  switch (seen.kind) {
    case 'over':
      return byOutcome(task, evidence, now);
    case 'again':
      return step('requeue', task, { state: 'queued', queuedAt: now, attempt }, now);
    case 'bad':
      return failed(task, attempt, seen.reason, now);
    case 'good':
      return doneWell(task, attempt, evidence.children, now);
  }
}

/** What follows from what the attempt came to, where nothing is asked of its work. */
function byOutcome(task: Finishing, evidence: Evidence, now: number): Step {
  const { attempt, spec } = task;
  const end = ending(attempt.outcome);
  // It was stopped while its work was looked at.
  if (attempt.cancelled !== undefined && (spec.checks ?? null) !== null)
    return cancelled(task, attempt.cancelled, now);
  if (end.state === 'awaiting_input') return parked(task, now);
  if (end.state === 'completed') return doneWell(task, attempt, evidence.children, now);
  if (end.state === 'cancelled') return cancelled(task, end.reason, now);
  if (again(task, evidence.earlier))
    return another(task, { state: 'queued', queuedAt: now, attempt }, now);
  const delay = retryDelay(spec.retry, [...evidence.earlier, attempt], evidence.chance);
  if (delay !== null) return another(task, { state: 'waiting', runAt: now + delay, attempt }, now);
  return failed(task, attempt, end.reason, now);
}

/** Work that was looked at ends when that is over, everything else with its process. */
const overAt = ({ spec, attempt: { endedAt } }: Finishing, now: number): number =>
  (spec.checks ?? null) === null ? endedAt : Math.max(endedAt, now);

const failed = (task: Finishing, attempt: EndedAttempt, reason: FailReason, now: number): Step =>
  step('fail', task, { state: 'failed', reason, attempt, endedAt: overAt(task, now) }, now);

function cancelled(task: Finishing, reason: CancelReason, now: number): Step {
  const { attempt } = task;
  const endedAt = overAt(task, now);
  return step('cancel', task, { state: 'cancelled', reason, attempt, endedAt }, now);
}

/** A further attempt, unless the task was stopped in the moment in which this one ended. */
function another(task: Finishing, next: Next<'queued' | 'waiting'>, now: number): Step {
  const { cancelled: reason } = task.attempt;
  return reason === undefined ? step('requeue', task, next, now) : cancelled(task, reason, now);
}

/** It waits for a person, unless the answer is there already, or will not come any more. */
function parked(task: Finishing, now: number): Step {
  const { attempt } = task;
  if (attempt.cancelled !== undefined) return cancelled(task, attempt.cancelled, now);
  return afterQuestion(task, now) ?? step('ask', task, { state: 'awaiting_input', attempt }, now);
}

function doneWell(task: Finishing, attempt: EndedAttempt, children: Children, now: number): Step {
  return children.open > 0
    ? step('awaitChildren', task, { state: 'awaiting_children', attempt }, now)
    : withChildren({ ...task, attempt }, children, overAt(task, now), now);
}

/** The next step of a task whose own work came out well, once its children have ended. */
export const decideAwaiting = (
  task: TaskIn<'awaiting_children'>,
  children: Children,
  now: number,
): Step | null =>
  children.open > 0 ? null : withChildren(task, children, task.attempt.endedAt, now);

/** The end of a task whose own work came out well, by what its children came to, unless a person has to look. */
function withChildren(
  task: Finishing | TaskIn<'awaiting_children'>,
  { failed: bad, endedAt: last }: Children,
  overAt: number,
  now: number,
): Step {
  const { attempt } = task;
  const endedAt = Math.max(overAt, last ?? 0);
  if (bad > 0)
    return step('fail', task, { state: 'failed', reason: 'child_failed', attempt, endedAt }, now);
  return needsReview(task)
    ? step('awaitReview', task, { state: 'awaiting_review', attempt }, now)
    : step('complete', task, { state: 'completed', attempt, endedAt }, now);
}

const needsReview = ({ spec, attempt }: Finishing | TaskIn<'awaiting_children'>): boolean =>
  spec.checks?.review === true ||
  (resultIn(attempt.product ?? NO_PRODUCT).concerns ?? []).length > 0;
