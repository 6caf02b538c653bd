import { reasonOf } from '../domain/delivery.ts';
import { TendError } from '../domain/errors.ts';
import type { ReviewFacts } from '../domain/product.ts';
import { oneLine } from '../domain/prompt.ts';
import type { Question, QuestionState } from '../domain/question.ts';
import { isEnded, type Task } from '../domain/task.ts';

/** Longest answer that is repeated in a message, in characters. */
const LONGEST_TOLD = 200;

export const noQuestion = (id: string): TendError =>
  new TendError(
    'not_found',
    `there is no question "${id}"`,
    'See the open ones with: tend questions',
  );

export function asksNothing(task: Task, review: ReviewFacts | undefined): TendError {
  if (review !== undefined) return reviewed(task, review);
  if (isEnded(task)) return isOver(task);
  return new TendError(
    'not_found',
    `${task.id} is ${task.state} and has asked nothing`,
    'See the open questions with: tend questions',
  );
}

export const isOver = (task: Task): TendError =>
  new TendError(
    'already_ended',
    `${task.id} has ended (${statusOf(task)}): nothing waits for an answer`,
    `See what it came to with: tend show ${task.id}`,
  );

export const notAmong = (id: string, options: readonly string[]): TendError =>
  new TendError(
    'invalid_input',
    `"${id}" cannot be answered with that`,
    `It can be answered with: ${options.join(', ')}`,
  );

export const reviewed = (task: Task, { decision }: ReviewFacts): TendError =>
  new TendError(
    'already_answered',
    `the work of ${task.id} was ${decision} already; the task is ${statusOf(task)}`,
    'The first answer stands.',
  );

/** Why a question takes no answer. */
export function notOpen(
  task: Task,
  { id, answer }: Question,
  state: Exclude<QuestionState, 'open'>,
): TendError {
  switch (state) {
    case 'answered':
      return new TendError(
        'already_answered',
        `${id} was answered by ${answer?.by ?? 'somebody'} with ${JSON.stringify(oneLine(answer?.text ?? '', LONGEST_TOLD))}; ${task.id} is ${statusOf(task)}`,
        'The first answer stands.',
      );
    case 'expired':
      return new TendError(
        'question_expired',
        `${id} was to be answered before its deadline; ${task.id} is ${statusOf(task)}`,
        `Once it has ended, what it asked can be told with: tend retry ${task.id} --feedback "…"`,
      );
    case 'closed':
      return isEnded(task)
        ? isOver(task)
        : new TendError(
            'already_ended',
            `the attempt that asked ${id} is over; ${task.id} is ${statusOf(task)}`,
            'See the open questions with: tend questions',
          );
  }
}

const statusOf = (task: Task): string => {
  const reason = reasonOf(task);
  return reason === null ? task.state : `${task.state}, ${reason}`;
};
