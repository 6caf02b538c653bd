import type { EndedAttempt } from './attempt.ts';
import { NO_PRODUCT, type ReviewFacts } from './product.ts';
import { type Step, step, type TaskIn } from './task.ts';

type Reviewed = TaskIn<'awaiting_review'>;

/** A person takes the work: the task is done. */
export function accepted(task: Reviewed, at: number): Step {
  const attempt = withReview(task, { decision: 'accepted', at, feedback: null });
  return step('complete', task, { state: 'completed', attempt, endedAt: at }, at);
}

/** A person wants it done better: another attempt follows, which is told what is wrong. */
export function sentBack(task: Reviewed, feedback: string | null, at: number): Step {
  const attempt = withReview(task, { decision: 'rejected', at, feedback });
  return step('requeue', task, { state: 'queued', queuedAt: at, attempt }, at);
}

/** A person does not want it: the task has failed. */
export function rejected(task: Reviewed, feedback: string | null, at: number): Step {
  const attempt = withReview(task, { decision: 'rejected', at, feedback });
  return step('fail', task, { state: 'failed', reason: 'rejected', attempt, endedAt: at }, at);
}

const withReview = ({ attempt }: Reviewed, review: ReviewFacts): EndedAttempt => ({
  ...attempt,
  product: { ...(attempt.product ?? NO_PRODUCT), review },
});
