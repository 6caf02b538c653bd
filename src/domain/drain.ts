import type { Outcome } from './attempt.ts';
import { drainOf, type Hold, oneLine } from './holds.ts';

/** Tasks of an agent that really fail one after the other, until nothing of it starts before a person looked. */
export const DRAIN_AFTER = 2;

export const isDrain = (hold: Pick<Hold, 'class'>): boolean => hold.class === 'drained';

/** Whether so many failures in a row keep the agent from being used. */
export const isDrained = (hold: Hold | null): boolean =>
  hold !== null && isDrain(hold) && hold.count >= DRAIN_AFTER;

/** What the end of an attempt says of its agent: it works, it does not, or nothing. */
export type Sign = 'works' | 'fails' | null;

/**
 * The one list of what counts as a real failure of an agent: it broke off, said nothing, could not be started, or hung.
 * Limits, stops by a person, lost machines, refused logins and models, envelopes that are used up and work that was
 * done badly say nothing of it; the task or the account has its own word for each.
 */
export function signOf(outcome: Outcome): Sign {
  switch (outcome.kind) {
    case 'ok':
      return 'works';
    case 'agent_error':
    case 'no_final_answer':
    case 'spawn_failed':
    case 'signaled':
      return 'fails';
    case 'exited':
      return outcome.code === 0 ? null : 'fails';
    case 'stopped':
      return outcome.reason === 'idle' || outcome.reason === 'no_first_output' ? 'fails' : null;
    case 'lost':
    case 'voided':
    case 'parked':
    case 'rate_limited':
    case 'quota_exhausted':
    case 'overloaded':
    case 'auth_failed':
    case 'model_unavailable':
    case 'max_turns':
    case 'budget_exceeded':
    case 'resume_unavailable':
      return null;
  }
}

/**
 * The row of failures after an attempt with this outcome; null = none is left, undefined = it stays as it is. Further
 * attempts of the task that failed last count no more: its own retries may be the fault of what was asked.
 */
export function drainAfter(
  previous: Hold | null,
  { agent, taskId }: { agent: string; taskId: string },
  outcome: Outcome,
  now: number,
): Hold | null | undefined {
  const sign = signOf(outcome);
  if (sign === null) return undefined;
  if (sign === 'works') return previous === null ? undefined : null;
  if (previous !== null && previous.taskId === taskId) return undefined;
  const count = (previous?.count ?? 0) + 1;
  return {
    account: drainOf(agent),
    agent,
    class: 'drained',
    until: null,
    // Below the threshold nothing is held, however the clock is set.
    retryAt: count < DRAIN_AFTER ? 0 : null,
    since: previous !== null && isDrained(previous) ? previous.since : now,
    count,
    reason: previous !== null && isDrained(previous) ? previous.reason : reasonOf(count, outcome),
    failure: null,
    taskId,
  };
}

const reasonOf = (count: number, outcome: Outcome): string =>
  oneLine(`failed ${count === 1 ? 'once' : 'twice in a row'} (${wordsFor(outcome)})`);

/** A failed outcome in a few words. */
function wordsFor(outcome: Outcome): string {
  const name = outcome.kind.replaceAll('_', ' ');
  switch (outcome.kind) {
    case 'exited':
      return `exit code ${outcome.code}`;
    case 'signaled':
      return outcome.signal;
    case 'stopped':
      return outcome.reason.replaceAll('_', ' ');
    case 'spawn_failed':
      return `${name}: ${outcome.detail}`;
    default:
      return 'message' in outcome && outcome.message !== '' ? `${name}: ${outcome.message}` : name;
  }
}
