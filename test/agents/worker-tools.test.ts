import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { BUILT_IN } from '../../src/adapters/agents/built-in.ts';
import { acpAgent } from '../../src/adapters/agents/acp/agent.ts';
import type { Permissions } from '../../src/domain/envelope.ts';
import type { Agent, LaunchRequest } from '../../src/ports/agent.ts';

const TOKEN = 'sesame-of-the-attempt';
const TOOLS = {
  command: '/opt/node',
  args: ['/opt/tend.cjs', 'mcp', '--worker'],
  env: { TEND_SOCKET: '/run/tend.sock', TEND_WORKER_TOKEN: TOKEN },
  permits: false,
};
const FOLDER = '/state/tasks/t-1/1/agent';

const homes: string[] = [];
afterEach(() => {
  for (const home of homes.splice(0)) fs.rmSync(home, { recursive: true });
});
function homeWith(files: Readonly<Record<string, string>> = {}): string {
  const home = fs.mkdtempSync(join(tmpdir(), 'tend-tools-'));
  homes.push(home);
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(join(home, name, '..'), { recursive: true });
    fs.writeFileSync(join(home, name), content);
  }
  return home;
}

const ask = (of: Partial<LaunchRequest> = {}): LaunchRequest => ({
  program: '/bin/agent',
  prompt: 'Do it.',
  cwd: '/work',
  model: null,
  envelope: { turns: 10, costUsd: 1, minutes: 5 },
  permissions: 'workspace',
  sessionId: null,
  resume: false,
  isolated: false,
  root: false,
  folder: FOLDER,
  environment: { HOME: '/nowhere' },
  tools: TOOLS,
  ...of,
});
const agentNamed = (name: string): Agent => {
  const agent = BUILT_IN.find((one) => one.name === name);
  if (agent === undefined) throw new RangeError(name);
  return agent;
};
const launched = (name: string, of: Partial<LaunchRequest> = {}) =>
  agentNamed(name).launch(ask(of));
const json = (text: string | undefined) => JSON.parse(text ?? 'null') as Record<string, unknown>;
const SERVER = { command: TOOLS.command, args: TOOLS.args, env: TOOLS.env };

const ABLE = ['claude', 'codex', 'gemini', 'opencode', 'qwen', 'copilot'];
const ALL: Permissions[] = ['read-only', 'workspace', 'full'];

test('who can be given the tools says so', () => {
  const able = BUILT_IN.filter(({ capabilities }) => capabilities.tools).map(({ name }) => name);
  expect(able).toEqual(ABLE);
  const asking = BUILT_IN.filter(({ capabilities }) => capabilities.asks).map(({ name }) => name);
  expect(asking).toEqual(['claude']);
});

describe.each(ABLE)('%s', (name) => {
  test.each(ALL)('is never told the token in an argument (%s)', (permissions) => {
    const { argv, files, env } = launched(name, { permissions });
    expect(argv.join(' ')).not.toContain(TOKEN);
    expect(JSON.stringify({ files, env })).toContain(TOKEN);
  });

  test('gets nothing more than before without them', () => {
    const { argv, env, files } = launched(name, { tools: null });
    expect(JSON.stringify({ argv, env, files })).not.toMatch(/tend-tools|TEND_|mcp_servers|links/);
    expect(launched(name, { tools: null })).not.toHaveProperty('links');
  });
});

describe('claude', () => {
  test.each<[Permissions, string]>([
    ['read-only', 'WebFetch,WebSearch,mcp__tend'],
    ['workspace', 'mcp__tend'],
    ['full', 'mcp__tend'],
  ])('is allowed all of them (%s)', (permissions, allowed) => {
    const { argv, env, files } = launched('claude', { permissions });
    expect(argv.slice(argv.indexOf('--allowedTools'))).toEqual([
      '--allowedTools',
      allowed,
      '--mcp-config',
      `${FOLDER}/tend-tools.json`,
    ]);
    expect(env).toMatchObject({ MCP_CONNECT_TIMEOUT_MS: '60000', MCP_TIMEOUT: '60000' });
    expect(json(files['tend-tools.json'])).toEqual({
      mcpServers: { tend: { ...SERVER, alwaysLoad: true, timeout: 120_000 } },
    });
  });

  test.each<[Permissions, boolean, boolean]>([
    ['workspace', true, true],
    ['workspace', false, false],
    ['full', true, false],
    ['read-only', true, false],
  ])('asks for permissions with %s, if it may pass: %s', (permissions, permits, asks) => {
    const { argv, files } = launched('claude', { permissions, tools: { ...TOOLS, permits } });
    const at = argv.indexOf('--permission-prompt-tool');
    expect(at === -1 ? null : argv[at + 1]).toBe(asks ? 'mcp__tend__permit' : null);
    expect(files['tend-tools.json']?.includes('TEND_WORKER_PERMIT')).toBe(asks);
  });
});

test.each([false, true])('codex finds the secrets in its environment (resumed: %s)', (resume) => {
  const { argv, env, files } = launched('codex', { resume, sessionId: resume ? 's' : null });
  const set = argv.filter((word) => word.startsWith('mcp_servers.tend.'));
  expect(set).toEqual([
    'mcp_servers.tend.command="/opt/node"',
    'mcp_servers.tend.args=["/opt/tend.cjs","mcp","--worker"]',
    'mcp_servers.tend.env_vars=["TEND_SOCKET","TEND_WORKER_TOKEN"]',
    'mcp_servers.tend.default_tools_approval_mode="approve"',
    'mcp_servers.tend.required=true',
    'mcp_servers.tend.startup_timeout_sec=60',
    'mcp_servers.tend.tool_timeout_sec=120',
  ]);
  if (resume) expect(argv.indexOf('resume')).toBeGreaterThan(argv.indexOf(set.at(-1) ?? ''));
  expect(env).toEqual(TOOLS.env);
  expect(files).toEqual({});
});

describe('gemini', () => {
  const GIVEN = {
    command: TOOLS.command,
    args: TOOLS.args,
    env: { ...TOOLS.env, TEND_WORKER_ASK: 'ask_person' },
    trust: true,
    timeout: 120_000,
  };
  const SETTINGS = 'gemini-home/.gemini/settings.json';

  test('finds the settings of the person, with the server, in a home that leads to theirs', () => {
    const home = homeWith({
      '.gemini/settings.json': '{ // mine\n "mcpServers": {"own": {"url": "http://x//y"}} /* */ }',
      '.gemini/oauth_creds.json': '{}',
      '.gemini/tmp/x': '',
      '.env': '',
      '.bashrc': '',
    });
    const { env, files, links } = launched('gemini', { environment: { HOME: home } });
    expect(env['GEMINI_CLI_HOME']).toBe(`${FOLDER}/gemini-home`);
    expect(json(files[SETTINGS])).toEqual({
      mcpServers: { own: { url: 'http://x//y' }, tend: GIVEN },
    });
    expect(links).toEqual({
      'gemini-home/.env': join(home, '.env'),
      'gemini-home/.gemini/oauth_creds.json': join(home, '.gemini/oauth_creds.json'),
      'gemini-home/.gemini/tmp': `${join(home, '.gemini/tmp')}/`,
      'gemini-home/.gemini/history': `${join(home, '.gemini/history')}/`,
    });
  });

  test('needs no settings, and finds its home elsewhere', () => {
    const home = homeWith();
    const environment = { HOME: '/nowhere', GEMINI_CLI_HOME: home };
    const { files, links } = launched('gemini', { environment });
    expect(json(files[SETTINGS])).toEqual({ mcpServers: { tend: GIVEN } });
    expect(Object.values(links ?? {})).toContain(`${join(home, '.gemini/tmp')}/`);
  });

  test('is refused with settings that are no JSON, and without a home', () => {
    const home = homeWith({ '.gemini/settings.json': '[]' });
    expect(() => launched('gemini', { environment: { HOME: home } })).toThrow('are no JSON');
    expect(() => launched('gemini', { environment: {} })).toThrow('no home folder');
  });

  test('has nothing of the person when it is isolated', () => {
    const environment = { HOME: homeWith(), GEMINI_API_KEY: 'k' };
    const launch = launched('gemini', { environment, isolated: true });
    expect(json(launch.files[SETTINGS])).toMatchObject({
      security: { auth: { selectedType: 'gemini-api-key' } },
      mcpServers: { tend: GIVEN },
    });
    expect(launch).not.toHaveProperty('links');
  });
});

describe('opencode', () => {
  const LOCAL = {
    type: 'local',
    command: [TOOLS.command, ...TOOLS.args],
    environment: TOOLS.env,
    enabled: true,
    timeout: 120_000,
  };
  const written = { model: 'a/b', mcp: { own: { type: 'remote', url: 'http://x' } } };
  const environment = { OPENCODE_CONFIG_CONTENT: JSON.stringify(written) };

  test('gets the server beside what is configured', () => {
    const { env } = launched('opencode', { permissions: 'full', environment });
    expect(json(env['OPENCODE_CONFIG_CONTENT'])).toEqual({
      model: 'a/b',
      mcp: { ...written.mcp, tend: LOCAL },
    });
  });

  test('has the server alone when it is isolated', () => {
    const { env } = launched('opencode', { permissions: 'full', isolated: true, environment });
    expect(json(env['OPENCODE_CONFIG_CONTENT'])).toEqual({ model: 'a/b', mcp: { tend: LOCAL } });
  });

  test.each(['read-only', 'workspace'] as const)('may use them (%s)', (permissions) => {
    const { env } = launched('opencode', { permissions });
    expect(json(env['OPENCODE_PERMISSION'])).toMatchObject({ '*': 'deny', 'tend_*': 'allow' });
    const without = launched('opencode', { permissions, tools: null });
    expect(without.env['OPENCODE_PERMISSION']).not.toContain('tend_*');
  });
});

test.each<[Permissions, string | null]>([
  ['read-only', 'tend'],
  ['workspace', null],
  ['full', null],
])('qwen gets the server and, where others are refused, no other one (%s)', (permissions, only) => {
  const { argv, files } = launched('qwen', { permissions });
  expect(argv[argv.indexOf('--mcp-config') + 1]).toBe(`${FOLDER}/tend-tools.json`);
  const at = argv.indexOf('--allowed-mcp-server-names');
  expect(at === -1 ? null : argv[at + 1]).toBe(only);
  expect(json(files['tend-tools.json'])).toEqual({
    mcpServers: { tend: { ...SERVER, trust: true, timeout: 120_000, alwaysLoadTools: true } },
  });
});

test.each(ALL)('copilot gets the server, and is offered each tool (%s)', (permissions) => {
  const { argv, files } = launched('copilot', { permissions });
  expect(argv).toContain(`--additional-mcp-config=@${FOLDER}/tend-tools.json`);
  expect(argv).toContain('--allow-tool=tend');
  const offered = argv.find((word) => word.startsWith('--available-tools=')) ?? null;
  if (permissions === 'full') expect(offered).toBeNull();
  else expect(offered).toContain(',tend-ask_user,tend-finish,tend-report_progress,');
  expect(json(files['tend-tools.json'])).toEqual({ mcpServers: { tend: SERVER } });
});

test('an agent that speaks ACP finds them in the file of its holder', () => {
  const agent = acpAgent({ name: 'a', programs: ['a'], command: ['a'] });
  expect(agent.capabilities).toMatchObject({ tools: true, asks: true });
  const { argv, files } = agent.launch(ask());
  expect(argv.join(' ')).not.toContain(TOKEN);
  expect(json(files['acp.json'])).toMatchObject({ tools: TOOLS });
});
