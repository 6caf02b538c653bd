import type { EndedAttempt, Outcome } from './attempt.ts';
import type { FailReason } from './lifecycle.ts';
import { ending } from './outcome.ts';

/** Reasons for which another try of the same may come to something else. */
export const RETRY_CAUSES = [
  'exit_code',
  'signal',
  'timed_out',
  'idle',
  'no_first_output',
  'output_limit',
  'spawn_failed',
  'lost_vanished',
  'lost_rebooted',
  'lost_unreadable',
  'no_final_answer',
  'agent_error',
  'max_turns',
] as const satisfies readonly FailReason[];
export type RetryCause = (typeof RETRY_CAUSES)[number];

/** What is not tried again unless it was asked for: it rarely comes to something else. */
const ONLY_IF_ASKED: readonly RetryCause[] = ['no_first_output', 'output_limit', 'max_turns'];
/** What is tried again when nothing else was said. */
export const RETRY_ON: readonly RetryCause[] = RETRY_CAUSES.filter(
  (cause) => !ONLY_IF_ASKED.includes(cause),
);

/** `attempts` further ones after a failure; the nth waits `backoff[n-1]` ms (the last entry repeats). */
export interface RetryPolicy {
  attempts: number;
  backoff: readonly number[];
  /** Only after these failures; left out = `RETRY_ON`. */
  on?: readonly RetryCause[];
  /** Doing it twice does no harm: also tried again after an agent has acted outside its folder. */
  idempotent?: boolean;
}

export const NO_RETRY: RetryPolicy = { attempts: 0, backoff: [5_000, 15_000, 45_000] };

/** Attempts that vanished without a record are repeated at most this often, whatever the policy allows. */
export const MAX_LOST_RETRIES = 3;
/** Jitter is at most this share of the wait, so that tasks that failed together do not return together. */
const JITTER = 0.2;

type Ended = Pick<EndedAttempt, 'outcome' | 'output' | 'agent'>;

/** The failure that an outcome is, as far as it can be tried again; null = it cannot. */
export function causeOf(outcome: Outcome): RetryCause | null {
  // No failure of its own: launched again, begun anew, or ended after its last word.
  if (outcome.kind === 'voided' || outcome.kind === 'resume_unavailable') return null;
  if (outcome.kind === 'stopped' && outcome.reason === 'settled') return null;
  const end = ending(outcome);
  return end.state === 'failed'
    ? (RETRY_CAUSES.find((cause) => cause === end.reason) ?? null)
    : null;
}

/** The attempts that count against the policy: an agent's first silence is tried again for nothing. */
function failuresIn<T extends Ended>({ on = RETRY_ON }: RetryPolicy, ended: readonly T[]): T[] {
  const failures = ended.filter(({ outcome }) => {
    const cause = causeOf(outcome);
    return cause !== null && on.includes(cause);
  });
  const silent = failures.find(({ outcome }) => causeOf(outcome) === 'no_first_output');
  return failures.filter((attempt) => attempt !== silent || attempt === ended.at(-1));
}

/**
 * Milliseconds until the next attempt, or null when the policy is spent. `ended` are this task's ended
 * attempts, oldest first; `chance` in [0, 1) spreads the wait.
 */
export function retryDelay(
  policy: RetryPolicy,
  ended: readonly Ended[],
  chance: number,
): number | null {
  const failures = failuresIn(policy, ended);
  const last = failures.at(-1);
  if (last === undefined || last !== ended.at(-1)) return null;
  if (failures.length > policy.attempts || refusal(policy, ended, failures) !== null) return null;
  const wait = policy.backoff[Math.min(failures.length, policy.backoff.length) - 1] ?? 0;
  return Math.round(wait * (1 + JITTER * chance));
}

/** Why a task that failed was not tried again although its policy had attempts left; null = it had none left. */
export function whyNotRetried(policy: RetryPolicy, ended: readonly Ended[]): string | null {
  const last = ended.at(-1);
  const cause = last === undefined ? null : causeOf(last.outcome);
  if (cause === null || policy.attempts === 0) return null;
  const failures = failuresIn(policy, ended);
  if (failures.at(-1) !== last) return `${cause} is none of the reasons to retry it`;
  return failures.length > policy.attempts ? null : refusal(policy, ended, failures);
}

/** What forbids one more attempt, in words; null = nothing. */
function refusal(
  { idempotent = false }: RetryPolicy,
  ended: readonly Ended[],
  failures: readonly Ended[],
): string | null {
  const lost = failures.filter(({ outcome }) => outcome.kind === 'lost').length;
  if (failures.at(-1)?.outcome.kind === 'lost' && lost > MAX_LOST_RETRIES)
    return `it was lost ${lost} times`;
  if (repeatsItself(failures)) return 'it failed twice in the same way';
  const outside = ended.map(({ agent }) => agent?.report?.outside ?? null).find(Boolean) ?? null;
  return outside === null || idempotent
    ? null
    : `it had acted outside its folder (${outside}); a task that may do so twice is submitted with --idempotent`;
}

/** Two equal error tails in a row: a third attempt would tell nothing new. */
function repeatsItself(failures: readonly Pick<Ended, 'output'>[]): boolean {
  const [before, last] = failures.slice(-2).map(({ output }) => sameWords(output.errorTail));
  return before !== undefined && last !== undefined && before !== '' && before === last;
}

/** Ids, addresses, times and counts differ from one run to the next. */
const CHANGING =
  /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|0x[\da-f]+|\b(?=[a-f]*\d)[\da-f]{6,}\b|\d+/gi;
/** The text with the same sign for all of them. */
export const sameWords = (tail: string): string => tail.replace(CHANGING, '#');
