import { describe, expect, test } from 'vitest';
import { cursor } from '../../src/adapters/agents/cursor.ts';
import { of, said, seen } from './unverified-agents.ts';

describe('cursor', () => {
  const session = { session_id: 'c-1' };
  const init = {
    type: 'system',
    subtype: 'init',
    apiKeySource: 'login',
    cwd: '/w',
    model: 'Auto',
    permissionMode: 'default',
    ...session,
  };
  const call = (subtype: string, tool: string, content: object): object => ({
    type: 'tool_call',
    subtype,
    call_id: `t-${tool}`,
    tool_call: { [tool]: content },
    ...session,
  });
  const result = (text: string): object => ({
    type: 'result',
    subtype: 'success',
    duration_ms: 5,
    duration_api_ms: 5,
    is_error: false,
    result: text,
    ...session,
  });
  const run = [
    init,
    {
      type: 'user',
      message: { role: 'user', content: [{ type: 'text', text: 'do it' }] },
      ...session,
    },
    { type: 'thinking', subtype: 'delta', text: 'Hm.', ...session },
    { type: 'thinking', subtype: 'completed', ...session },
    said('I will write it.', session),
    call('started', 'writeToolCall', { args: { path: 'a.txt', fileText: 'a' } }),
    call('completed', 'writeToolCall', {
      args: { path: 'a.txt' },
      result: { success: { path: '/w/a.txt', linesCreated: 1 } },
    }),
    call('started', 'shellToolCall', { args: { command: 'make' } }),
    call('completed', 'shellToolCall', {
      args: { command: 'make' },
      result: { success: { exitCode: 2, stdout: 'no' } },
    }),
    call('started', 'deleteToolCall', { args: { path: 'b.txt' } }),
    call('completed', 'deleteToolCall', { args: { path: 'b.txt' }, result: { success: {} } }),
    said('Done.', session),
    result('I will write it.Done.'),
  ];

  test('answers with what was said last, not with all of it', () => {
    const { outcome, answer, report, events } = seen(cursor, run);
    expect(outcome).toEqual({ kind: 'ok' });
    expect(answer).toBe('Done.');
    expect(report).toMatchObject({ sessionId: 'c-1', model: 'Auto', unknownLines: 0 });
    expect(of(events, 'tool_started').map(({ tool, summary }) => [tool, summary])).toEqual([
      ['write', 'a.txt'],
      ['shell', 'make'],
      ['delete', 'b.txt'],
    ]);
    expect(of(events, 'file_changed').map(({ path, change }) => [path, change])).toEqual([
      ['a.txt', 'update'],
      ['b.txt', 'delete'],
    ]);
    expect(of(events, 'command_run')).toMatchObject([
      { command: 'make', exitCode: 2, output: 'no' },
    ]);
    expect(of(events, 'tool_finished').map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(of(events, 'thinking')).toMatchObject([{ text: 'Hm.' }]);
    // A result that is something else is the answer.
    expect(seen(cursor, [init, said('Done.', session), result('All done!')]).answer).toBe(
      'All done!',
    );
  });

  test('tells which tools were rejected, and which failed', () => {
    const { events, report } = seen(cursor, [
      init,
      call('completed', 'shellToolCall', {
        result: { rejected: { command: 'git push', reason: '' } },
      }),
      call('completed', 'editToolCall', {
        args: { path: 'a' },
        result: { error: { errorMessage: 'no such file' } },
      }),
      call('completed', 'function', { name: 'lookup', arguments: '{}' }),
      { type: 'tool_call', tool_call: 7 },
    ]);
    expect(of(events, 'permission_denied')).toEqual([
      { kind: 'permission_denied', tool: 'shell', reason: 'it needs an approval' },
    ]);
    expect(of(events, 'tool_finished').map(({ tool, ok }) => [tool, ok])).toEqual([
      ['shell', false],
      ['edit', false],
      ['lookup', false],
      ['unknown', false],
    ]);
    expect(of(events, 'file_changed')).toEqual([]);
    expect(report.denied).toBe(1);
  });

  test('fails on stderr', () => {
    const stderr = "Error: You've hit your usage limit\n  Get Cursor Pro for more Agent usage.\n";
    expect(seen(cursor, run.slice(0, 5), { stderr, exit: { code: 1 } }).outcome).toMatchObject({
      kind: 'quota_exhausted',
    });
    expect(seen(cursor, run.slice(0, 5)).outcome).toMatchObject({ kind: 'no_final_answer' });
    expect(seen(cursor, [init, result('')]).outcome).toMatchObject({ kind: 'no_final_answer' });
  });
});
