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
import { NO_PRODUCT, type Product } from './product.ts';
import type { Checks } from './checks.ts';
import { attempt, CHECKS, finishing, saved, without } from './work-sample.ts';
import {
  isSuccess,
  type Verdict,
  type Verification,
  VERDICTS,
  VERIFICATIONS,
  verdict,
  verificationOf,
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

describe('the verification that counts', () => {
  const facts = (result: Exclude<Verification, 'none'>, tree = 'tree') => ({
    verification: { result, tree, flaky: false, detail: null, tail: '', failing: [], runs: [] },
  });
  const of = (product: Product | null, checks: Partial<Checks> | null = {}) =>
    verificationOf(
      finishing(product === null ? without({}) : attempt({ product }), {
        checks: checks === null ? null : { ...CHECKS, ...checks },
      }),
    );

  test.each<[string, Product | null, Verification]>([
    ['nothing is known', null, 'unobserved'],
    ['nothing was run', saved(), 'unobserved'],
    ['nothing was saved', { ...NO_PRODUCT, ...facts('passed') }, 'unobserved'],
    ['it passed', { ...saved(), ...facts('passed') }, 'passed'],
    ['it passed on other work', { ...saved(), ...facts('passed', 'other') }, 'unobserved'],
    ['it failed', { ...saved(), ...facts('failed') }, 'failed'],
    ['it timed out', { ...saved(), ...facts('timed_out') }, 'timed_out'],
    ['it could not be run', { ...saved(), ...facts('infrastructure') }, 'infrastructure'],
    ['it told nothing', { ...saved(), ...facts('unobserved') }, 'unobserved'],
    [
      'another attempt is the result',
      {
        ...saved(),
        ...facts('failed'),
        best: { number: 1, product: { ...saved(), ...facts('passed') } },
      },
      'passed',
    ],
    [
      'another attempt is the result, and is not verified',
      { ...saved(), ...facts('passed'), best: { number: 1, product: saved() } },
      'unobserved',
    ],
  ])('when %s', (_, product, expected) => {
    expect(of(product)).toBe(expected);
    expect(of(product, null)).toBe('none');
    expect(of(product, { verify: null })).toBe('none');
  });

  test('before anything has ended there is none', () => {
    const task = { ...finishing(attempt(), { checks: CHECKS }), attempt: null };
    expect(verificationOf(task)).toBe('unobserved');
  });
});
