import { describe, expect, test } from 'vitest';
import { AGENT_FAILURES, type AgentOutcome, isLimit, limitFor } from './agent-outcome.ts';
import { EMPTY_REPORT } from './agent-report.ts';
import { NO_OUTPUT, type Outcome } from './attempt.ts';
import { STOP_REASONS } from './lifecycle.ts';
import {
  causeOf,
  MAX_LOST_RETRIES,
  NO_RETRY,
  RETRY_CAUSES,
  RETRY_ON,
  type RetryCause,
  retryDelay,
  whyNotRetried,
} from './retry.ts';

const POLICY = { attempts: 3, backoff: [5_000, 15_000, 45_000] };

/** Short names for what an attempt came to; a word after a colon is its error tail. */
const OUTCOMES: Record<string, Outcome> = {
  ok: { kind: 'exited', code: 0 },
  bad: { kind: 'exited', code: 1 },
  sig: { kind: 'signaled', signal: 'SEGV' },
  refused: { kind: 'spawn_failed', detail: 'no such folder' },
  lost: { kind: 'lost', how: 'vanished' },
  reboot: { kind: 'lost', how: 'rebooted' },
  void: { kind: 'voided' },
  user: { kind: 'stopped', reason: 'user' },
  timeout: { kind: 'stopped', reason: 'timed_out' },
  answered: { kind: 'ok' },
  error: { kind: 'agent_error', message: 'a' },
  mute: { kind: 'no_final_answer', message: 'a' },
  limit: { kind: 'rate_limited', limit: limitFor('rate_limited', 'a'), message: 'a' },
  unloaded: { kind: 'resume_unavailable', message: 'a' },
  silent: { kind: 'stopped', reason: 'no_first_output' },
};

const attempts = (words: string) =>
  words.split(' ').flatMap((word) => {
    const [name = '', errorTail = ''] = word.split(':');
    const outcome = OUTCOMES[name];
    return outcome === undefined ? [] : [{ outcome, output: { ...NO_OUTPUT, errorTail } }];
  });

describe('three further attempts, waiting 5, 15 and 45 s', () => {
  test.each([
    // nothing to repeat
    ['', null],
    ['ok', null],
    ['user', null],
    ['void', null],
    ['bad ok', null],
    ['bad user', null],
    // each failure waits longer
    ['bad', 5_000],
    ['sig', 5_000],
    ['refused', 5_000],
    ['timeout', 5_000],
    ['lost', 5_000],
    ['bad sig', 15_000],
    ['bad sig timeout', 45_000],
    ['bad sig timeout bad', null],
    // a voided claim takes a number and costs nothing
    ['void bad', 5_000],
    ['bad void void void sig', 15_000],
    // two equal error tails in a row end it; empty ones say nothing
    ['bad:boom bad:boom', null],
    ['bad:boom void bad:boom', null],
    ['bad:boom bad:bang', 15_000],
    ['bad:boom bad:bang bad:boom', 45_000],
    ['bad:boom bad:bang bad:bang', null],
    ['bad bad', 15_000],
    // an agent's failures count like any other, what went on at once costs nothing
    ['answered', null],
    ['error', 5_000],
    ['mute', 5_000],
    ['error mute lost', 45_000],
    ['error mute lost error', null],
    ['error answered', null],
    ['limit', null],
    ['limit limit limit limit error', 5_000],
    ['error limit unloaded silent error', 15_000],
    ['error:boom limit error:boom', null],
  ])('%j → %j', (words, expected) => {
    expect(retryDelay(POLICY, attempts(words), 0)).toBe(expected);
  });
});

describe('attempts without a record', () => {
  const generous = { attempts: 100, backoff: [1_000] };
  test.each([
    ['lost', 1_000],
    ['lost reboot', 1_000],
    ['lost reboot lost', 1_000],
    ['lost reboot lost lost', null],
    ['lost reboot lost bad', 1_000],
    ['lost reboot lost bad lost', null],
    ['lost reboot lost lost bad', 1_000],
  ])('%j → %j, whatever the policy allows', (words, expected) => {
    expect(retryDelay(generous, attempts(words), 0)).toBe(expected);
    expect(MAX_LOST_RETRIES).toBe(3);
  });
});

test.each(STOP_REASONS)('a stop for %s', (reason) => {
  const stopped = [{ outcome: { kind: 'stopped', reason } as const, output: NO_OUTPUT }];
  const isFailure = ['timed_out', 'idle'].includes(reason);
  expect(retryDelay(POLICY, stopped, 0)).toBe(isFailure ? 5_000 : null);
});

test.each(AGENT_FAILURES)('an agent that ended with %s', (kind) => {
  const outcome: AgentOutcome = isLimit(kind)
    ? { kind, limit: limitFor(kind, 'a'), message: 'a' }
    : { kind, message: 'a' };
  const isFailure = ['no_final_answer', 'agent_error'].includes(kind);
  expect(retryDelay(POLICY, [{ outcome, output: NO_OUTPUT }], 0)).toBe(isFailure ? 5_000 : null);
});

test('without a policy nothing is repeated', () => {
  expect(retryDelay(NO_RETRY, attempts('bad'), 0)).toBeNull();
});

test('the last wait repeats, no wait at all is none', () => {
  expect(retryDelay({ attempts: 9, backoff: [1, 20] }, attempts('bad sig bad sig'), 0)).toBe(20);
  expect(retryDelay({ attempts: 1, backoff: [] }, attempts('bad'), 0)).toBe(0);
});

test('chance adds up to a fifth', () => {
  expect(retryDelay(POLICY, attempts('bad'), 0.5)).toBe(5_500);
  expect(retryDelay(POLICY, attempts('bad'), 0.999_999)).toBe(6_000);
});

describe('what may be tried again', () => {
  const reasons = (words: string) => attempts(words).map(({ outcome }) => causeOf(outcome));
  test('is what a further attempt may change', () => {
    expect(reasons('ok bad sig refused lost reboot void user timeout silent')).toEqual([
      null,
      'exit_code',
      'signal',
      'spawn_failed',
      'lost_vanished',
      'lost_rebooted',
      null,
      null,
      'timed_out',
      'no_first_output',
    ]);
    expect(reasons('answered error mute limit unloaded')).toEqual([
      null,
      'agent_error',
      'no_final_answer',
      null,
      null,
    ]);
    expect(causeOf({ kind: 'stopped', reason: 'settled' })).toBeNull();
    expect(causeOf({ kind: 'max_turns', message: '' })).toBe('max_turns');
  });

  test('and by itself only what often comes to something else', () => {
    expect(RETRY_CAUSES.filter((cause) => !RETRY_ON.includes(cause))).toEqual([
      'no_first_output',
      'output_limit',
      'max_turns',
    ]);
  });

  test.each<[string, RetryCause[], number | null]>([
    ['bad', ['timed_out'], null],
    ['timeout', ['timed_out'], 5_000],
    ['timeout bad', ['timed_out'], null],
    // what is not to be tried again costs no attempt, and ends it
    ['bad', [], null],
    ['lost', ['lost_rebooted'], null],
    ['reboot', ['lost_rebooted'], 5_000],
    // the first silence is tried again for nothing
    ['silent', ['no_first_output'], 5_000],
    ['silent silent', ['no_first_output'], 5_000],
    ['silent silent silent', ['no_first_output'], 15_000],
  ])('%s, on %j: %s', (words, on, delay) => {
    expect(retryDelay({ ...POLICY, on }, attempts(words), 0)).toBe(delay);
  });
});

describe('equal error tails', () => {
  const failed = (errorTail: string) => ({
    outcome: { kind: 'exited', code: 1 } as const,
    output: { ...NO_OUTPUT, errorTail },
  });
  test.each([
    ['took 12.5 s', 'took 9.25 s', true],
    ['at 2026-11-26T10:00:00Z: no', 'at 2026-11-26T10:00:05Z: no', true],
    ['pid 4711', 'pid 4712', true],
    ['at 0x7ffee1', 'at 0x7fff00', true],
    ['commit 1a2b3c4d failed', 'commit ffff0000aa failed', true],
    [
      'request 0f8fad5b-d9cd-469f-a165-70867728950e',
      'request 7c9e6679-7425-40de-944b-e07fc1f90ae7',
      true,
    ],
    ['3 tests failed', '4 tests failed', true],
    ['decade', 'facade', false],
    ['no such file', 'no such folder', false],
    ['42', '7', true],
  ])('%j and %j are the same: %s', (one, other, same) => {
    expect(retryDelay(POLICY, [failed(one), failed(other)], 0)).toBe(same ? null : 15_000);
  });
});

describe('after an agent has acted outside its folder', () => {
  const acted = (words: string, outside: string | null = 'git push') =>
    attempts(words).map((attempt, nth) => ({
      ...attempt,
      ...(nth === 0 && {
        agent: {
          sessionId: null,
          resumed: null,
          before: null,
          report: { ...EMPTY_REPORT, outside },
          settledAt: null,
        },
      }),
    }));
  test('nothing is tried again by itself, unless it may be done twice', () => {
    expect(retryDelay(POLICY, acted('error'), 0)).toBeNull();
    expect(retryDelay(POLICY, acted('limit error'), 0)).toBeNull();
    expect(retryDelay({ ...POLICY, idempotent: true }, acted('error'), 0)).toBe(5_000);
    expect(retryDelay(POLICY, acted('error', null), 0)).toBe(5_000);
  });

  test('and it is told why', () => {
    expect(whyNotRetried(POLICY, acted('error'))).toBe(
      'it had acted outside its folder (git push); a task that may do so twice is submitted with --idempotent',
    );
  });
});

describe('why it was not tried again', () => {
  test.each<[string, string | null]>([
    ['', null],
    ['ok', null],
    ['user', null],
    ['limit', null],
    ['bad', null],
    ['bad sig timeout bad', null],
    ['bad:boom bad:boom', 'it failed twice in the same way'],
    ['lost lost lost lost', 'it was lost 4 times'],
    ['silent', 'no_first_output is none of the reasons to retry it'],
  ])('%s: %s', (words, why) => {
    expect(
      whyNotRetried({ ...POLICY, attempts: words.startsWith('lost') ? 9 : 3 }, attempts(words)),
    ).toBe(why);
  });

  test('there was nothing to be tried again', () => {
    expect(whyNotRetried(NO_RETRY, attempts('bad:boom bad:boom'))).toBeNull();
  });
});
