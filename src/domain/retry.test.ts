import { describe, expect, test } from 'vitest';
import { AGENT_FAILURES, type AgentOutcome, isLimit, limitFor } from './agent-outcome.ts';
import { NO_OUTPUT, type Outcome } from './attempt.ts';
import { STOP_REASONS } from './lifecycle.ts';
import { MAX_LOST_RETRIES, NO_RETRY, retryDelay } from './retry.ts';

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
