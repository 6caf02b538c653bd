import { describe, expect, test } from 'vitest';
import { droid } from '../../src/adapters/agents/droid.ts';
import { of, seen } from './unverified-agents.ts';

describe('droid', () => {
  const session = { session_id: 'd-1' };
  const init = {
    type: 'system',
    subtype: 'init',
    cwd: '/w',
    tools: ['Read'],
    model: 'gpt',
    ...session,
  };
  const error = (message: string, source = 'agent_loop'): object => ({
    type: 'error',
    source,
    message,
    ...session,
  });
  const failed = (...errors: readonly object[]) =>
    seen(droid, [init, ...errors], { exit: { code: 1 } }).outcome;

  test('answers in its completion', () => {
    const { outcome, answer, report, events } = seen(droid, [
      init,
      { type: 'message', role: 'user', id: 'm-1', text: 'do it', ...session },
      { type: 'message', role: 'assistant', id: 'm-2', text: 'Looking.', ...session },
      {
        type: 'tool_call',
        id: 't-1',
        messageId: 'm-2',
        toolId: 'Execute',
        toolName: 'Execute',
        parameters: { command: 'ls' },
        ...session,
      },
      {
        type: 'tool_result',
        id: 't-1',
        messageId: 'm-3',
        toolId: 'Execute',
        isError: true,
        value: 'exit code 1',
        ...session,
      },
      { type: 'completion', finalText: 'Done.', numTurns: 2, durationMs: 5, ...session },
      { type: 'something_new' },
    ]);
    expect(outcome).toEqual({ kind: 'ok' });
    expect(answer).toBe('Done.');
    expect(report).toMatchObject({ sessionId: 'd-1', model: 'gpt', unknownLines: 1 });
    expect(of(events, 'text').map(({ text }) => text)).toEqual(['Looking.']);
    expect(of(events, 'tool_started')).toMatchObject([{ tool: 'Execute', summary: 'ls' }]);
    expect(of(events, 'tool_finished')).toMatchObject([
      { tool: 'Execute', ok: false, summary: 'exit code 1' },
    ]);
  });

  test('also by a result', () => {
    const result = { type: 'result', subtype: 'success', ...session };
    expect(seen(droid, [init, { ...result, is_error: false, result: 'Done.' }]).outcome).toEqual({
      kind: 'ok',
    });
    expect(failed({ ...result, is_error: true, result: 'Rate limit reached' })).toMatchObject({
      kind: 'rate_limited',
    });
  });

  test.each([
    [
      'Error: Authentication failed. Please log in using /login or set a valid FACTORY_API_KEY',
      'auth_failed',
      undefined,
    ],
    [
      '402 {"status":402,"detail":"You have reached your weekly usage limit."}',
      'quota_exhausted',
      'windowed',
    ],
    ['402 {"detail":"Your credit balance is too low"}', 'quota_exhausted', 'needs_person'],
    [
      '403 {"error":{"message":"Your allowance for this period is used up"}}',
      'quota_exhausted',
      'windowed',
    ],
    ['429 {"detail":"Too many requests"}', 'rate_limited', 'transient'],
    ['500 {"detail":"oops"}', 'agent_error', undefined],
    ['it broke', 'agent_error', undefined],
  ])('fails by an error: %s', (message, kind, held) => {
    const outcome = failed(error(message));
    expect(outcome).toMatchObject({ kind });
    expect(outcome !== null && 'limit' in outcome ? outcome.limit.class : undefined).toBe(held);
  });

  test('says nothing at all of a session that it does not find', () => {
    const end = { exit: { code: 1 }, resumed: 'd-0' };
    expect(seen(droid, [], end).outcome).toMatchObject({ kind: 'resume_unavailable' });
    expect(seen(droid, [], { exit: { code: 1 } }).outcome).toMatchObject({ kind: 'agent_error' });
    expect(
      seen(droid, [init, error('it broke')], { ...end, resumed: 'd-1' }).outcome,
    ).toMatchObject({ kind: 'agent_error' });
    expect(seen(droid, [init], { resumed: 'd-0' }).outcome).toMatchObject({
      kind: 'resume_unavailable',
    });
  });

  test('bad lines do no harm', () => {
    const lines = [
      '',
      'text',
      '[]',
      '{"type":7}',
      '{"type":"tool_call"}',
      '{"type":"tool_result","value":null}',
      '{"type":"error"}',
      '{"type":"message","role":"assistant"}',
    ];
    expect(seen(droid, lines).outcome).toMatchObject({ kind: 'no_final_answer' });
  });
});
