import { expect, test } from 'vitest';
import { Calls } from './tools.ts';

const uses = (tool_id: string, tool_name: string, parameters: object) => ({
  tool_name,
  tool_id,
  parameters,
});
const answers = (tool_id: string, status: string, output: string, error?: object) => ({
  tool_id,
  status,
  output,
  error,
});

test('a tool is told with what it was asked and what it did', () => {
  const calls = new Calls();
  expect(calls.started(uses('w', 'write_file', { file_path: '/r/a' }))).toEqual([
    { kind: 'tool_started', tool: 'write_file', callId: 'w', summary: '/r/a' },
  ]);
  expect(calls.finished(answers('w', 'success', ''))).toEqual([
    { kind: 'file_changed', path: '/r/a', change: 'update' },
    { kind: 'tool_finished', tool: 'write_file', callId: 'w', ok: true, summary: '' },
  ]);
  calls.started(uses('s', 'run_shell_command', { command: 'ls' }));
  expect(calls.finished(answers('s', 'success', 'a\n'))).toEqual([
    { kind: 'command_run', command: 'ls', exitCode: null, output: 'a\n' },
    { kind: 'tool_finished', tool: 'run_shell_command', callId: 's', ok: true, summary: 'a' },
  ]);
});

test.each([
  { type: 'policy_violation', message: 'No.' },
  { type: 'invalid_tool_params', message: 'Path not in workspace: /etc' },
  { type: 'invalid_tool_params', message: 'Access denied: plan path' },
])('what was not let through did nothing: $message', (error) => {
  const calls = new Calls();
  calls.started(uses('d', 'write_file', { file_path: '/r/a' }));
  expect(calls.finished(answers('d', 'error', '', error))).toEqual([
    { kind: 'permission_denied', tool: 'write_file', reason: error.message },
    { kind: 'tool_finished', tool: 'write_file', callId: 'd', ok: false, summary: error.message },
  ]);
});

test('a tool that failed by itself was let through', () => {
  const calls = new Calls();
  calls.started(uses('f', 'write_file', { file_path: '/r/a' }));
  const error = { type: 'file_write_failure', message: 'No space left.' };
  const kinds = calls.finished(answers('f', 'error', '', error)).map(({ kind }) => kind);
  expect(kinds).toEqual(['tool_finished']);
});

test('a list of what is to be done is a plan, and another agent is told of', () => {
  const calls = new Calls();
  const todos = [
    { description: 'one', status: 'in_progress' },
    { description: 'x', status: 'cancelled' },
    7,
  ];
  expect(calls.started(uses('t', 'write_todos', { todos }))).toContainEqual({
    kind: 'plan',
    items: [{ text: 'one', status: 'in_progress' }],
  });
  const told = { kind: 'subagent', id: 'a', summary: 'look' };
  expect(calls.started(uses('a', 'invoke_agent', { prompt: 'look' }))).toContainEqual({
    ...told,
    status: 'started',
  });
  expect(calls.finished(answers('a', 'success', 'seen'))).toContainEqual({
    ...told,
    status: 'finished',
  });
});

test('a result of an unknown call is still one', () => {
  expect(new Calls().finished(answers('?', 'success', 'x'))).toEqual([
    { kind: 'tool_finished', tool: null, callId: '?', ok: true, summary: 'x' },
  ]);
});
