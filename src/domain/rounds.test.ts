import { describe, expect, test } from 'vitest';
import type { EndedAttempt } from './attempt.ts';
import { NO_CHANGE, type Saved } from './product.ts';
import { type Asked, attempt, saved, told } from './work-sample.ts';

const FAILED = { kind: 'exited', code: 1 } as const;

describe('a further attempt', () => {
  const FAILS = ['verify 1 failed FAIL a', 'verify 2 failed FAIL a', 'baseline 1 passed'];
  const past = (given: Partial<Saved> = {}, tail = 'FAIL b'): EndedAttempt =>
    attempt({
      number: 1,
      product: {
        ...saved(given),
        verification: {
          result: 'failed',
          tree: 'x',
          flaky: false,
          detail: null,
          tail,
          failing: [],
          runs: [],
        },
      },
    });
  const idle = { since: NO_CHANGE };
  const reviewed = attempt({
    product: { ...saved(), review: { decision: 'rejected', at: 1, feedback: null } },
  });
  test.each<[string, Asked, string]>([
    ['follows a failed verification', { runs: FAILS, checks: { fix: 1 } }, 'again failed'],
    [
      'as often as is allowed',
      { runs: FAILS, checks: { fix: 1 }, earlier: [past()] },
      'bad verify_failed failed',
    ],
    [
      'counted since a person looked',
      { runs: FAILS, checks: { fix: 1 }, earlier: [past(), reviewed] },
      'again failed',
    ],
    [
      'and what failed by itself does not count',
      { runs: FAILS, checks: { fix: 1 }, earlier: [attempt({ outcome: FAILED })] },
      'again failed',
    ],
    [
      'not after two that changed nothing',
      {
        runs: FAILS,
        checks: { fix: 5 },
        earlier: [past(idle)],
        attempt: attempt({ product: saved(idle) }),
      },
      'bad verify_failed failed ! 2 attempts in a row changed nothing',
    ],
    [
      'but after one',
      {
        runs: FAILS,
        checks: { fix: 5 },
        earlier: [past()],
        attempt: attempt({ product: saved(idle) }),
      },
      'again failed',
    ],
    [
      'not after three that failed alike',
      { runs: FAILS, checks: { fix: 5 }, earlier: [past({}, 'FAIL a'), past({}, 'FAIL a')] },
      'bad verify_failed failed ! it failed 3 times in the same way',
    ],
    [
      'but after others',
      { runs: FAILS, checks: { fix: 5 }, earlier: [past({}, 'FAIL a'), past()] },
      'again failed',
    ],
  ])('%s', (_, asked, expected) => {
    expect(told(asked)).toBe(expected);
  });
});
