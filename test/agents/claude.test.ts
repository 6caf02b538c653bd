import { describe, expect, test } from 'vitest';
import { claude } from '../../src/adapters/agents/claude.ts';
import { answerOf } from '../../src/domain/agent-report.ts';
import { isTendError } from '../../src/domain/errors.ts';
import { request, run, SESSION } from './claude-lines.ts';
import { goldenTable } from './golden.ts';
import { recording } from './recordings.ts';

goldenTable('claude', claude);
goldenTable('claude-agent-sdk', claude);

/** A recorded run, with its stdout as lines. */
const recorded = (name: string, resumed: string | null = null) => {
  const { stdout, stderr, exit } = recording('claude', name);
  return run(claude, stdout.toString().trimEnd().split('\n'), {
    exit,
    stderr: stderr.toString(),
    resumed,
  });
};

describe('no sign of success is trusted alone', () => {
  test('an API error is a "success" by its subtype', () => {
    expect(recorded('auth').outcome).toMatchObject({
      kind: 'auth_failed',
      message: 'Invalid API key · Fix external API key',
    });
  });

  test('an interrupt ends with exit code 0', () => {
    const { outcome, report } = recorded('sigint-text');
    expect(outcome?.kind).toBe('agent_error');
    expect(report.final?.ok).toBe(false);
  });

  test('tools are denied and the run "succeeds": every denial is told, once', () => {
    for (const name of [
      'tool-denied',
      'tool-denied-none',
      'tool-dont-ask',
      'tool-plan',
      'hook-blocks',
    ]) {
      const { report, events } = recorded(name);
      expect(report.denied, name).toBe(1);
      expect(events, name).toContainEqual(
        expect.objectContaining({ kind: 'permission_denied', tool: 'Write' }),
      );
      expect(events.filter(({ kind }) => kind === 'file_changed')).toEqual([]);
    }
  });

  test('a resumed session counts its cost anew only for this run', () => {
    expect(recorded('max-turns-resume').report.usage?.costUsd).toBeCloseTo(0.00458, 6);
  });

  test('a session that was not found is echoed', () => {
    const asked = 'afd23aa4-18be-4982-872f-8fc2dd2a9f68';
    const { outcome, report } = recorded('no-session-persistence-resume', asked);
    expect(outcome?.kind).toBe('resume_unavailable');
    expect(report.sessionId).toBeNull();
  });

  test('a forked or another session is not the one that was asked for', () => {
    expect(recorded('resume-fork', '9e8691c4-e785-4eea-a257-65245d56f1c3').outcome?.kind).toBe(
      'resume_unavailable',
    );
    expect(recorded('resume', '9e8691c4-e785-4eea-a257-65245d56f1c3').outcome?.kind).toBe('ok');
  });

  test('a resumed run that never opens a session has not gone on with it', () => {
    const end = { exit: { code: 1 }, stderr: "error: unknown option '--x'", resumed: SESSION };
    expect(run(claude, [], end).outcome?.kind).toBe('resume_unavailable');
    expect(run(claude, ['Done.'], { resumed: SESSION }).outcome?.kind).toBe('resume_unavailable');
    const killed = { exit: { signal: 'SIGKILL' }, resumed: SESSION };
    expect(run(claude, [], killed).outcome).toBeNull();
    const refused = { exit: { code: 1 }, stderr: 'Invalid API key', resumed: SESSION };
    expect(run(claude, [], refused).outcome?.kind).toBe('auth_failed');
  });

  test('what the pieces of a message say is not doubled', () => {
    const { events } = recorded('tool-partial');
    expect(events.filter(({ kind }) => kind === 'text')).toEqual([
      { kind: 'text', text: 'I will write hello.txt.' },
      { kind: 'text', text: 'Wrote hello.txt and checked it.' },
    ]);
  });
});

describe('events of recorded runs', () => {
  test('a file and a command', () => {
    const { events } = recorded('tool');
    expect(events).toContainEqual({
      kind: 'file_changed',
      path: '/home/dev/repo/hello.txt',
      change: 'add',
    });
    expect(events).toContainEqual({
      kind: 'command_run',
      command: 'cat hello.txt && git status --short',
      exitCode: 0,
      output: 'hello from the stub ?? hello.txt',
    });
    expect(events[0]).toEqual({
      kind: 'session',
      sessionId: '21446299-5052-444b-896b-acaed15fd9df',
      model: 'claude-opus-5-5',
      version: '2.1.329',
    });
  });

  test('a command that fails has its exit code, one that was refused none', () => {
    expect(recorded('tool-fail').events).toContainEqual(
      expect.objectContaining({ kind: 'command_run', exitCode: 3 }),
    );
    expect(recorded('sigint-tool').kinds).not.toContain('command_run');
  });

  test('a subagent is one, however often it is told, and its text is not the answer', () => {
    const { events, report } = recorded('subagent-forward');
    const told = events.filter((event) => event.kind === 'subagent');
    expect(told.map(({ status }) => status)).toEqual(['started', 'working', 'finished']);
    expect(answerOf(report)).toBe('The subagent is done.');
    expect(events.filter(({ kind }) => kind === 'text')).toHaveLength(2);
  });

  test('a limit with its reset, before the error', () => {
    const { events } = recorded('quota');
    expect(events).toContainEqual({
      kind: 'limit',
      result: 'quota_exhausted',
      limit: {
        class: 'until',
        until: Date.parse('2026-11-21T01:47:00Z'),
        message: 'five hour limit reached, resets 2026-11-21T01:47:00.000Z',
      },
    });
    expect(events.filter(({ kind }) => kind === 'text')).toEqual([]);
  });

  test('a limit that is near is only a warning', () => {
    expect(recorded('quota-warning').events).toContainEqual({
      kind: 'warning',
      message: 'five hour limit is near: 91 % used',
    });
  });

  test('waits are announced, another model is a warning, hooks are nothing', () => {
    const { events } = recorded('overloaded-fallback');
    expect(events).toContainEqual({
      kind: 'retrying',
      attempt: 10,
      delay: 37385,
      message: 'overloaded (529)',
    });
    expect(events.filter(({ kind }) => kind === 'warning')).toHaveLength(1);
    expect(recorded('hooks').kinds).toEqual(recorded('tool').kinds);
  });
});

describe('launch', () => {
  const argv = (more: Parameters<typeof request>[0]) => claude.launch(request(more)).argv.join(' ');

  test('the whole command line', () => {
    const launch = claude.launch(request({ program: 'claude', model: 'opus' }));
    expect(launch.argv.slice(0, 3)).toEqual(['claude', '-p', 'Fix the bug.']);
    expect(launch.argv.slice(3).join(' ')).toBe(
      `--output-format stream-json --verbose --session-id ${SESSION} --model opus ` +
        '--max-turns 40 --max-budget-usd 2 --permission-mode acceptEdits',
    );
    expect(launch.stdin).toBeNull();
    expect(launch.files).toEqual({});
    expect(launch.env).toMatchObject({
      CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    });
    expect(launch.unset).toEqual(
      expect.arrayContaining(['CLAUDECODE', 'CLAUDE_CODE_ENTRYPOINT', 'CLAUDE_CODE_SSE_PORT']),
    );
  });

  test('a session is resumed by its id only', () => {
    expect(argv({ resume: true })).toContain(`--resume ${SESSION}`);
    expect(argv({ resume: true })).not.toContain('--session-id');
    expect(argv({ sessionId: null })).not.toMatch(/--session-id|--resume/);
    expect(() => argv({ resume: true, sessionId: null })).toThrow(/id is not known/);
  });

  test('a prompt is never a flag, and a long one is on stdin', () => {
    expect(claude.launch(request({ prompt: '--version' })).argv[2]).toBe(' --version');
    const longest = 'é'.repeat(50_000);
    expect(claude.launch(request({ prompt: longest }))).toMatchObject({ stdin: null });
    const tooLong = claude.launch(request({ prompt: `${longest}!` }));
    expect(tooLong.stdin).toBe(`${longest}!`);
    expect(tooLong.argv.slice(1, 3)).toEqual(['-p', '--output-format']);
    expect(claude.launch(request({ prompt: 'a\0b' })).stdin).toBe('a\0b');
  });

  test.each([{ model: '--dangerously-skip-permissions' }, { model: '' }, { sessionId: '-x' }])(
    'no value is a flag: %j',
    (more) => {
      expect(() => argv(more)).toThrow(/cannot be given/);
    },
  );

  test('only tools that read are offered for read-only, and no MCP server', () => {
    const readOnly = argv({ permissions: 'read-only' });
    expect(readOnly).toContain(
      '--permission-mode dontAsk --tools Read,Glob,Grep,WebFetch,WebSearch ',
    );
    expect(readOnly).toContain('--strict-mcp-config');
    expect(readOnly).not.toMatch(/Bash|Write|Edit|bypass/);
  });

  test('root gets full permissions in a sandbox only', () => {
    const full = { permissions: 'full' } as const;
    expect(argv(full)).toContain('--permission-mode bypassPermissions');
    let thrown: unknown;
    try {
      argv({ ...full, root: true });
    } catch (error) {
      thrown = error;
    }
    expect(isTendError(thrown) && thrown.code).toBe('unsupported');
    expect(isTendError(thrown) && thrown.hint).toMatch(/workspace.*ordinary user/);
    expect(argv({ ...full, root: true, environment: { IS_SANDBOX: '1' } })).toContain(
      'bypassPermissions',
    );
    expect(argv({ permissions: 'workspace', root: true })).not.toContain('bypass');
  });

  test('isolated masks what is the person’s own, and leaves the project', () => {
    const { argv: isolated, env } = claude.launch(request({ isolated: true }));
    const settings = isolated[isolated.indexOf('--settings') + 1] ?? '';
    expect(isolated.join(' ')).toContain('--setting-sources project ');
    expect(isolated.filter((word) => word === '--strict-mcp-config')).toHaveLength(1);
    expect(JSON.parse(settings)).toEqual({
      claudeMdExcludes: [
        '/home/dev/.claude/**',
        '/home/dev/CLAUDE.md',
        '/home/dev/CLAUDE.local.md',
      ],
    });
    expect(env).toMatchObject({ CLAUDE_CODE_DISABLE_AUTO_MEMORY: '1' });
  });
});

test.each([
  [{ ANTHROPIC_API_KEY: 'k' }, [], true],
  [{ CLAUDE_CODE_OAUTH_TOKEN: 'k' }, [], true],
  [{}, ['.claude/.credentials.json'], true],
  [{ ANTHROPIC_API_KEY: '' }, [], false],
  [{}, ['.claude.json'], null],
  [{ CLAUDE_CONFIG_DIR: '/x' }, ['.claude/.credentials.json'], null],
])('logged in with %j and %j: %s', (environment, files: string[], expected) => {
  expect(claude.loggedIn(environment, (path) => files.includes(path))).toBe(expected);
});
