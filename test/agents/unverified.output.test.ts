import { describe, expect, test } from 'vitest';
import { amp } from '../../src/adapters/agents/amp.ts';
import { grok } from '../../src/adapters/agents/grok.ts';
import { said, seen } from './unverified-agents.ts';

describe('amp', () => {
  test('is understood as Claude Code is', () => {
    const session = { session_id: 'T-1' };
    const { outcome, answer, report } = seen(amp, [
      { type: 'system', subtype: 'init', cwd: '/w', tools: ['Bash'], mcp_servers: [], ...session },
      said('2 + 2 equals 4.', { parent_tool_use_id: null, ...session }),
      {
        type: 'result',
        subtype: 'success',
        duration_ms: 5,
        is_error: false,
        num_turns: 1,
        result: '2 + 2 equals 4.',
        ...session,
      },
    ]);
    expect(outcome).toEqual({ kind: 'ok' });
    expect(answer).toBe('2 + 2 equals 4.');
    expect(report).toMatchObject({ sessionId: 'T-1', turns: 1, unknownLines: 0 });
  });

  test('does not wait at its login for ever', () => {
    const lines = ['No API key found. Starting login flow...', '', 'http://x/?authToken=s3cret'];
    const { report, outcome, answer } = seen(amp, lines, { exit: { signal: 'SIGTERM' } });
    expect(answer).toBe('');
    expect(report.final).toMatchObject({ ok: false, failure: 'auth_failed' });
    expect(outcome).toMatchObject({ kind: 'auth_failed' });
  });
});

describe('grok', () => {
  const session = { session_id: 'g-1', uuid: 'u' };
  const init = {
    type: 'system',
    subtype: 'init',
    apiKeySource: 'user',
    model: 'grok-4.6',
    cwd: '/w',
    permissionMode: 'default',
    tools: [],
    mcp_servers: [],
    ...session,
  };
  const tokens = (input: number, output: number): object => ({
    input_tokens: input,
    output_tokens: output,
    cache_read_input_tokens: input,
    cache_creation_input_tokens: 0,
  });
  const result = (more: object): object => ({
    type: 'result',
    duration_ms: 5,
    num_turns: 1,
    total_cost_usd: 0,
    usage: tokens(0, 0),
    modelUsage: {},
    ...more,
    ...session,
  });

  test('knows no cost where it says 0, and no tokens where all are 0', () => {
    const message = {
      id: 'msg_0',
      type: 'message',
      role: 'assistant',
      model: 'grok-4.6',
      content: [{ type: 'text', text: 'Done.' }],
      usage: tokens(800, 50),
    };
    const success = {
      subtype: 'success',
      is_error: false,
      result: 'Done.',
      stop_reason: 'end_turn',
    };
    const known = seen(grok, [
      init,
      { type: 'assistant', message, ...session },
      result({ ...success, usage: tokens(800, 50) }),
    ]);
    expect(known.outcome).toEqual({ kind: 'ok' });
    expect(known.report.usage).toEqual({
      inputTokens: 1_600,
      outputTokens: 50,
      cachedTokens: 800,
      costUsd: null,
    });
    expect(seen(grok, [init, result(success)]).report.usage).toBeNull();
    expect(
      seen(grok, [init, result({ ...success, total_cost_usd: 0.5 })]).report.usage,
    ).toMatchObject({ costUsd: 0.5 });
  });

  test.each([
    [
      { subtype: 'error_during_execution', stop_reason: 'cancelled', errors: ['cancelled'] },
      0,
      'agent_error',
    ],
    [
      { subtype: 'error_max_turns', errors: ['Reached the maximum number of turns'] },
      1,
      'max_turns',
    ],
    [
      {
        subtype: 'error_during_execution',
        errors: ['usage_limit_reached: The usage limit has been reached'],
      },
      1,
      'quota_exhausted',
    ],
    [
      {
        subtype: 'error_during_execution',
        errors: ['Not signed in. To authenticate without a browser, run:\n  grok login'],
      },
      1,
      'auth_failed',
    ],
    [
      {
        subtype: 'error_during_execution',
        errors: ['The model refused to continue'],
        stop_reason: 'refusal',
      },
      0,
      'agent_error',
    ],
  ])('fails as its result says: %j', (told, code, kind) => {
    expect(
      seen(grok, [init, result({ is_error: true, ...told })], { exit: { code } }).outcome,
    ).toMatchObject({ kind });
  });

  test('does not take the server’s failure for the missing session', () => {
    const stderr =
      'Session "g-0" not found locally, restoring conversation from remote...\nError: Failed to authenticate for session restore\n';
    expect(seen(grok, [], { stderr, exit: { code: 1 }, resumed: 'g-0' }).outcome).toMatchObject({
      kind: 'resume_unavailable',
    });
    expect(
      seen(grok, [], { stderr: 'Error: Failed to authenticate', exit: { code: 1 }, resumed: 'g-0' })
        .outcome,
    ).toMatchObject({ kind: 'auth_failed' });
  });
});
