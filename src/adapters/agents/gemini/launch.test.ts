import { describe, expect, test } from 'vitest';
import { isTendError } from '../../../domain/errors.ts';
import type { LaunchRequest } from '../../../ports/agent.ts';
import { geminiLaunch } from './launch.ts';

const REQUEST: LaunchRequest = {
  program: '/usr/bin/gemini',
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
  geminiLaunch({ ...REQUEST, ...over }).argv;
const START = ['/usr/bin/gemini', '--output-format', 'stream-json', '--skip-trust'];

const refused = (over: Partial<LaunchRequest>): string | null => {
  try {
    geminiLaunch({ ...REQUEST, ...over });
    return null;
  } catch (error) {
    return isTendError(error) ? error.code : String(error);
  }
};

describe('launch', () => {
  test.each([
    ['read-only', 'default'],
    ['workspace', 'auto_edit'],
    ['full', 'yolo'],
  ] as const)('%s permissions, as root or not', (permissions, mode) => {
    const expected = [...START, '--approval-mode', mode, '--prompt=Do it.'];
    expect(argv({ permissions })).toEqual(expected);
    expect(argv({ permissions, root: true })).toEqual(expected);
  });

  test('a session is begun and resumed by its id', () => {
    const sessionId = '11111111-2222-4333-8444-555555555555';
    expect(argv({ sessionId })).toContain(`--session-id=${sessionId}`);
    const resumed = argv({ sessionId, resume: true });
    expect(resumed).toContain(`--resume=${sessionId}`);
    expect(resumed.join(' ')).not.toContain('--session-id');
  });

  test.each([
    ['--help', ' --help'],
    ['/memory show', ' /memory show'],
    ['a -b /c', 'a -b /c'],
  ])('the prompt %s is no flag and no command of Gemini', (prompt, said) => {
    expect(argv({ prompt, model: '-m' }).slice(-2)).toEqual(['--model=-m', `--prompt=${said}`]);
  });

  test.each([
    ['x'.repeat(100_000), false],
    ['x'.repeat(100_001), true],
    ['ü'.repeat(50_001), true],
    ['nul\0', true],
  ])('a prompt of too many bytes for an argument stands on stdin (%#)', (prompt, onStdin) => {
    const launch = geminiLaunch({ ...REQUEST, prompt });
    expect(launch.stdin).toBe(onStdin ? prompt : null);
    expect(launch.argv.includes(`--prompt=${prompt}`)).toBe(!onStdin);
  });

  test('a command on stdin is no command either', () => {
    const prompt = `/${'x'.repeat(100_001)}`;
    expect(geminiLaunch({ ...REQUEST, prompt }).stdin).toBe(` ${prompt}`);
  });

  test('it trusts the folder, stays one process and inherits no other agent', () => {
    const { env, unset } = geminiLaunch(REQUEST);
    expect(env).toMatchObject({
      GEMINI_CLI_TRUST_WORKSPACE: 'true',
      GEMINI_CLI_NO_RELAUNCH: 'true',
    });
    expect(unset).toContain('CLAUDECODE');
  });

  test('it is refused what it cannot do', () => {
    const key = { environment: { GEMINI_API_KEY: 'k' } };
    expect(refused({ resume: true })).toBe('unsupported');
    expect(refused({ isolated: true })).toBe('unsupported');
    expect(refused({ isolated: true, resume: true, sessionId: 's', ...key })).toBe('unsupported');
    expect(refused({ isolated: true, ...key })).toBe(null);
  });

  test.each([
    ['gemini-api-key', { GEMINI_API_KEY: 'k' }],
    ['vertex-ai', { GOOGLE_GENAI_USE_VERTEXAI: 'true', GOOGLE_API_KEY: 'k' }],
  ])('isolation is a home of its own, with %s', (selectedType, environment) => {
    const launch = geminiLaunch({ ...REQUEST, isolated: true, environment });
    expect(launch.env).toMatchObject({ GEMINI_CLI_HOME: '/state/attempt/gemini-home' });
    const settings = launch.files['gemini-home/.gemini/settings.json'] ?? '';
    expect(JSON.parse(settings)).toMatchObject({ security: { auth: { selectedType } } });
  });
});
