import type { Reason, State } from './lifecycle.ts';

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
