import { describe, expect, test } from 'vitest';
import type { Limit } from './agent-outcome.ts';
import { type AgentReport, EMPTY_REPORT } from './agent-report.ts';
import { failed, judge, lastLines } from './judge.ts';

/** Saturday, 21 November 2026, 01:00:30 UTC. */
const PLACE = { now: 1_795_222_830_000, timeZone: 'UTC' };
type End = Parameters<typeof judge>[1];
type Final = NonNullable<AgentReport['final']>;

const judged = (report: Partial<AgentReport>, end: Partial<End> = {}) =>
  judge(
    { ...EMPTY_REPORT, ...report },
    { exit: { code: 0 }, stderr: '', resumed: null, place: PLACE, ...end },
  );
const final = (of: Partial<Final>): Final => ({
  ok: true,
  text: null,
  failure: null,
  message: null,
  ...of,
});
const LIMIT: Limit = { class: 'windowed', until: null, message: 'no more today' };
const LIMITED = { result: 'quota_exhausted', limit: LIMIT } as const;
const BAD = { exit: { code: 1 } };

describe('success', () => {
  test('is the protocol’s own word and an answer', () => {
    expect(judged({ final: final({ text: 'Done.' }) })).toEqual({ kind: 'ok' });
    expect(judged({ final: final({}), text: 'Done.' })).toEqual({ kind: 'ok' });
  });

  test('whatever the exit, stderr, and what was overcome', () => {
    const report = {
      final: final({ text: 'Done.' }),
      limit: LIMITED,
      error: { message: '429', failure: 'rate_limited' as const },
    };
    expect(judged(report, { ...BAD, stderr: 'HTTP 429' })).toEqual({ kind: 'ok' });
    expect(judged(report, { exit: { signal: 'TERM' } })).toEqual({ kind: 'ok' });
  });

  test.each(['', ' \n\t'])('is not without an answer: %j', (text) => {
    expect(judged({ final: final({ text }), text: 'Looking.' })).toEqual({
      kind: 'no_final_answer',
      message: 'the agent ended without an answer',
    });
  });

  test('is not what the model wrote, nor the exit', () => {
    expect(judged({ text: 'All done!' })).toEqual({
      kind: 'no_final_answer',
      message: 'the agent ended without saying that it was done',
    });
  });
});

describe('a session that was to be resumed', () => {
  const report = { sessionId: 'b', final: final({ text: 'Done.' }) };
  test('is another one', () => {
    expect(judged(report, { resumed: 'a' })).toEqual({
      kind: 'resume_unavailable',
      message: 'another session was opened instead of a',
    });
    expect(judged({ ...report, limit: LIMITED }, { resumed: 'a' })?.kind).toBe(
      'resume_unavailable',
    );
  });
  test('is the one, or was not told', () => {
    expect(judged(report, { resumed: 'b' })).toEqual({ kind: 'ok' });
    expect(judged({ ...report, sessionId: null }, { resumed: 'a' })).toEqual({ kind: 'ok' });
    expect(judged(report)).toEqual({ kind: 'ok' });
  });
});

describe('a limit that stands', () => {
  const expected = { kind: 'quota_exhausted', limit: LIMIT, message: 'no more today' };
  test.each<[string, Partial<AgentReport>, Partial<End>]>([
    ['and a bad end', { final: final({ ok: false, failure: 'agent_error', message: 'x' }) }, BAD],
    ['and a good end without an answer', { final: final({}) }, {}],
    ['and no end at all', {}, {}],
    ['and a bad exit', {}, BAD],
    ['and a signal', {}, { exit: { signal: 'KILL' } }],
    ['and an error', { error: { message: 'not logged in', failure: 'auth_failed' } }, BAD],
  ])('%s', (_, report, end) => {
    expect(judged({ ...report, limit: LIMITED }, end)).toEqual(expected);
  });
});

describe('a failure', () => {
  test('that the protocol names', () => {
    const named = final({ ok: false, failure: 'max_turns', message: 'enough' });
    const error = { message: 'gone', failure: 'model_unavailable' as const };
    expect(judged({ final: named, error })).toEqual({ kind: 'max_turns', message: 'enough' });
    expect(judged({ final: final({ ok: false }), error })).toEqual({
      kind: 'model_unavailable',
      message: 'gone',
    });
    expect(judged({ error }, BAD)).toEqual({ kind: 'model_unavailable', message: 'gone' });
    expect(judged({ error }, { exit: { signal: 'TERM' } })?.kind).toBe('model_unavailable');
  });

  test('that is a limit tells its reset', () => {
    const message = "You've hit your limit · resets 2am";
    const until = PLACE.now + 3_570_000;
    const expected = {
      kind: 'quota_exhausted',
      limit: { class: 'until', until, message },
      message,
    };
    expect(judged({ final: final({ ok: false, failure: 'quota_exhausted', message }) })).toEqual(
      expected,
    );
    expect(judged({ final: final({ ok: false, message }) })).toEqual(expected);
    expect(judged({}, { ...BAD, stderr: message })).toEqual(expected);
    expect(failed('quota_exhausted', message, { place: PLACE })).toEqual(expected);
  });

  test('that its words mean: the last word first', () => {
    const error = { message: 'HTTP 503', failure: null };
    expect(judged({ final: final({ ok: false, message: 'invalid api key' }), error })?.kind).toBe(
      'auth_failed',
    );
    expect(judged({ final: final({ ok: false, message: 'oh no' }), error })).toMatchObject({
      kind: 'overloaded',
      message: 'oh no',
    });
    expect(judged({ final: final({ ok: false, message: '' }), error })).toMatchObject({
      kind: 'overloaded',
      message: 'HTTP 503',
    });
  });

  test('that stderr tells: the last line that means something', () => {
    const stderr = 'Attempt 1 failed: HTTP 429\nretrying\nReached max session turns\nbye\n';
    expect(judged({}, { ...BAD, stderr })).toEqual({
      kind: 'max_turns',
      message: 'Attempt 1 failed: HTTP 429\nretrying\nReached max session turns\nbye',
    });
    // Words that only mean something together.
    expect(judged({}, { ...BAD, stderr: 'invalid\napi key' })?.kind).toBe('auth_failed');
    expect(judged({}, { exit: { code: 0 }, stderr: 'No conversation found' })?.kind).toBe(
      'resume_unavailable',
    );
  });

  test('that nobody knows', () => {
    expect(judged({ final: final({ ok: false, message: 'oh no' }) })).toEqual({
      kind: 'agent_error',
      message: 'oh no',
    });
    expect(judged({ final: final({ ok: false }) }, { stderr: 'a\nb' })).toEqual({
      kind: 'agent_error',
      message: 'a\nb',
    });
    expect(judged({ final: final({ ok: false }) }, { exit: { signal: 'TERM' } })?.kind).toBe(
      'agent_error',
    );
    expect(judged({}, { ...BAD, stderr: 'panic at main.rs' })).toEqual({
      kind: 'agent_error',
      message: 'panic at main.rs',
    });
    expect(judged({}, { exit: { code: 41 } })).toEqual({
      kind: 'agent_error',
      message: 'exit code 41',
    });
  });

  test('that is only known as an error of an agent that says it ended well', () => {
    expect(judged({ error: { message: 'oh no', failure: null } })).toEqual({
      kind: 'no_final_answer',
      message: 'oh no',
    });
  });
});

test('a signal that the protocol says nothing of stands as it is', () => {
  expect(judged({ text: 'Half' }, { exit: { signal: 'TERM' }, stderr: 'bye' })).toBeNull();
  expect(
    judged({ error: { message: 'oh no', failure: null } }, { exit: { signal: 'KILL' } }),
  ).toBeNull();
});

test.each([
  ['', ''],
  ['\n \n', ''],
  ['one', 'one'],
  ['1\n2\n\n 3 \n4\r\n5\n6\n', '2\n3\n4\n5\n6'],
])('the last lines of %j', (stderr, expected) => {
  expect(lastLines(stderr)).toBe(expected);
});
