import type { Attempt, EndedAttempt } from './attempt.ts';
import { isTerminal } from './lifecycle.ts';
import type { Task, TaskId } from './task.ts';

/** Who asks: the worker itself, or the rules for what it may do. */
export const ASKERS = ['worker', 'permission'] as const;
export type Asker = (typeof ASKERS)[number];

/** What only a person (or the agent that delegated) can say: durable, answered once. At most one of an attempt. */
export interface Question {
  /** See `questionId`. */
  id: string;
  asker: Asker;
  text: string;
  /** What it may be answered with; empty = anything. Other words are taken all the same. */
  options: readonly string[];
  /** What helps to answer it; '' = nothing. */
  context: string;
  askedAt: number;
  /** When it is too late; null = never. */
  deadlineAt: number | null;
  /** Stands for the answer when nobody gave one in time; null = the task fails. */
  fallback: string | null;
  /** Of a permission: what was to be done, as the rules see it. */
  act?: Act;
  answer: Answer | null;
}

export interface Answer {
  text: string;
  at: number;
  /** Who gave it, as far as is known: an owner, or `deadline` for the fallback. */
  by: string;
}

/** What a worker wants to do with a tool. */
export interface Act {
  tool: string;
  /** What it is done to: a command line, a path, an address; '' = the tool alone is known. */
  subject: string;
}

/** As the person sees it: `closed` = its task ended without an answer. */
export const QUESTION_STATES = ['open', 'answered', 'expired', 'closed'] as const;
export type QuestionState = (typeof QUESTION_STATES)[number];

/** Longest texts, in characters, and most options. */
export const LONGEST_QUESTION = 2_000;
export const LONGEST_QUESTION_CONTEXT = 2_000;
export const LONGEST_REPLY = 20_000;
export const LONGEST_OPTION = 200;
export const MOST_OPTIONS = 12;

/** Names the question of an attempt; the time of creation keeps a task apart from a removed one with the same id. */
export const questionId = (task: Pick<Task, 'id' | 'createdAt'>, attempt: number): string =>
  `q-${task.id}.${Math.floor(task.createdAt).toString(36)}.${attempt}`;

/** The task and the attempt that an id of `questionId` names; null = it is no such id. */
export function questionPlace(id: string): { taskId: TaskId; attempt: number } | null {
  const [, taskId, attempt] = /^q-(.+)\.[0-9a-z]+\.(\d+)$/.exec(id) ?? [];
  return taskId === undefined ? null : { taskId, attempt: Number(attempt) };
}

/** Who gives the fallback for an answer. */
export const BY_DEADLINE = 'deadline';

/** How the question of this attempt stands: only that of the last one can be open, for as long as the task can wait for it. */
export function questionState(
  task: Task,
  attempt: Pick<Attempt, 'number' | 'outcome'>,
  question: Question,
  now: number,
): QuestionState {
  if (question.answer !== null) return 'answered';
  const isLast = task.attempt?.number === attempt.number;
  if (isLast && task.state === 'failed' && task.reason === 'question_expired') return 'expired';
  const goesOn = attempt.outcome === null || attempt.outcome.kind === 'parked';
  if (!isLast || !goesOn || isTerminal(task.state) || isStopped(task)) return 'closed';
  return question.deadlineAt !== null && question.deadlineAt <= now ? 'expired' : 'open';
}

/** It is being stopped, or was as its process ended: no answer changes that. */
function isStopped(task: Task): boolean {
  if (task.state === 'stopping') return task.stop.reason !== 'settled';
  return task.state === 'finishing' && task.attempt.cancelled !== undefined;
}

/** When a parked task goes on or fails though nobody answers; null = never. */
export function questionDueAt({ worker, endedAt }: EndedAttempt): number | null {
  const question = worker?.question;
  return question === undefined || question.answer !== null ? endedAt : question.deadlineAt;
}

/** Names the review that the work of an attempt waits for. */
export const reviewId = (task: Pick<Task, 'id' | 'createdAt'>, attempt: number): string =>
  `${questionId(task, attempt)}w`;

/** Names what a person is asked of an agent that failed too often in a row. */
export const drainedId = (agent: string): string => `q-drained:${agent}`;

/** What an id names, or the task that it is one of, or the beginning of one. */
export type Named =
  | { kind: 'question' | 'review'; taskId: TaskId; attempt: number }
  | { kind: 'drained'; agent: string }
  | { kind: 'task'; prefix: string };

/** No id of a task has a point or a colon in it. */
export function namedBy(id: string): Named {
  const agent = /^q-drained:(.+)$/.exec(id)?.[1];
  if (agent !== undefined) return { kind: 'drained', agent };
  const isReview = /\dw$/.test(id);
  const place = questionPlace(isReview ? id.slice(0, -1) : id);
  if (place === null) return { kind: 'task', prefix: id };
  return { kind: isReview ? 'review' : 'question', ...place };
}
