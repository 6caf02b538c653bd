import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AGENT_FAILURES } from './agent-outcome.ts';
import { classify, failureOfStatus, limitOf } from './refusal.ts';

/** Saturday, 21 November 2026, 01:00:30 UTC. */
const PLACE = { now: 1_795_222_830_000, timeZone: 'UTC' };

describe('what only looks like a refusal', () => {
  test.each([
    '',
    'EACCES: permission denied, open /etc/shadow',
    'bash: ./run.sh: Permission denied',
    'Add authentication to the login page',
    'the authentication module has 3 tests',
    'listening on port 4290',
    'connect ECONNREFUSED 127.0.0.1:429',
    'src/a.ts:429:3 - error TS2322',
    'file.cpp(429): warning C4101',
    'line 429',
    'at line 401 column 503',
    '429 files changed',
    'Error: 403 tests failed',
    'error: 529 problems',
    '$4.29',
    'version 4.0.3',
    'status: 429.5',
    'code 4290',
    'took 503 ms',
    'an accurate limit',
    'Unlimited requests',
    'fork: Resource temporarily unavailable',
    'See https://ai.google.dev/gemini-api/docs/rate-limits or https://x.y/settings/billing',
    'The model returned an unknown tool call',
    'the model produced invalid JSON',
    'max turns: 40',
    '--max-session-turns   Maximum number of session turns (must be an integer)',
    '--openai-api-key      OpenAI API key to use for authentication',
    '--max-wall-time       Run-level wall-clock budget for headless / unattended runs.',
    '--delete-session      Delete a session by index number',
    'within a budget of $3',
    'resuming the session',
    'a new session was opened',
    'No overload matches this call.',
  ])('%j', (message) => {
    expect(classify(message)).toBeNull();
  });
});

test('what a status means by itself', () => {
  const known = Object.fromEntries(
    Array.from({ length: 600 }, (_, code) => [code, failureOfStatus(code)] as const).filter(
      ([, failure]) => failure !== null,
    ),
  );
  expect(known).toEqual({
    401: 'auth_failed',
    402: 'quota_exhausted',
    403: 'auth_failed',
    404: 'model_unavailable',
    429: 'rate_limited',
    503: 'overloaded',
    529: 'overloaded',
  });
  expect(failureOfStatus(Number.NaN)).toBeNull();
});

test('a reset that the protocol told counts more than the message', () => {
  const limit = limitOf('quota_exhausted', 'resets 3am, insufficient balance', PLACE, 7);
  expect(limit).toEqual({ class: 'until', until: 7, message: 'resets 3am, insufficient balance' });
  expect(limitOf('quota_exhausted', 'resets 3am', PLACE, null).class).toBe('windowed');
});

test('money only matters for a quota', () => {
  expect(limitOf('rate_limited', 'insufficient balance', PLACE).class).toBe('transient');
  expect(limitOf('overloaded', 'billing', PLACE).class).toBe('transient');
});

// Generous, because patterns are compiled at their first use.
test('nothing is thrown, and every answer is a failure', { timeout: 60_000 }, () => {
  const words =
    'exceeded your current quota|hit your|limit|429|(|status|retry in 5s|model|not found|session|no|https://|rate|budget of|"';
  const word = fc.constantFrom(...words.split('|'));
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(word).map((all) => all.join(' ')),
  );
  fc.assert(
    fc.property(text, (message) => {
      const failure = classify(message);
      return (
        (failure === null || AGENT_FAILURES.includes(failure)) &&
        limitOf('quota_exhausted', message, PLACE).message === message
      );
    }),
  );
});

test.each([
  'hit your ',
  'exceeded your present ',
  'exhausted your ',
  'model ',
  'session ',
  'budget of ',
  'not_found_error ',
  'status',
  'https://',
  '(',
  ' ',
  '1',
  'exceeded your current ',
])('100 KB of %j come to an end', (piece) => {
  expect(classify(piece.repeat(100_000 / piece.length))).toBeNull();
});
