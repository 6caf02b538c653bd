import { describe, expect, test } from 'vitest';
import { kilo } from '../../src/adapters/agents/kilo.ts';
import { opencode } from '../../src/adapters/agents/opencode.ts';
import type { LaunchRequest } from '../../src/ports/agent.ts';

const REQUEST: LaunchRequest = {
  program: '/opt/opencode',
  prompt: 'Do it.',
  cwd: '/work/repo',
  model: null,
  envelope: { turns: 1, costUsd: 1, minutes: 1 },
  permissions: 'full',
  sessionId: null,
  resume: false,
  isolated: false,
  root: false,
  folder: '/state/tasks/01TASK/2/agent',
  environment: {},
};
const launch = (over: Partial<LaunchRequest> = {}, agent = opencode) =>
  agent.launch({ ...REQUEST, ...over });
const json = (value: string | undefined): unknown => JSON.parse(value ?? 'null');
const BASE = ['/opt/opencode', 'run', '--format=json', '--print-logs'];
const TITLE = '--title=tend 01TASK 2';

describe('the command line', () => {
  test('of a new session', () => {
    const { argv, stdin, files } = launch({ model: 'stub/big' });
    expect(argv).toEqual([...BASE, '--model=stub/big', TITLE, '--auto']);
    expect([stdin, files]).toEqual(['Do it.', {}]);
  });

  test('of a resumed session', () => {
    expect(launch({ sessionId: 'ses_1', resume: true }).argv).toEqual([
      ...BASE,
      '--session=ses_1',
      '--auto',
    ]);
  });

  test.each(['-m x "quoted" $HOME\n--auto', 'a'.repeat(300_000), '/help'])(
    'never holds the prompt',
    (prompt) => {
      const { argv, stdin } = launch({ prompt });
      expect(stdin).toBe(prompt);
      expect(argv).toEqual([...BASE, TITLE, '--auto']);
    },
  );

  test.each([
    ['an id that it does not choose', { sessionId: 'ses_1' }],
    ['a resume of nothing', { resume: true }],
    ['an empty prompt', { prompt: ' \n' }],
    ['a model like a flag', { model: '--yes' }],
  ])('refuses %s', (_, over) => {
    expect(() => launch(over)).toThrow(expect.objectContaining({ code: 'unsupported' }));
  });
});

describe('permissions', () => {
  const READING = {
    '*': 'deny',
    read: { '*': 'allow', '*.env': 'deny', '*.env.*': 'deny', '*.env.example': 'allow' },
    glob: 'allow',
    grep: 'allow',
    list: 'allow',
    todowrite: 'allow',
    external_directory: { '*': 'deny' },
  };
  const WRITING = { ...READING, edit: 'allow' };

  test.each([
    ['read-only', READING],
    ['workspace', WRITING],
  ] as const)('%s is an agent of our own, and holds for any other', (permissions, rules) => {
    const { argv, env } = launch({ permissions });
    expect(argv).toEqual([...BASE, TITLE, `--agent=tend-${permissions}`]);
    expect(json(env['OPENCODE_CONFIG_CONTENT'])).toEqual({
      agent: { [`tend-${permissions}`]: { mode: 'primary', permission: rules } },
    });
    expect(json(env['OPENCODE_PERMISSION'])).toEqual(rules);
  });

  test('come after all that the person configured, which stays', () => {
    const given = { model: 'a/b', permission: { '*': 'allow' }, agent: { build: { prompt: 'x' } } };
    const { env } = launch({
      permissions: 'read-only',
      environment: {
        OPENCODE_CONFIG_CONTENT: JSON.stringify(given),
        OPENCODE_PERMISSION: '{"bash":"allow"}',
      },
    });
    expect(json(env['OPENCODE_CONFIG_CONTENT'])).toEqual({
      ...given,
      agent: { build: { prompt: 'x' }, 'tend-read-only': { mode: 'primary', permission: READING } },
    });
    expect(json(env['OPENCODE_PERMISSION'])).toEqual(READING);
  });

  test('full leaves the configuration to the person', () => {
    expect(
      Object.keys(launch({ environment: { OPENCODE_CONFIG_CONTENT: '{ // mine\n}' } }).env),
    ).toEqual([
      'PWD',
      'OPENCODE_DISABLE_AUTOUPDATE',
      'OPENCODE_DISABLE_MODELS_FETCH',
      'OPENCODE_EXPERIMENTAL_BACKGROUND_SUBAGENTS',
    ]);
  });

  test.each(['{ // mine\n}', '[]', '7'])('that cannot be added to %s are refused', (written) => {
    const environment = { OPENCODE_CONFIG_CONTENT: written };
    expect(() => launch({ permissions: 'workspace', environment })).toThrow(/not plain JSON/);
  });

  test.each([
    ['/work/repo/sub', ['/work/repo/.git'], { '*': 'deny', 'sub/*': 'allow' }],
    ['/work/repo', ['/work/repo/.git'], 'allow'],
    ['/work/tree', ['/work/repo/.git/worktrees/tree', '/work/repo/.git'], 'allow'],
    ['/work/repository', ['/work/repo/.git'], 'allow'],
  ])('a workspace in %s is no more than that folder', (cwd, gitFolders, edit) => {
    const { env } = launch({ permissions: 'workspace', cwd, gitFolders });
    expect(json(env['OPENCODE_PERMISSION'])).toMatchObject({ edit });
  });
});

describe('the environment', () => {
  test('works where it is told, and knows of no agent around it', () => {
    const { env, unset } = launch();
    expect(env['PWD']).toBe('/work/repo');
    expect(unset).toEqual(expect.arrayContaining(['CLAUDECODE', 'OPENCODE', 'COPILOT_CLI']));
    expect(unset).not.toContain('OPENCODE_CONFIG');
  });

  test('an isolated one has no folder of the person, but its providers', () => {
    const given = {
      model: 'a/b',
      provider: { a: {} },
      mcp: { x: {} },
      instructions: ['y'],
      plugin: ['z'],
    };
    const { env, unset } = launch({
      isolated: true,
      environment: { OPENCODE_CONFIG_CONTENT: JSON.stringify(given) },
    });
    expect(env).toMatchObject({
      XDG_CONFIG_HOME: '/state/tasks/01TASK/2/agent/config',
      OPENCODE_TEST_HOME: '/state/tasks/01TASK/2/agent/home',
      OPENCODE_PURE: '1',
      OPENCODE_DISABLE_PROJECT_CONFIG: '1',
    });
    expect(json(env['OPENCODE_CONFIG_CONTENT'])).toEqual({ model: 'a/b', provider: { a: {} } });
    expect(unset).toEqual(expect.arrayContaining(['OPENCODE_CONFIG', 'OPENCODE_CONFIG_DIR']));
    expect(launch({ isolated: true }).env).not.toHaveProperty('OPENCODE_CONFIG_CONTENT');
  });

  test('a login is found, and its absence is not known', () => {
    const nowhere = (): boolean => false;
    expect(opencode.loggedIn({ ANTHROPIC_API_KEY: 'k' }, nowhere)).toBe(true);
    expect(opencode.loggedIn({}, (path) => path === '.local/share/opencode/auth.json')).toBe(true);
    expect(opencode.loggedIn({ XDG_DATA_HOME: '/elsewhere' }, () => true)).toBeNull();
    expect(opencode.loggedIn({ ANTHROPIC_API_KEY: '' }, nowhere)).toBeNull();
  });
});

test('Kilo is called like opencode, under its own name, and is not verified', () => {
  const { argv, env } = launch({ program: '/opt/kilo', permissions: 'read-only' }, kilo);
  expect(argv).toEqual(['/opt/kilo', ...BASE.slice(1), TITLE, '--agent=tend-read-only']);
  expect(env).toHaveProperty('KILO_CONFIG_CONTENT');
  expect(env).toHaveProperty('KILO_PERMISSION');
  expect(Object.keys(env).filter((name) => name.startsWith('OPENCODE'))).toEqual([]);
  expect(kilo).toMatchObject({ name: 'kilo', verified: false });
});
