/** Agents whose adapters follow documentation: how they are called. */
import { describe, expect, test } from 'vitest';
import { amp } from '../../src/adapters/agents/amp.ts';
import { cursor } from '../../src/adapters/agents/cursor.ts';
import { droid } from '../../src/adapters/agents/droid.ts';
import { grok } from '../../src/adapters/agents/grok.ts';
import type { Agent, LaunchRequest } from '../../src/ports/agent.ts';
import { goldenTable } from './golden.ts';
import { argumentsOf, launchOf } from './unverified-agents.ts';

const AGENTS = [cursor, droid, amp, grok];
const LONG = 'x'.repeat(200_000);

goldenTable('amp', amp);

test.each(AGENTS)('$name says that it was not checked against the real program', (agent) => {
  expect(agent.verified).toBe(false);
  const { input, maxBudget, reportsCost, needsPty, logFile } = agent.capabilities;
  expect([input, maxBudget, reportsCost, needsPty, logFile]).not.toContain(true);
  expect(launchOf(agent).argv[0]).toBe('/opt/agent');
});

describe('the command line', () => {
  test('of cursor', () => {
    const before = '--print --output-format stream-json --trust --workspace /work/project';
    expect(argumentsOf(cursor)).toBe(`${before} --yolo --sandbox disabled do it`);
    expect(argumentsOf(cursor, { permissions: 'workspace', model: 'auto' })).toBe(
      `${before} --sandbox enabled --model auto do it`,
    );
    const resumed = { permissions: 'read-only', sessionId: 'c-1', resume: true } as const;
    expect(argumentsOf(cursor, resumed)).toBe(`${before} --mode plan --resume c-1 do it`);
    // A chosen id cannot be given to a new session.
    expect(argumentsOf(cursor, { sessionId: 'c-1' })).not.toContain('c-1');
    // What would be a subcommand is not.
    expect(launchOf(cursor, { prompt: 'login' }).argv.at(-1)).toBe(' login');
  });

  test('of droid', () => {
    const before = 'exec --output-format stream-json';
    expect(argumentsOf(droid)).toBe(`${before} --skip-permissions-unsafe do it`);
    const resumed = { permissions: 'read-only', sessionId: 'd-1', resume: true } as const;
    expect(argumentsOf(droid, { ...resumed, model: 'glm' })).toBe(
      `${before} --model glm --session-id d-1 do it`,
    );
    expect(argumentsOf(droid, { sessionId: 'd-1' })).not.toContain('d-1');
    expect(launchOf(droid, { prompt: '--help' }).argv.at(-1)).toBe(' --help');
  });

  test('of amp', () => {
    const after = '--stream-json --dangerously-allow-all --no-notifications';
    expect(argumentsOf(amp)).toBe(`--execute do it ${after}`);
    expect(argumentsOf(amp, { sessionId: 'T-1', resume: true })).toBe(
      `threads continue T-1 --execute do it ${after}`,
    );
    expect(launchOf(amp, { prompt: LONG })).toMatchObject({ stdin: LONG });
    expect(argumentsOf(amp, { prompt: LONG })).toBe(`--execute ${after}`);
  });

  test('of grok', () => {
    const middle = '--verbatim --output-format streaming-messages-json --no-auto-update';
    expect(argumentsOf(grok)).toBe(`--single do it ${middle} --max-turns 40 --always-approve`);
    expect(argumentsOf(grok, { sessionId: 'g-1', model: 'grok-4.6' })).toContain(
      `${middle} --session-id g-1 --model grok-4.6 --max-turns 40`,
    );
    expect(argumentsOf(grok, { sessionId: 'g-1', resume: true })).toContain(`--resume g-1`);
    expect(argumentsOf(grok, { permissions: 'workspace' })).toMatch(
      / --permission-mode dontAsk --allow Edit\(\/work\/project\/\*\*\) --allow Write\(\/work\/project\/\*\*\)$/,
    );
    const reading = argumentsOf(grok, { permissions: 'read-only' });
    expect(reading).toContain('--tools read_file,list_dir,grep,');
    for (const tool of ['Bash', 'Edit', 'Write', 'MCPTool'])
      expect(reading).toContain(`--deny ${tool}`);
    expect(reading).not.toMatch(/always-approve|--allow/);
  });

  test.each([droid, grok])('of $name has a long prompt in a file', (agent) => {
    const { argv, files, stdin } = launchOf(agent, { prompt: LONG });
    expect(files).toEqual({ 'prompt.txt': LONG });
    expect(argv).toContain('/state/attempt/prompt.txt');
    expect(stdin).toBeNull();
  });
});

describe('what cannot be kept is refused with the reason', () => {
  const refused = (agent: Agent, request: Partial<LaunchRequest>, message: string): void =>
    expect(() => launchOf(agent, request)).toThrow(
      expect.objectContaining({
        code: 'unsupported',
        message: expect.stringContaining(message) as string,
      }),
    );

  test.each(AGENTS)('by $name: isolation, and sessions whose id is not known', (agent) => {
    refused(agent, { isolated: true }, `${agent.name} cannot be isolated`);
    refused(
      agent,
      { resume: true },
      `${agent.name} cannot go on with a session whose id is not known`,
    );
    refused(agent, { resume: true, sessionId: '-x' }, "the session id '-x' cannot be given");
  });

  test('permissions', () => {
    for (const permissions of ['read-only', 'workspace'] as const)
      refused(amp, { permissions }, `amp cannot be kept to the permissions "${permissions}"`);
    refused(droid, { permissions: 'workspace' }, 'droid cannot be kept to its folder');
    const cwd = '/work/{a,b}';
    refused(grok, { permissions: 'workspace', cwd }, `grok cannot be kept to the folder ${cwd}`);
    expect(launchOf(grok, { permissions: 'read-only', cwd }).argv).toContain('--deny');
  });

  test('models and prompts', () => {
    refused(amp, { model: 'big' }, 'amp cannot be told which model to use');
    refused(cursor, { prompt: LONG }, 'the prompt is too long, or no text');
    for (const agent of [cursor, droid, grok])
      refused(agent, { model: '--x' }, "the model '--x' cannot be given");
  });
});

test.each([
  [cursor, 'CURSOR_API_KEY'],
  [droid, 'FACTORY_API_KEY'],
  [amp, 'AMP_API_KEY'],
  [grok, 'XAI_API_KEY'],
])('a key logs $0.name in; without it nothing is known', (agent, variable) => {
  const has = (): boolean => false;
  expect(agent.loggedIn({ [variable]: 'k' }, has)).toBe(true);
  expect(agent.loggedIn({ [variable]: '' }, has)).toBeNull();
  expect(agent.accountVariables).toContain(variable);
});
