import { openedSession } from './agent-report.ts';
import { isLimit } from './agent-outcome.ts';
import { type AgentWork, isSameSeat, type Seat, seated, usableSeats } from './agent-work.ts';
import type { EndedAttempt } from './attempt.ts';
import { ending } from './outcome.ts';
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
    return outcome.limit.class === 'needs_person'
      ? work.onQuota === 'ask' ||
          (work.onQuota !== 'fail' && hasAnother(work, [...earlier, attempt]))
      : work.onQuota !== 'fail';
  if (outcome.kind === 'resume_unavailable') return (agent?.resumed ?? null) !== null;
  const wasSilent = ({ outcome: one }: EndedAttempt): boolean =>
    one.kind === 'stopped' && one.reason === 'no_first_output';
  return wasSilent(attempt) && !earlier.some(wasSilent);
}

/** Whether an agent is left whose account needs no person. */
function hasAnother(work: AgentWork, attempts: readonly EndedAttempt[]): boolean {
  const refused = attempts.flatMap(({ outcome, agent }) =>
    'limit' in outcome && outcome.limit.class === 'needs_person'
      ? [seated(work, agent).account]
      : [],
  );
  return usableSeats(work).some(({ account }) => !refused.includes(account));
}

/**
 * The session that the next attempt, on `seat`, goes on with; null = a new one. It goes on with the session of an
 * attempt that was cut off, or whose work was sent back; it begins anew after a failure, after a session that could not
 * be loaded, where no session was ever seen, and where another agent or account had the session.
 */
export function sessionToResume(
  task: TaskIn<'queued'>,
  canResume: boolean,
  seat: Pick<Seat, 'agent' | 'account'>,
): string | null {
  const { work } = task.spec;
  const last = task.attempt;
  if (work.kind !== 'agent' || !isSameSeat(seated(work, last?.agent), seat)) return null;
  // Those that compete begin alike, each in a place of its own.
  if ((task.spec.checks?.bestOf ?? 1) > 1) return null;
  if (last === null) return work.resume?.sessionId ?? null;
  // A voided launch never began: the next one is what it was to be.
  if (last.outcome.kind === 'voided') return last.agent?.resumed ?? null;
  const opened = last.agent === undefined ? null : openedSession(last.agent);
  const isSentBack = ending(last.outcome).state === 'completed';
  return canResume && (wasCutOff(last) || isSentBack) ? opened : null;
}

/** It ended in the middle of its work, which is no failure of the work. */
export function wasCutOff({ outcome }: EndedAttempt): boolean {
  if (outcome.kind === 'lost' || outcome.kind === 'parked' || isLimit(outcome.kind)) return true;
  return outcome.kind === 'stopped' && outcome.reason === 'timed_out';
}
