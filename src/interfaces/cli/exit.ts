/** Which exit code a task comes to. */
import type { Task } from '../client/index.ts';
import { isTerminal } from '../../domain/lifecycle.ts';
import { isSuccess } from '../../domain/verdict.ts';

export const EXIT = {
  success: 0,
  failed: 1,
  usage: 2,
  held: 75,
  timedOut: 124,
  internal: 125,
  interrupted: 130,
} as const;

/** The part of a task that decides about the exit code. */
export type Ended = Pick<Task, 'kind' | 'state' | 'reason' | 'verdict' | 'exitCode'>;

export const hasEnded = (task: Pick<Task, 'state'>): boolean => isTerminal(task.state);

/** 0, the command's own code in 1..123, 75 for a limit, 124 for a task that timed out, else 1. */
export function exitCodeOf(task: Ended): number {
  if (isSuccess(task.verdict)) return EXIT.success;
  if (task.verdict === 'timed_out') return EXIT.timedOut;
  const { kind, reason, exitCode } = task;
  if (reason === 'rate_limited' || reason === 'quota_exhausted') return EXIT.held;
  const isOwn = kind === 'command' && reason === 'exit_code' && exitCode !== null;
  return isOwn && exitCode >= 1 && exitCode <= 123 ? exitCode : EXIT.failed;
}

/** Of one task its own code; of several 0 when all of them succeeded, else 1. */
export function exitCodeOfAll(tasks: readonly Ended[]): number {
  const [only, ...others] = tasks;
  if (only !== undefined && others.length === 0) return exitCodeOf(only);
  return tasks.every((task) => isSuccess(task.verdict)) ? EXIT.success : EXIT.failed;
}
