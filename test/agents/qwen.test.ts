import { describe, expect, test } from 'vitest';
import { qwen } from '../../src/adapters/agents/qwen.ts';
import { answerOf } from '../../src/domain/agent-report.ts';
import {
  call,
  init,
  OTHER,
  request,
  result,
  returned,
  run,
  said,
  SESSION,
} from './claude-lines.ts';
import { goldenTable } from './golden.ts';
import { recording } from './recordings.ts';

goldenTable('qwen', qwen);

const recorded = (name: string, resumed: string | null = null) => {
  const { stdout, stderr, exit } = recording('qwen', name);
  return run(qwen, stdout.toString().trimEnd().split('\n'), {
    exit,
    stderr: stderr.toString(),
    resumed,
  });
};

const REFUSED = 'Retrying in 60s (attempt 1/10): [API Error: 429 The usage limit has been reached]';
const retry = {
  type: 'system',
  subtype: 'retry',
  session_id: SESSION,
  data: { attempt: 1, delayMs: 60_000 },
};

describe('events', () => {
  test('a wait is announced, and stderr says why', () => {
    const { events } = recorded('quota');
    expect(events).toContainEqual({
      kind: 'retrying',
      attempt: 4,
      delay: 300_000,
      message: 'retry',
    });
    expect(events).toContainEqual({
      kind: 'limit',
      result: 'quota_exhausted',
      limit: {
        class: 'windowed',
        until: null,
        message: '[API Error: 429 The usage limit has been reached]',
      },
    });
  });

  test('a wait for another reason is no limit', () => {
    const stderr =
      'Retrying in 2s (attempt 1/10): [API Error: 500 Something]\nRipgrep not available';
    const { events, report } = run(qwen, [init(), retry, result()], { stderr });
    expect(events.map(({ kind }) => kind)).not.toContain('limit');
    expect(report.unknownLines).toBe(0);
  });

  test('tools under their own names', () => {
    const { events } = recorded('tool');
    expect(events).toContainEqual({
      kind: 'file_changed',
      path: '/home/dev/repo/hello.txt',
      change: 'add',
    });
    expect(events).toContainEqual(expect.objectContaining({ kind: 'command_run', exitCode: 0 }));
    expect(recorded('tool-fail').events).toContainEqual(
      expect.objectContaining({ kind: 'command_run', exitCode: 3 }),
    );
    const subagent = recorded('subagent').events.filter(({ kind }) => kind === 'subagent');
    expect(subagent.map((event) => 'status' in event && event.status)).toEqual([
      'started',
      'finished',
    ]);
    const todos = [{ id: '1', content: 'Look', status: 'pending' }];
    expect(run(qwen, [call('todo_write', { todos })]).events).toContainEqual({
      kind: 'plan',
      items: [{ text: 'Look', status: 'pending' }],
    });
    const edit = call('edit', { file_path: '/a' });
    expect(run(qwen, [edit, returned({})]).events).toContainEqual({
      kind: 'file_changed',
      path: '/a',
      change: 'update',
    });
  });

  test('tokens: cached ones are inside, a line without any is no model call, results are of the session', () => {
    const usage = { input_tokens: 100, output_tokens: 9, cache_read_input_tokens: 40 };
    const nothing = { input_tokens: 0, output_tokens: 0 };
    const lines = [init(), said('I look.', {}, { usage: nothing }), said('Yes.', {}, { usage })];
    const { report } = run(qwen, lines);
    expect(report.usage).toEqual({
      inputTokens: 100,
      outputTokens: 9,
      cachedTokens: 40,
      costUsd: null,
    });
    expect(report.turns).toBe(1);
    expect(recorded('resume').report.session).toMatchObject({
      inputTokens: 6000,
      outputTokens: 250,
    });
  });

  test('an error that stands there as the model’s word is not the answer', () => {
    const { report, outcome } = recorded('auth');
    expect(answerOf(report)).toBe('');
    expect(outcome).toMatchObject({ kind: 'auth_failed' });
  });
});

describe('outcome', () => {
  test('exit codes without an end', () => {
    expect(recorded('max-turns').outcome).toEqual({
      kind: 'max_turns',
      message:
        'Reached max session turns for this session. Increase the number of turns by specifying maxSessionTurns in settings.json.',
    });
    expect(recorded('max-tool-calls').outcome).toMatchObject({
      kind: 'budget_exceeded',
      message: expect.stringMatching(/^Run aborted: tool-call budget/) as unknown,
    });
    expect(run(qwen, [init()], { exit: { code: 55 } }).outcome).toEqual({
      kind: 'budget_exceeded',
      message: 'the budget was used up',
    });
    expect(run(qwen, [init(), result()], { exit: { code: 53 } }).outcome).toEqual({ kind: 'ok' });
  });

  test('a refusal it still waits for is the reason, one that was overcome is not', () => {
    const end = { exit: { code: 1 }, stderr: REFUSED };
    expect(run(qwen, [init(), retry], end).outcome?.kind).toBe('quota_exhausted');
    expect(run(qwen, [init(), said('I look.'), retry], end).outcome?.kind).toBe('quota_exhausted');
    expect(run(qwen, [init(), retry, said('I look.')], end).outcome?.kind).toBe('agent_error');
    const killed = { ...end, exit: { signal: 'SIGTERM' } };
    expect(run(qwen, [init(), retry], killed).outcome?.kind).toBe('quota_exhausted');
    expect(run(qwen, [init(), retry, said('I look.')], killed).outcome).toBeNull();
  });

  test('a session that is not there, or is another one', () => {
    const asked = '99999999-9999-4999-8999-999999999999';
    expect(recorded('resume-unknown', asked).outcome?.kind).toBe('resume_unavailable');
    expect(run(qwen, [init(), result()], { resumed: OTHER }).outcome?.kind).toBe(
      'resume_unavailable',
    );
    expect(run(qwen, [init(), result()], { resumed: SESSION }).outcome).toEqual({ kind: 'ok' });
  });

  test('a group that was stopped has no end', () => {
    expect(recorded('sigterm-tool-group').outcome).toBeNull();
    expect(run(qwen, [init(), said('Half.')]).outcome?.kind).toBe('no_final_answer');
  });
});

describe('launch', () => {
  const argv = (more: Parameters<typeof request>[0]) => qwen.launch(request(more)).argv.join(' ');

  test('the whole command line', () => {
    const launch = qwen.launch(request({ program: 'qwen', model: 'q', permissions: 'full' }));
    expect(launch.argv.slice(0, 2)).toEqual(['qwen', 'Fix the bug.']);
    expect(launch.argv.slice(2).join(' ')).toBe(
      `--output-format stream-json --session-id ${SESSION} --model q ` +
        '--max-session-turns 40 --max-wall-time 30m --approval-mode yolo',
    );
    expect(launch.stdin).toBeNull();
    expect(launch.unset).toContain('QWEN_CODE_UNATTENDED_RETRY');
    expect(launch.env).toMatchObject({ QWEN_CODE_DISABLE_CRON: '1' });
  });

  test('a session is resumed by its id only', () => {
    expect(argv({ resume: true })).toContain(`--resume ${SESSION} `);
    expect(argv({ resume: true })).not.toContain('--session-id');
    expect(() => argv({ resume: true, sessionId: null })).toThrow(/id is not known/);
    expect(() => argv({ sessionId: '--yolo' })).toThrow(/cannot be given/);
  });

  test('a prompt is neither a flag nor a subcommand, and a long one is on stdin', () => {
    const second = (prompt: string) => qwen.launch(request({ prompt })).argv[1];
    expect(second('--yolo and so on')).toBe(' --yolo and so on');
    expect(second('update')).toBe(' update');
    expect(second('update it')).toBe('update it');
    const prompt = 'x'.repeat(100_001);
    expect(qwen.launch(request({ prompt }))).toMatchObject({ stdin: prompt });
    expect(second(prompt)).toBe('--output-format');
  });

  test('no more is allowed than was asked for', () => {
    const readOnly = argv({ permissions: 'read-only' });
    expect(readOnly).toContain('--approval-mode default --core-tools read_file ');
    expect(readOnly).toMatch(/ --exclude-tools write_file edit .* run_shell_command /);
    expect(readOnly).not.toMatch(/yolo|--allowed-tools/);
    expect(argv({ permissions: 'workspace' })).toContain(
      '--approval-mode default --allowed-tools edit(./**) write_file(./**)',
    );
    expect(argv({ permissions: 'workspace' })).not.toMatch(/auto-edit|yolo|run_shell/);
  });

  test('isolated masks customizations', () => {
    expect(argv({ isolated: true })).toMatch(/ --safe-mode$/);
    expect(argv({})).not.toContain('--safe-mode');
  });
});

test.each([
  [{ OPENAI_API_KEY: 'k' }, [], true],
  [{}, ['.qwen/oauth_creds.json'], true],
  [{}, ['.qwen/settings.json'], null],
  [{ OPENAI_API_KEY: '' }, [], false],
  [{ QWEN_HOME: '/x' }, ['.qwen/oauth_creds.json'], null],
])('logged in with %j and %j: %s', (environment, files: string[], expected) => {
  expect(qwen.loggedIn(environment, (path) => files.includes(path))).toBe(expected);
});
