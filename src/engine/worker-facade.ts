import type { Act, Question } from '../domain/question.ts';
import type { Task } from '../domain/task.ts';
import type { Finish, Progress } from '../domain/worker.ts';

/** What a worker asks; durations in ms. */
export interface AskRequest {
  text: string;
  options: readonly string[];
  context: string;
  /** Null = as configured. */
  within: number | null;
  fallback: string | null;
}

/** What the rules say of an act: `asked` = a person is; the worker stops and goes on after the answer. */
export interface Ruling {
  ruling: 'allow' | 'deny' | 'asked';
  reason: string;
  question: Question | null;
}

/**
 * What the agent of a running attempt may do with its one-task token. Every verb throws `unauthorized` for a token that is
 * none, and `already_ended` for one of an attempt that is over.
 */
export interface WorkerVerbs {
  task(token: string): Promise<Task>;
  /** The question is durable once this resolves; asked again, the answer is the open one. Throws `already_finished` after `finish`. */
  ask(token: string, request: AskRequest): Promise<Question>;
  /** The first one stands: the same content again is answered alike, other content throws `already_finished`. */
  finish(token: string, finish: Omit<Finish, 'at'>): Promise<Finish>;
  /** Told more often than a few times a second, some of it is left out. */
  progress(token: string, progress: Omit<Progress, 'at'>): Promise<void>;
  permit(token: string, act: Act, input: string): Promise<Ruling>;
  /** What is known of the project, of this kind or with these words ('' = all), the newest first, within the cap; '' = nothing. */
  memory(token: string, query: string): Promise<string>;
  /** Tells the other tasks of the group; told again, it is one. Throws `unsupported` for a task without a group. */
  finding(token: string, text: string): Promise<{ repeated: boolean }>;
}
