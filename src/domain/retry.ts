import type { EndedAttempt, Outcome } from './attempt.ts';

/** `attempts` further ones after a failure; the nth waits `backoff[n-1]` ms (the last entry repeats). */
export interface RetryPolicy {
  attempts: number;
  backoff: readonly number[];
}

export const NO_RETRY: RetryPolicy = { attempts: 0, backoff: [5_000, 15_000, 45_000] };

/** Attempts that vanished without a record are repeated at most this often, whatever the policy allows. */
export const MAX_LOST_RETRIES = 3;
/** Jitter is at most this share of the wait, so that tasks that failed together do not return together. */
const JITTER = 0.2;

const isFailure = (outcome: Outcome): boolean => {
  switch (outcome.kind) {
    case 'exited':
      return outcome.code !== 0;
    case 'signaled':
    case 'spawn_failed':
    case 'lost':
      return true;
    case 'stopped':
      return outcome.reason === 'timed_out' || outcome.reason === 'idle';
    case 'no_final_answer':
    case 'agent_error':
      return true;
    // Another try of the same comes to the same, or is no retry at all.
    case 'voided':
    case 'ok':
    case 'rate_limited':
    case 'quota_exhausted':
    case 'overloaded':
    case 'auth_failed':
    case 'model_unavailable':
    case 'max_turns':
    case 'budget_exceeded':
    case 'resume_unavailable':
      return false;
  }
};

/**
 * Milliseconds until the next attempt, or null when the policy is spent. `ended` are this task's ended
 * attempts, oldest first; `chance` in [0, 1) spreads the wait.
 */
export function retryDelay(
  policy: RetryPolicy,
  ended: readonly Pick<EndedAttempt, 'outcome' | 'output'>[],
  chance: number,
): number | null {
  const failures = ended.filter((attempt) => isFailure(attempt.outcome));
  const last = failures.at(-1);
  if (last === undefined || last !== ended.at(-1)) return null;
  if (failures.length > policy.attempts) return null;
  const lost = failures.filter((attempt) => attempt.outcome.kind === 'lost').length;
  if (last.outcome.kind === 'lost' && lost > MAX_LOST_RETRIES) return null;
  if (repeatsItself(failures)) return null;
  const wait = policy.backoff[Math.min(failures.length, policy.backoff.length) - 1] ?? 0;
  return Math.round(wait * (1 + JITTER * chance));
}

/** Two equal error tails in a row: a third attempt would tell nothing new. */
function repeatsItself(failures: readonly Pick<EndedAttempt, 'output'>[]): boolean {
  const [before, last] = failures.slice(-2).map((attempt) => attempt.output.errorTail);
  return before !== undefined && last !== undefined && before !== '' && before === last;
}
