import { describe, expect, test } from 'vitest';
import { isTendError } from '../../../domain/errors.ts';
import type { LaunchRequest } from '../../../ports/agent.ts';
import { codexLaunch } from './launch.ts';

const REQUEST: LaunchRequest = {
  program: '/usr/bin/codex',
  prompt: 'Do it.',
  cwd: '/repo',
  model: null,
  envelope: { turns: 15, costUsd: 1, minutes: 10 },
  permissions: 'workspace',
  sessionId: null,
  resume: false,
  isolated: false,
  root: false,
  folder: '/state/attempt',
  environment: {},
};
const argv = (over: Partial<LaunchRequest>): readonly string[] =>
  codexLaunch({ ...REQUEST, ...over }).argv;
const QUIET = ['-c', 'analytics.enabled=false', '-c', 'check_for_update_on_startup=false'];
const EXEC = ['/usr/bin/codex', 'exec', '--json', '--skip-git-repo-check'];

const refused = (over: Partial<LaunchRequest>): string | null => {
  try {
    codexLaunch({ ...REQUEST, ...over });
    return null;
  } catch (error) {
    return isTendError(error) ? error.code : String(error);
  }
};

describe('launch', () => {
  test.each([
    ['read-only', ['--sandbox', 'read-only']],
    ['workspace', ['--sandbox', 'workspace-write']],
    ['full', ['--dangerously-bypass-approvals-and-sandbox']],
  ] as const)('%s permissions, as root or not', (permissions, sandbox) => {
    const expected = [...EXEC, ...sandbox, ...QUIET, '--', 'Do it.'];
    expect(argv({ permissions })).toEqual(expected);
    expect(argv({ permissions, root: true })).toEqual(expected);
  });

  test('a resumed session gets its sandbox anew, before the word that would not take it', () => {
    expect(argv({ resume: true, sessionId: 'thread-1', permissions: 'read-only' })).toEqual(
      [EXEC, ['--sandbox', 'read-only'], QUIET, ['resume', '--', 'thread-1', 'Do it.']].flat(),
    );
  });

  test('only a workspace has its Git folders opened, and only those that are known', () => {
    const gitFolders = ['/main/.git', '/main/.git/worktrees/w'];
    const opened = ['--add-dir', gitFolders[0], '--add-dir', gitFolders[1]];
    const sandbox = ['--sandbox', 'workspace-write'];
    expect(argv({ gitFolders })).toEqual([
      ...EXEC,
      ...sandbox,
      ...opened,
      ...QUIET,
      '--',
      'Do it.',
    ]);
    for (const permissions of ['read-only', 'full'] as const)
      expect(argv({ gitFolders, permissions })).not.toContain('--add-dir');
    expect(argv({})).not.toContain('--add-dir');
  });

  test.each(['--json', '-x', 'review', 'resume'])(
    'the prompt %s is no flag and no command',
    (prompt) => {
      expect(argv({ prompt, model: '-m' }).slice(-2)).toEqual(['--', prompt]);
      expect(argv({ prompt, model: '-m' })).toContain('--model=-m');
    },
  );

  test('a prompt that would mean stdin is still the prompt', () => {
    expect(argv({ prompt: '-' }).slice(-2)).toEqual(['--', ' -']);
  });

  test.each([
    ['x'.repeat(100_000), false],
    ['x'.repeat(100_001), true],
    ['ü'.repeat(50_001), true],
    ['nul\0', true],
  ])('a prompt of too many bytes for an argument stands on stdin (%#)', (prompt, onStdin) => {
    const launch = codexLaunch({ ...REQUEST, prompt });
    expect(launch.stdin).toBe(onStdin ? prompt : null);
    expect(launch.argv.at(-1)).toBe(onStdin ? '-' : prompt);
  });

  test('it is refused what it cannot do', () => {
    const key = { environment: { CODEX_API_KEY: 'k' } };
    expect(refused({ sessionId: 'mine' })).toBe('unsupported');
    expect(refused({ resume: true })).toBe('unsupported');
    expect(refused({ isolated: true })).toBe('unsupported');
    expect(refused({ isolated: true, resume: true, sessionId: 's', ...key })).toBe('unsupported');
    expect(refused({ isolated: true, ...key })).toBe(null);
  });

  test('isolation is a home of its own', () => {
    const launch = codexLaunch({
      ...REQUEST,
      isolated: true,
      environment: { CODEX_API_KEY: 'k' },
    });
    expect(launch.env).toEqual({ CODEX_HOME: '/state/attempt/codex-home' });
    expect(launch.files).toEqual({ 'codex-home/config.toml': '' });
    expect(launch.argv).toContain('skills.include_instructions=false');
  });
});
