import type { AgentReport } from './agent-report.ts';
import type { Seat } from './agent-work.ts';
import type { RunningAttempt } from './attempt.ts';
import { parks } from './worker.ts';

/** How long an agent that has said what it came to may take to end by itself (ms). */
export const SETTLED_GRACE = 10_000;
/** An announced wait for the next try that is longer than this (ms) is waited for without a process. */
export const LONGEST_RETRY_WAIT = 45_000;

/** The protocol has said what the attempt came to: its process is only in the way. */
export function isSettled({ final, limit, wait }: AgentReport): boolean {
  if (final !== null) return true;
  if (limit === null) return false;
  return limit.limit.class !== 'transient' || (wait ?? 0) > LONGEST_RETRY_WAIT;
}

/** How long an agent that has asked may take to end by itself: it was told to stop (ms). */
export const ASKED_GRACE = 120_000;

/** When the process of an attempt that is settled, or waits for an answer, is ended; Infinity = it is neither. */
export function settlesAt({ agent, worker }: RunningAttempt): number {
  const settled = (agent?.settledAt ?? Infinity) + SETTLED_GRACE;
  const question = parks(worker) ? worker?.question : undefined;
  return question === undefined || question.answer !== null
    ? settled
    : Math.min(settled, question.askedAt + ASKED_GRACE);
}

/**
 * Which bound of the envelope the attempt is beyond, or of a budget (`overBudget`); null = within all. The minutes are
 * the task's own timeout.
 */
export function beyond(
  { envelope }: Pick<Seat, 'envelope'>,
  { turns, usage, final }: AgentReport,
  overBudget = false,
): 'max_turns' | 'budget_exceeded' | null {
  if (final !== null) return null;
  if (overBudget || (usage?.costUsd ?? 0) > envelope.costUsd) return 'budget_exceeded';
  return turns > envelope.turns ? 'max_turns' : null;
}
