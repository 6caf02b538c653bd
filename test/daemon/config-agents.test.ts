import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { customAgent } from '../../src/adapters/agents/custom.ts';
import { checked } from '../../src/daemon/config.ts';
import { agentsOf, agentsSchema } from '../../src/daemon/config-agents.ts';
import { jsonSchema } from '../../src/daemon/config-schema.ts';
import type { TendError } from '../../src/domain/errors.ts';

const BUILT_IN = [
  { name: 'claude', programs: ['claude'] },
  { name: 'cursor', programs: ['cursor-agent'] },
];
const schema = z.strictObject({ agents: agentsSchema(BUILT_IN).prefault({}) });

const read = (text: string) => agentsOf(checked('FILE', text, schema).agents);

const problem = (text: string): { message: string; hint: string } => {
  try {
    read(text);
  } catch (error) {
    const { code, message, hint } = error as TendError;
    expect(code).toBe('config_invalid');
    return { message, hint };
  }
  throw new Error('the configuration was accepted');
};

/** A sound definition with these lines added. */
const mine = (...lines: readonly string[]): string =>
  ['[agents.mine]', 'command = ["my-agent", "run"]', ...lines].join('\n');
const FULL = 'permissions.full = []';

test('no section means nothing', () => {
  expect(read('')).toEqual({ overrides: {}, custom: [] });
});

test('a built-in agent has overrides', () => {
  const { overrides, custom } = read(`
    [agents.claude]
    program = "/opt/claude"
    model = "opus"
    tier = "high"
    permissions = "read-only"
    turns = 30
    cost_usd = 1.5
    minutes = 20
    isolated = true
    on_quota = "fail"
    env = { CLAUDE_CONFIG_DIR = "/home/me/.claude-work", EMPTY = "" }
    [agents.cursor]
  `);
  expect(custom).toEqual([]);
  expect(overrides).toEqual({
    claude: {
      program: '/opt/claude',
      model: 'opus',
      tier: 'high',
      permissions: 'read-only',
      turns: 30,
      costUsd: 1.5,
      minutes: 20,
      isolated: true,
      onQuota: 'fail',
      env: { CLAUDE_CONFIG_DIR: '/home/me/.claude-work', EMPTY: '' },
    },
    cursor: {},
  });
});

test('an agent of the person’s own has a definition, and may have bounds', () => {
  const { overrides, custom } = read(`
    [agents.mine]
    command = ["/opt/my-agent", "--turns={turns}"]
    prompt_mode = "file"
    prompt_flag = "--file"
    model_flag = "--model="
    dir_flag = "-C"
    session_flag = "--session"
    resume_flag = "--resume"
    version_arguments = ["version"]
    output = "jsonl"
    env = { MY_MODE = "quiet" }
    account_variables = ["HOME", "MY_KEY"]
    model = "big"
    cost_usd = 3
    on_quota = "wait"
    [agents.mine.permissions]
    read-only = ["--plan"]
    full = ["--yolo"]
    [[agents.mine.refusals]]
    match = "out of coins"
    class = "needs_person"
    [[agents.mine.refusals]]
    match = "/^E(13|14)/i"
    failure = "auth_failed"
    [agents.mine.answer]
    when = { type = "result", ok = true }
    text = "result.text"
    error = "is_error"
    session = "session_id"
    [agents.mine.capabilities]
    streams = false
    reports_cost = true
    needs_pty = false
  `);
  expect(overrides).toEqual({ mine: { model: 'big', costUsd: 3, onQuota: 'wait' } });
  expect(custom).toEqual([
    {
      name: 'mine',
      command: ['/opt/my-agent', '--turns={turns}'],
      promptMode: 'file',
      promptFlag: '--file',
      modelFlag: '--model=',
      dirFlag: '-C',
      sessionFlag: '--session',
      resumeFlag: '--resume',
      versionArguments: ['version'],
      output: 'jsonl',
      env: { MY_MODE: 'quiet' },
      accountVariables: ['HOME', 'MY_KEY'],
      permissions: { 'read-only': ['--plan'], full: ['--yolo'] },
      refusals: [
        { match: 'out of coins', failure: 'quota_exhausted', class: 'needs_person' },
        { match: '/^E(13|14)/i', failure: 'auth_failed', class: null },
      ],
      answer: {
        when: { type: 'result', ok: true },
        text: 'result.text',
        error: 'is_error',
        session: 'session_id',
      },
      capabilities: { streams: false, reportsCost: true, needsPty: false },
    },
  ]);
  expect(custom.map((one) => customAgent(one).capabilities)).toMatchObject([
    { streams: false, resume: true, ownSessionId: true, maxTurns: true, reportsCost: true },
  ]);
});

test('a definition needs little', () => {
  expect(read(mine(FULL)).custom).toEqual([
    {
      name: 'mine',
      command: ['my-agent', 'run'],
      promptMode: 'argument',
      promptFlag: null,
      modelFlag: null,
      dirFlag: null,
      sessionFlag: null,
      resumeFlag: null,
      versionArguments: ['--version'],
      output: 'text',
      env: {},
      accountVariables: ['HOME'],
      permissions: { full: [] },
      refusals: [],
      answer: null,
      capabilities: {},
    },
  ]);
  const answer = 'answer = { when = { last = true }, text = "text" }';
  expect(read(mine(FULL, 'output = "jsonl"', answer)).custom[0]?.answer).toEqual({
    when: { last: true },
    text: 'text',
    error: null,
    session: null,
  });
  expect(read('[agents.mine]\ncommand = ["x", "acp"]\noutput = "acp"').custom[0]?.output).toBe(
    'acp',
  );
});

describe('an agent of the person’s own may not take the place of a built-in one', () => {
  test.each([
    [
      '[agents.claude]\ncommand = ["my-claude"]',
      'FILE, line 2: agents.claude.command cannot be set: this agent is built in; define yours under another name',
    ],
    [
      '[agents.mine]\ncommand = ["claude", "-p"]\npermissions.full = []',
      'FILE, line 2: agents.mine.command runs claude, the program of claude, which is built in: set agents.claude instead',
    ],
    [
      '[agents.mine]\ncommand = ["/opt/bin/cursor-agent"]\npermissions.full = []',
      'FILE, line 2: agents.mine.command runs cursor-agent, the program of cursor, which is built in: set agents.cursor instead',
    ],
    [
      '[agents.cursor-agent]\ncommand = ["x"]\npermissions.full = []',
      'FILE, line 1: agents.cursor-agent is no name for an agent: it is the program of cursor',
    ],
    [
      '[agents.auto]\ncommand = ["x"]\npermissions.full = []',
      'FILE, line 1: agents.auto is no name for an agent: it is reserved',
    ],
    [
      '[agents.Claude]\ncommand = ["x"]\npermissions.full = []',
      'FILE, line 1: agents.Claude is no name for an agent (1-32 of a-z 0-9 _ -, beginning with a letter or digit)',
    ],
  ])('%j', (text, message) => {
    expect(problem(text).message).toBe(message);
  });
});

describe('an error names the key and what is expected', () => {
  test.each([
    [
      '[agents.claude]\nmodell = "x"',
      'line 2: agents.claude.modell is no setting',
      'Use agents.claude.model.',
    ],
    [
      '[agents.claude]\nprogram = "claude"',
      'agents.claude.program must be an absolute path',
      'Absolute path of',
    ],
    [
      '[agents.claude]\nturns = 121',
      'agents.claude.turns must be a whole number from 1 to 120',
      'Most model calls',
    ],
    [
      '[agents.claude]\ncost_usd = 0',
      'agents.claude.cost_usd must be more than 0 and at most 15',
      'in dollars',
    ],
    [
      '[agents.claude]\ncost_usd = "2"',
      'agents.claude.cost_usd must be more than 0 and at most 15',
      'in dollars',
    ],
    [
      '[agents.claude]\nminutes = 0',
      'agents.claude.minutes must be a whole number from 1 to 120',
      'in minutes',
    ],
    [
      '[agents.claude]\non_quota = "stop"',
      'agents.claude.on_quota must be one of "wait", "fallback", "ask", "fail"',
      'What becomes',
    ],
    [
      '[agents.claude]\npermissions = "all"',
      'must be one of "read-only", "workspace", "full"',
      'may touch',
    ],
    [
      '[agents.claude]\nenv = { "A B" = "x" }',
      'agents.claude.env.A B is no name of a variable',
      'Choose another',
    ],
    ['[agents.claude]\nenv = { A = 1 }', 'agents.claude.env.A must be a text in quotes', ''],
    ['agents.claude = 3', 'agents.claude must be a section: [agents.claude]', ''],
    [
      '[agents.mine]\nmodel = "x"',
      'agents.mine.command must be a list of texts in quotes',
      'The program and',
    ],
    [
      mine('[agents.mine.permission]'),
      'agents.mine.permission is no setting',
      'Use agents.mine.permissions.',
    ],
    [
      mine('permissions.writing = []'),
      'agents.mine.permissions.writing is no setting',
      'Known there: read-only, workspace, full.',
    ],
    [
      mine('output = "json"', FULL),
      'must be one of "text", "jsonl", "claude-stream", "acp"',
      'What stdout is',
    ],
    [mine('program = "/x"'), 'agents.mine.program is no setting', ''],
  ])('%j', (text, message, hint) => {
    const found = problem(text);
    expect(found.message).toContain(message);
    expect(found.hint).toContain(hint);
  });
});

test('the shape of the section can be told to editors', () => {
  const shape = JSON.stringify(jsonSchema(schema, 'test'));
  for (const key of ['"claude"', '"prompt_mode"', '"on_quota"', '"refusals"'])
    expect(shape).toContain(key);
});
