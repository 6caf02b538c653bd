import type { EndedAttempt } from './attempt.ts';
import { type Answer, BY_DEADLINE, type Question } from './question.ts';
import { amend, type Amendment, type Step, step, type TaskIn } from './task.ts';
import { withWorker } from './worker.ts';

/** States in which the question of the last attempt may be open. */
export const ASKING_STATES = [
  'claimed',
  'running',
  'stopping',
  'finishing',
  'awaiting_input',
] as const;
export type Asking = TaskIn<(typeof ASKING_STATES)[number]>;
type Parked = TaskIn<'finishing' | 'awaiting_input'>;

/**
 * What the answer makes of the task: a parked one goes on; while its process still runs, or its work is being saved, the
 * answer waits for its end.
 */
export function answering(task: Asking, question: Question, answer: Answer): Step | Amendment {
  const told = { question: { ...question, answer } };
  switch (task.state) {
    case 'awaiting_input':
      return goesOn(task, withWorker(task.attempt, told), answer.at);
    case 'stopping':
      return amend(task, { attempt: withWorker(task.attempt, told), stop: task.stop });
    case 'claimed':
      return amend(task, { attempt: withWorker(task.attempt, told) });
    case 'running':
      return amend(task, { attempt: withWorker(task.attempt, told) });
    case 'finishing':
      return amend(task, { attempt: withWorker(task.attempt, told) });
  }
}

/** The next step of a task that is parked on a question; null = a person may still answer. */
export function afterQuestion(task: Parked, now: number): Step | null {
  const { attempt } = task;
  const question = attempt.worker?.question;
  // What it asked is not known any more: it asks again.
  if (question === undefined || question.answer !== null) return goesOn(task, attempt, now);
  if (question.deadlineAt === null || question.deadlineAt > now) return null;
  if (question.fallback === null)
    return step(
      'fail',
      task,
      { state: 'failed', reason: 'question_expired', attempt, endedAt: now },
      now,
    );
  const answer = { text: question.fallback, at: now, by: BY_DEADLINE };
  return goesOn(task, withWorker(attempt, { question: { ...question, answer } }), now);
}

const goesOn = (task: Parked, attempt: EndedAttempt, now: number): Step =>
  step('requeue', task, { state: 'queued', queuedAt: now, attempt }, now);
