import { openedSession } from './agent-report.ts';
import { isLimit } from './agent-outcome.ts';
import type { EndedAttempt } from './attempt.ts';
import type { TaskIn } from './task.ts';

/**
 * Whether a further attempt of an agent follows at once, at the cost of no retry: a limit is no failure, a session
 * that could not be loaded is begun anew, and silence from the first moment on is given one more chance.
 */
export function again(
  { spec: { work }, attempt }: TaskIn<'finishing'>,
  earlier: readonly EndedAttempt[],
): boolean {
  if (work.kind !== 'agent') return false;
  const { outcome, agent } = attempt;
  if ('limit' in outcome && isLimit(outcome.kind))
    return work.onQuota === 'wait' && outcome.limit.class !== 'needs_person';
  if (outcome.kind === 'resume_unavailable') return (agent?.resumed ?? null) !== null;
  const wasSilent = ({ outcome: one }: EndedAttempt): boolean =>
    one.kind === 'stopped' && one.reason === 'no_first_output';
  return wasSilent(attempt) && !earlier.some(wasSilent);
}

/**
 * The session that the next attempt goes on with; null = a new one. It goes on with the session of an attempt that was
 * cut off; it begins anew after a failure, after a session that could not be loaded, and where no session was ever seen.
 */
export function sessionToResume(task: TaskIn<'queued'>, canResume: boolean): string | null {
  const { work } = task.spec;
  const last = task.attempt;
  if (work.kind !== 'agent') return null;
  if (last === null) return work.resume?.sessionId ?? null;
  // A voided launch never began: the next one is what it was to be.
  if (last.outcome.kind === 'voided') return last.agent?.resumed ?? null;
  const opened = last.agent === undefined ? null : openedSession(last.agent);
  return canResume && wasCutOff(last) ? opened : null;
}

function wasCutOff({ outcome }: EndedAttempt): boolean {
  if (outcome.kind === 'lost' || isLimit(outcome.kind)) return true;
  return outcome.kind === 'stopped' && outcome.reason === 'timed_out';
}
