import { describe, expect, test } from 'vitest';
import { copilot } from '../../src/adapters/agents/copilot.ts';
import type { LaunchRequest } from '../../src/ports/agent.ts';

const FOLDER = '/state/tasks/01TASK/2/agent';
const REQUEST: LaunchRequest = {
  program: '/opt/copilot',
  prompt: 'Do it.',
  cwd: '/work/repo',
  model: null,
  envelope: { turns: 1, costUsd: 1, minutes: 1 },
  permissions: 'full',
  sessionId: null,
  resume: false,
  isolated: false,
  root: false,
  folder: FOLDER,
  environment: { HOME: '/home/dev' },
};
const launch = (over: Partial<LaunchRequest> = {}) => copilot.launch({ ...REQUEST, ...over });
const BASE = [
  '/opt/copilot',
  '--output-format=json',
  '--no-ask-user',
  `--usage-output-file=${FOLDER}/usage.json`,
];
const PROMPT = '--prompt=Do it.';

describe('the command line', () => {
  test('of a new session', () => {
    const { argv, stdin, files, env } = launch({ sessionId: 'id-1', model: 'gpt-5' });
    expect(argv).toEqual([...BASE, '--allow-all', '--model=gpt-5', '--session-id=id-1', PROMPT]);
    expect([stdin, files, env]).toEqual([null, {}, { COPILOT_AUTO_UPDATE: 'false' }]);
  });

  test('of a session without an id, and of a resumed one', () => {
    expect(launch().argv).toEqual([...BASE, '--allow-all', PROMPT]);
    expect(launch({ sessionId: 'id-1', resume: true }).argv).toEqual([
      ...BASE,
      '--allow-all',
      '--resume=id-1',
      PROMPT,
    ]);
  });

  test('has a prompt that is no flag', () => {
    expect(launch({ prompt: '--yolo "x"\n$HOME' }).argv.at(-1)).toBe('--prompt=--yolo "x"\n$HOME');
  });

  test.each([
    ['100 000 bytes', 'é'.repeat(50_000), true],
    ['more bytes', 'é'.repeat(50_001), false],
    ['a zero byte', 'a\0b', false],
  ])('has a prompt of %s', (_, prompt, isArgument) => {
    const { argv, stdin } = launch({ prompt });
    expect(stdin).toBe(isArgument ? null : prompt);
    expect(argv.slice(BASE.length + 1)).toEqual(isArgument ? [`--prompt=${prompt}`] : []);
  });

  test.each([
    ['a resume of nothing', { resume: true }],
    ['a model like a flag', { model: '--yolo' }],
  ])('refuses %s', (_, over) => {
    expect(() => launch(over)).toThrow(expect.objectContaining({ code: 'unsupported' }));
  });
});

describe('permissions', () => {
  const NEVER = ['--deny-tool=shell', '--deny-tool=url', '--disallow-temp-dir'];

  test('read-only offers what looks, and denies the rest', () => {
    const { argv, unset } = launch({ permissions: 'read-only' });
    expect(argv).toEqual(expect.arrayContaining([...NEVER, '--deny-tool=write']));
    expect(argv.join(' ')).not.toMatch(/--allow|create|edit|bash|,task/);
    expect(unset).toContain('COPILOT_ALLOW_ALL');
  });

  test('workspace writes files, and runs nothing', () => {
    const { argv, unset } = launch({ permissions: 'workspace' });
    expect(argv).toEqual(expect.arrayContaining([...NEVER, '--allow-tool=write']));
    expect(argv.join(' ')).toMatch(/--available-tools=view,\S*,create,edit/);
    expect(argv.join(' ')).not.toMatch(/--allow-all|bash|,task/);
    expect(unset).toContain('COPILOT_ALLOW_ALL');
  });

  test('full leaves the person their own choice of tools', () => {
    expect(launch().unset).not.toContain('COPILOT_ALLOW_ALL');
  });
});

describe('isolation', () => {
  const alone = (environment: Record<string, string>, over: Partial<LaunchRequest> = {}) =>
    launch({ isolated: true, environment, ...over });

  test('has a home that its next attempt finds again', () => {
    const first = alone({ HOME: '/home/dev', GH_TOKEN: 't' });
    expect(first.env['COPILOT_HOME']).toBe('/home/dev/.copilot/tend-isolated');
    expect(first.argv).toEqual(
      expect.arrayContaining([
        '--no-custom-instructions',
        '--disable-builtin-mcps',
        '--excluded-tools=skill',
      ]),
    );
    expect(first.unset).toContain('COPILOT_CUSTOM_INSTRUCTIONS_DIRS');
    const next = alone(
      { HOME: '/home/dev', GH_TOKEN: 't' },
      { folder: '/state/3/agent', sessionId: 'id-1', resume: true },
    );
    expect(next.env['COPILOT_HOME']).toBe(first.env['COPILOT_HOME']);
    expect(alone({ COPILOT_HOME: '/c', GH_TOKEN: 't' }).env['COPILOT_HOME']).toBe(
      '/c/tend-isolated',
    );
  });

  test('offers no skill that would have to be taken away', () => {
    const { argv } = alone({ HOME: '/h', GH_TOKEN: 't' }, { permissions: 'read-only' });
    expect(argv.join(' ')).not.toContain('skill');
  });

  test.each([
    ['credentials', { HOME: '/home/dev' }, /login/],
    ['empty credentials', { HOME: '/home/dev', GH_TOKEN: '' }, /login/],
    ['a home', { GH_TOKEN: 't' }, /home folder/],
  ])('is refused without %s', (_, environment, message) => {
    expect(() => alone(environment)).toThrow(message);
  });
});

test('nothing tells it that it runs within another agent', () => {
  expect(launch().unset).toEqual(
    expect.arrayContaining(['CLAUDECODE', 'COPILOT_CLI', 'COPILOT_AGENT_SESSION_ID']),
  );
});

test('its usage file is read like a stream', () => {
  expect(copilot.traces({ environment: {}, folder: FOLDER, sessionId: null })).toEqual({
    log: { path: `${FOLDER}/usage.json`, find: null },
  });
});

test.each([
  ['a token', { GH_TOKEN: 't' }, [], true],
  ['a provider', { COPILOT_PROVIDER_BASE_URL: 'http://localhost' }, [], true],
  ['no provider, and no network', { COPILOT_OFFLINE: 'true' }, ['.copilot'], false],
  ['nothing', {}, [], false],
  ['a home', {}, ['.copilot'], null],
  ["GitHub's own CLI", {}, ['.config/gh/hosts.yml'], null],
  ['a home elsewhere', { COPILOT_HOME: '/c' }, [], null],
])('whether it is logged in, by %s', (_, environment, files: readonly string[], known) => {
  expect(copilot.loggedIn(environment, (path) => files.includes(path))).toBe(known);
});
