import { describe, expect, test } from 'vitest';
import { AT, callFailed, failed, run, started, used } from './opencode-lines.ts';

const HOUR = 3_600_000;
const gaveUp = { exit: { code: 1 } } as const;
const api = (statusCode: number, message: string, headers: object = {}, body: unknown = '') =>
  failed('APIError', {
    message,
    statusCode,
    isRetryable: true,
    responseHeaders: headers,
    responseBody: typeof body === 'string' ? body : JSON.stringify(body),
  });
const inSeconds = (wait: number): string => String((AT + wait * 1000) / 1000);
const limitOf = (error: string) => {
  const { outcome } = run([error], gaveUp);
  return outcome !== null && 'limit' in outcome
    ? [outcome.kind, outcome.limit.class, outcome.limit.until]
    : outcome?.kind;
};

describe('an error that ends the run', () => {
  test.each([
    ['wrong key', api(401, 'Incorrect API key provided'), 'auth_failed'],
    ['no access', api(403, 'You may not'), 'auth_failed'],
    ['unknown model', api(404, 'The model `x` does not exist'), 'model_unavailable'],
    ['bad request', api(400, "Invalid value: 'stub'."), 'agent_error'],
    ['own fault of the server', api(500, 'The server had an error'), 'agent_error'],
    [
      'long prompt',
      failed('ContextOverflowError', { message: 'too many tokens (429)' }),
      'agent_error',
    ],
    ['blocked', failed('ContentFilterError', { message: 'blocked' }), 'agent_error'],
    ['cut off', failed('MessageOutputLengthError', {}), 'no_final_answer'],
    ['provider without login', failed('ProviderAuthError', { message: 'x' }), 'auth_failed'],
    ['unreachable', failed('APIError', { message: 'Cannot connect to API' }), 'agent_error'],
    ['no shape at all', failed('', { message: 5 }), 'agent_error'],
  ])('%s', (_, error, kind) => {
    expect(limitOf(error)).toBe(kind);
  });

  const QUOTA = 'The usage limit has been reached';
  const windows = (primary: number, secondary: number) => ({
    'X-Codex-Primary-Used-Percent': String(primary),
    'x-codex-primary-reset-at': inSeconds(3600),
    'x-codex-secondary-used-percent': String(secondary),
    'x-codex-secondary-reset-at': inSeconds(7200),
  });
  const unified = (status: string) => ({
    'anthropic-ratelimit-unified-status': status,
    'anthropic-ratelimit-unified-reset': inSeconds(3600),
  });
  test.each([
    [
      'in the body',
      api(429, QUOTA, {}, { error: { resets_at: Number(inSeconds(3600)) } }),
      'quota_exhausted',
      'until',
      AT + HOUR,
    ],
    [
      'in the body, from now',
      api(429, QUOTA, {}, { error: { resets_in_seconds: 60 } }),
      'quota_exhausted',
      'until',
      AT + 60_000,
    ],
    [
      'of the spent window',
      api(429, QUOTA, windows(100, 42)),
      'quota_exhausted',
      'until',
      AT + HOUR,
    ],
    [
      'of the longer spent window',
      api(429, QUOTA, windows(100, 100)),
      'quota_exhausted',
      'until',
      AT + 2 * HOUR,
    ],
    ['of no spent window', api(429, QUOTA, windows(99, 42)), 'quota_exhausted', 'windowed', null],
    [
      'of the plan',
      api(429, 'rate limited', unified('rejected')),
      'quota_exhausted',
      'until',
      AT + HOUR,
    ],
    [
      'of a plan that is not spent',
      api(429, 'rate limited', unified('allowed')),
      'rate_limited',
      'transient',
      null,
    ],
    [
      'after a wait',
      api(429, 'Too many requests', { 'retry-after': '7' }),
      'rate_limited',
      'until',
      AT + 7_000,
    ],
    [
      'after an exact wait',
      api(429, 'Too many requests', { 'retry-after': '7', 'retry-after-ms': '6500' }),
      'rate_limited',
      'until',
      AT + 6_500,
    ],
    [
      'at a date',
      api(503, 'overloaded', { 'Retry-After': new Date(AT + HOUR).toUTCString() }),
      'overloaded',
      'until',
      AT + HOUR,
    ],
    [
      'long ago',
      api(429, 'Too many requests', {}, { error: { resets_at: 1_000_000_000 } }),
      'rate_limited',
      'transient',
      null,
    ],
    [
      'for nobody but a person',
      api(
        429,
        'You exceeded your current quota, please check your plan and billing details.',
        { 'retry-after': '7' },
        { error: { code: 'insufficient_quota' } },
      ),
      'quota_exhausted',
      'needs_person',
      null,
    ],
  ])('reset %s', (_, error, kind, hold, until) => {
    expect(limitOf(error)).toEqual([kind, hold, until]);
  });

  test('counts more than a limit that was met before it', () => {
    const stderr = [callFailed('Rate limit reached')];
    const { outcome } = run([api(400, 'Invalid value')], { stderr, ...gaveUp });
    expect(outcome?.kind).toBe('agent_error');
  });

  test('says less than whoever broke the run off', () => {
    const aborted = [started(), failed('MessageAbortedError', { message: 'Aborted' })];
    expect(run(aborted, { exit: { signal: 'SIGTERM' } }).outcome).toBeNull();
    const held = run(aborted, {
      stderr: [callFailed('The usage limit has been reached')],
      exit: { signal: 'SIGTERM' },
    });
    expect(held.outcome).toMatchObject({ kind: 'quota_exhausted', limit: { class: 'windowed' } });
  });
});

describe('tools', () => {
  const done = (tool: string, input: object, metadata: object = {}, output = 'ok') =>
    run([used(tool, { status: 'completed', input, output, metadata })]).events.filter(
      ({ kind }) => !/session|tool_started/.test(kind),
    );

  test.each([
    ['write', { filePath: '/r/a' }, { filepath: '/r/a', exists: false }, 'add'],
    ['write', { filePath: '/r/a' }, { filepath: '/r/a', exists: true }, 'update'],
    ['edit', { filePath: '/r/a' }, {}, 'update'],
    ['apply_patch', {}, { files: [{ filePath: '/r/a', type: 'delete' }] }, 'delete'],
  ])('%s changes a file', (tool, input, metadata, change) => {
    expect(done(tool, input, metadata)).toContainEqual({
      kind: 'file_changed',
      path: '/r/a',
      change,
    });
  });

  test('a command has its code, and is not well when the code is not', () => {
    const [command, end] = done('bash', { command: 'false' }, { exit: 3 }, 'bad\n');
    expect(command).toEqual({ kind: 'command_run', command: 'false', exitCode: 3, output: 'bad' });
    expect(end).toMatchObject({ kind: 'tool_finished', ok: false });
  });

  test('a plan and a subagent', () => {
    const todos = [
      { content: 'a', status: 'in_progress' },
      { content: 'b', status: 'cancelled' },
      { content: 'c' },
      5,
    ];
    expect(done('todowrite', { todos })[0]).toMatchObject({
      items: [{ status: 'in_progress' }, { status: 'completed' }, { status: 'pending' }],
    });
    expect(done('task', { description: 'Look' }, { sessionId: 'ses_2' })[0]).toEqual({
      kind: 'subagent',
      id: 'ses_2',
      status: 'finished',
      summary: 'Look',
    });
  });

  test('a rule that forbids a tool denies it', () => {
    const error =
      'The user has specified a rule which prevents you from using this specific tool call. Here are some [{"a":1}]';
    const { events, report } = run([used('edit', { status: 'error', input: {}, error })]);
    expect(events).toContainEqual({
      kind: 'permission_denied',
      tool: 'edit',
      reason: error.split('.')[0],
    });
    expect(report.denied).toBe(1);
  });
});
