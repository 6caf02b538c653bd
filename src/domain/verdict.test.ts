import { describe, expect, test } from 'vitest';
import {
  CANCEL_REASONS,
  FAIL_REASONS,
  type FailReason,
  type Reason,
  SKIP_REASONS,
  STATES,
  type State,
} from './lifecycle.ts';
import {
  isSuccess,
  type Verdict,
  type Verification,
  VERDICTS,
  VERIFICATIONS,
  verdict,
} from './verdict.ts';

const REASONS: readonly (Reason | null)[] = [
  null,
  ...FAIL_REASONS,
  ...CANCEL_REASONS,
  ...SKIP_REASONS,
];

/** A completed task: only its verification counts. */
const COMPLETED: Record<Verification, Verdict> = {
  none: 'delivered',
  passed: 'verified',
  failed: 'unverified',
  timed_out: 'unverified',
  infrastructure: 'unverified',
  unobserved: 'unverified',
};

/** A failed task: only its reason counts. */
const FAILED: Record<FailReason, Verdict> = {
  exit_code: 'failed',
  signal: 'failed',
  timed_out: 'timed_out',
  idle: 'timed_out',
  no_first_output: 'timed_out',
  budget_exceeded: 'budget_exceeded',
  output_limit: 'failed',
  spawn_failed: 'failed',
  rate_limited: 'failed',
  quota_exhausted: 'failed',
  auth_failed: 'failed',
  model_unavailable: 'failed',
  max_turns: 'failed',
  no_final_answer: 'failed',
  agent_error: 'failed',
  uncommitted_changes: 'failed',
  verify_failed: 'broken',
  judge_rejected: 'failed',
  rejected: 'failed',
  question_expired: 'failed',
  queue_timeout: 'timed_out',
  child_failed: 'failed',
  lost_vanished: 'lost',
  lost_rebooted: 'lost',
  lost_unreadable: 'lost',
};

const isFailReason = (reason: Reason | null): reason is FailReason =>
  FAIL_REASONS.some((known) => known === reason);

function expected(state: State, reason: Reason | null, verification: Verification): Verdict {
  if (state === 'completed') return COMPLETED[verification];
  if (state === 'failed') return isFailReason(reason) ? FAILED[reason] : 'failed';
  if (state === 'cancelled' || state === 'skipped') return state;
  return 'pending';
}

describe.each(STATES)('%s', (state) => {
  test.each(VERIFICATIONS)('with every reason, verification %s', (verification) => {
    const seen = REASONS.map((reason) => [reason, verdict(state, reason, verification)]);
    expect(seen).toEqual(REASONS.map((reason) => [reason, expected(state, reason, verification)]));
  });
});

test('every verdict can be reached', () => {
  const reached = STATES.flatMap((state) =>
    REASONS.flatMap((reason) => VERIFICATIONS.map((known) => verdict(state, reason, known))),
  );
  expect([...new Set(reached)].toSorted()).toEqual([...VERDICTS].toSorted());
});

test('success is a completed task that nothing speaks against', () => {
  expect(VERDICTS.filter(isSuccess)).toEqual(['verified', 'delivered']);
});
