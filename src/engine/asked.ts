import type { Attempt } from '../domain/attempt.ts';
import { isDrained } from '../domain/drain.ts';
import type { Hold } from '../domain/holds.ts';
import { NO_PRODUCT, resultIn } from '../domain/product.ts';
import { drainedId, type Question, questionState, reviewId } from '../domain/question.ts';
import type { Task, TaskIn } from '../domain/task.ts';
import type { Asked } from './question-facade.ts';

/** A question of a worker as a person sees it. */
export function askedBy(task: Task, attempt: Attempt, question: Question, now: number): Asked {
  const { id, asker, text, options, context, askedAt, deadlineAt, fallback, answer } = question;
  return {
    id,
    kind: asker,
    taskId: task.id,
    owner: task.spec.owner,
    text,
    options,
    context,
    askedAt,
    deadlineAt,
    fallback,
    state: questionState(task, attempt, question, now),
    answer,
  };
}

/** What every one has that follows from a state alone. */
const STANDING = { deadlineAt: null, fallback: null, state: 'open', answer: null } as const;

export const ACCEPT = 'accept';
export const REJECT = 'reject';
export const ACKNOWLEDGE = 'acknowledge';

/** The work of a task that a person has to look at. */
export function reviewOf(task: TaskIn<'awaiting_review'>): Asked {
  const { id, spec, attempt } = task;
  const { concerns = [] } = resultIn(attempt.product ?? NO_PRODUCT);
  return {
    ...STANDING,
    id: reviewId(task, attempt.number),
    kind: 'review',
    taskId: id,
    owner: spec.owner,
    text: `Is the work of ${id} (${spec.title}) accepted?`,
    options: [ACCEPT, REJECT],
    context: concerns.join('\n'),
    askedAt: attempt.endedAt,
  };
}

/** The agents that failed too often in a row. */
export const drainedIn = (holds: readonly Hold[]): Asked[] =>
  holds.filter(isDrained).map(({ agent, reason, since }) => ({
    ...STANDING,
    id: drainedId(agent),
    kind: 'drained',
    taskId: null,
    owner: null,
    text: `${agent} ${reason}: may it be used again?`,
    options: [ACKNOWLEDGE],
    context: '',
    askedAt: since,
  }));
