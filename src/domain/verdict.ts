import type { Reason, State } from './lifecycle.ts';
import { resultIn } from './product.ts';
import type { Task } from './task.ts';

/** Did the work succeed: the only thing a consumer asks for success. */
export const VERDICTS = [
  'pending',
  'verified',
  'delivered',
  'unverified',
  'broken',
  'failed',
  'timed_out',
  'budget_exceeded',
  'lost',
  'cancelled',
  'skipped',
] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What the configured verification came to; `none` = none configured. */
export const VERIFICATIONS = [
  'none',
  'passed',
  'failed',
  'timed_out',
  'infrastructure',
  'unobserved',
] as const;
export type Verification = (typeof VERIFICATIONS)[number];

export function verdict(state: State, reason: Reason | null, verification: Verification): Verdict {
  switch (state) {
    case 'completed':
      if (verification === 'none') return 'delivered';
      return verification === 'passed' ? 'verified' : 'unverified';
    case 'failed':
      return failedVerdict(reason);
    case 'cancelled':
    case 'skipped':
      return state;
    default:
      return 'pending';
  }
}

/** What verifies the result of the task: only what was run on the very tree that was saved of it. */
export function verificationOf({ spec, attempt }: Pick<Task, 'spec' | 'attempt'>): Verification {
  if ((spec.checks?.verify ?? null) === null) return 'none';
  const product = attempt !== null && 'product' in attempt ? attempt.product : undefined;
  if (product === undefined) return 'unobserved';
  const { saved, verification } = resultIn(product);
  return saved !== null && verification?.tree === saved.tree ? verification.result : 'unobserved';
}

function failedVerdict(reason: Reason | null): Verdict {
  switch (reason) {
    case 'verify_failed':
      return 'broken';
    case 'timed_out':
    case 'idle':
    case 'no_first_output':
    case 'queue_timeout':
      return 'timed_out';
    case 'budget_exceeded':
      return 'budget_exceeded';
    case 'lost_vanished':
    case 'lost_rebooted':
    case 'lost_unreadable':
      return 'lost';
    default:
      return 'failed';
  }
}

export const isSuccess = (given: Verdict): boolean => given === 'verified' || given === 'delivered';
