import { describe, expect, test } from 'vitest';
import {
  AT,
  callFailed,
  ephemeral,
  gaveUp,
  line,
  result,
  run,
  said,
  turn,
} from './copilot-lines.ts';

const ANSWER = [turn(), said('All done.')];
const failedRun = { exit: { code: 1 } } as const;

describe('the usage file', () => {
  const file = (over: object = {}): string =>
    JSON.stringify(
      {
        totalNanoAiu: 250e9,
        modelMetrics: {
          a: { usage: { inputTokens: 100, outputTokens: 10, cacheReadTokens: 40 } },
          b: { usage: { inputTokens: 1 }, requests: { count: 7 } },
        },
        ...over,
      },
      null,
      2,
    );

  test('counts the session, and not its turns', () => {
    const { report } = run([...ANSWER, result(0)], { log: file() });
    const usage = { inputTokens: 101, outputTokens: 10, cachedTokens: 40, costUsd: null };
    expect(report).toMatchObject({ turns: 1, usage, session: usage });
  });

  test('tells a cost only where every call has one', () => {
    const costOf = (aiCreditsStatus: string) =>
      run([], { log: file({ aiCreditsStatus }) }).report.usage?.costUsd;
    expect([costOf('complete'), costOf('partial')]).toEqual([2.5, null]);
  });

  test.each([
    ['half of it', file().slice(0, 90)],
    ['another file', '{\n "a": 1\n}\n'],
    ['no JSON', 'oops }\n}\n'],
  ])('%s tells nothing', (_, log) => {
    expect(run(ANSWER, { log }).report.session).toBeNull();
  });
});

describe('trouble with the provider', () => {
  const QUOTA = {
    type: 'usage_limit_reached',
    message: 'The usage limit has been reached',
    resets_at: AT / 1000 + 3600,
  };
  const LAST =
    'Failed to get response from the AI model; retried 5 times (total retry wait time: 56.44 seconds) Last error: 429 ';

  test('a spent plan is told at once, with its end, and again when Copilot gives up', () => {
    const limit = { class: 'until', until: AT + 3_600_000 };
    const waiting = run([turn(), callFailed(QUOTA)], { exit: { signal: 'SIGTERM' } });
    expect(waiting.outcome).toMatchObject({ kind: 'quota_exhausted', limit });
    const ended = run(
      [
        turn(),
        callFailed(QUOTA),
        gaveUp('rate_limit', `${LAST}${QUOTA.message}`, { statusCode: 429 }),
        result(1),
      ],
      failedRun,
    );
    expect(ended.outcome).toMatchObject({ kind: 'quota_exhausted', limit });
  });

  test('a rate is its own affair while it waits, and has an end when it gives up', () => {
    const rate = {
      message: 'Too many requests. Please try again in 2s.',
      code: 'rate_limit_exceeded',
    };
    const retry = ephemeral('assistant.turn_retry', { reason: 'rate_limit' });
    const { report, events } = run([turn(), callFailed(rate), retry]);
    expect(report.limit?.limit).toEqual({ class: 'transient', until: null, message: rate.message });
    expect(events.at(-1)).toEqual({
      kind: 'retrying',
      attempt: 1,
      delay: null,
      message: rate.message,
    });
    const { outcome } = run(
      [callFailed(rate), gaveUp('rate_limit', LAST + rate.message), result(1)],
      failedRun,
    );
    expect(outcome).toMatchObject({
      kind: 'rate_limited',
      limit: { class: 'until', until: AT + 2_000 },
    });
  });

  test('how long Copilot waited is no reset', () => {
    const { outcome } = run(
      [gaveUp('rate_limit', `${LAST}Too many requests.`), result(1)],
      failedRun,
    );
    expect(outcome).toMatchObject({
      kind: 'rate_limited',
      limit: { class: 'transient', until: null },
    });
  });

  test('a quota of GitHub ends at its date', () => {
    const spent = {
      quotaSnapshots: {
        chat: { remainingPercentage: 40, resetDate: '2026-11-22T00:00:00Z' },
        premium: { remainingPercentage: 0, resetDate: '2026-12-01T00:00:00Z' },
      },
      statusCode: 402,
    };
    const { outcome } = run(
      [
        callFailed('"no more"', spent),
        gaveUp('quota', 'You have no quota', { errorCode: 'quota_exceeded' }),
        result(1),
      ],
      failedRun,
    );
    expect(outcome).toMatchObject({
      kind: 'quota_exhausted',
      limit: { class: 'until', until: Date.parse('2026-12-01T00:00:00Z') },
    });
  });

  test.each([
    ['authentication', 'x', 401, 'auth_failed'],
    ['authorization', 'x', 403, 'auth_failed'],
    ['policy', 'x', undefined, 'auth_failed'],
    ['context_limit', 'x (429)', undefined, 'agent_error'],
    ['query', 'Model gone', 404, 'model_unavailable'],
    ['query', 'Overloaded', 503, 'overloaded'],
    ['query', 'It broke', 500, 'agent_error'],
    ['anything', 'It broke', undefined, 'agent_error'],
  ])('%s: %s %s', (type, message, statusCode, kind) => {
    expect(run([gaveUp(type, message, { statusCode }), result(1)], failedRun).outcome?.kind).toBe(
      kind,
    );
  });

  test('what stops a subagent does not stop the run, but its limits are the account’s', () => {
    const over = { agentId: 'agent-1' };
    const broken = line('session.error', { errorType: 'query', message: 'It broke.' }, over);
    const aborted = line('abort', { reason: 'user_abort' }, over);
    const { outcome, events } = run([...ANSWER, broken, aborted, result(0)]);
    expect(outcome).toEqual({ kind: 'ok' });
    expect(events).toContainEqual({ kind: 'warning', message: 'It broke.' });
    const refused = line(
      'model.call_failure',
      { statusCode: 429, errorMessage: '"Too many requests"' },
      over,
    );
    expect(run([turn(), refused]).report.limit?.result).toBe('rate_limited');
  });

  test('an error that is no limit counts more than a limit before it', () => {
    const lines = [
      callFailed(QUOTA),
      gaveUp('query', "400 Invalid value: 'stub'.", {
        statusCode: 400,
        errorCode: 'invalid_value',
      }),
      result(1),
    ];
    expect(run(lines, failedRun).outcome?.kind).toBe('agent_error');
  });
});
