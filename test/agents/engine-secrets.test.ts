import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BUILT_IN } from '../../src/adapters/agents/built-in.ts';
import { SURROUNDINGS } from '../../src/adapters/agents/surroundings.ts';
import { view } from '../../src/operations/view.ts';
import { answers, ends, opens, openStage, refuses, says, type Stage } from './ground.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(async () => {
  await stage.close();
  expect(stage.ground.faults).toEqual([]);
});

const SECRET = 'sk-ant-0123456789';

/** Every file of the state folder, relative. */
function files(): string[] {
  const root = stage.ground.node.info.stateFolder;
  return fs
    .readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => fs.statSync(join(root, name)).isFile());
}
const inState = (name: string): string => join(stage.ground.node.info.stateFolder, name);
const modes = (names: readonly string[]): string[] => [
  ...new Set(names.map((name) => (fs.statSync(inState(name)).mode & 0o777).toString(8))),
];
const holding = (text: string): string[] =>
  files().filter((name) => fs.readFileSync(inState(name), 'utf8').includes(text));

test('whatever an attempt leaves is its user’s alone', async () => {
  stage.plays('claude', ...answers(), { err: 'x' });
  await stage.asked(`Secret plan: ${'x'.repeat(120_000)}`);
  const names = files();
  expect(names.some((name) => name.endsWith('/agent/stdin'))).toBe(true);
  expect(names.some((name) => name.endsWith('/timing'))).toBe(true);
  expect(modes(names)).toEqual(['600']);
  const root = stage.ground.node.info.stateFolder;
  const folders = fs
    .readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => fs.statSync(join(root, name)).isDirectory());
  expect(modes(folders)).toEqual(['700']);
});

test('secrets of the environment stand in the captured environment alone', async () => {
  const reset = Math.ceil(Date.now() / 1_000) + 300;
  stage.plays('claude', opens(), says('Hm.'), ...refuses(reset));
  const env = {
    ANTHROPIC_API_KEY: SECRET,
    ANTHROPIC_BASE_URL: `https://user:${SECRET}@host.example`,
  };
  const { id } = await stage.ask('Fix it.', { env });
  const held = await stage.held(id);
  expect(stage.calls()[0]?.env).toMatchObject(env);
  const { node, ports } = stage.ground;
  const told = [
    held,
    await view(node, held.task),
    await stage.events(id),
    await stage.holds(),
    await node.history(id),
    await node.agents.list(null),
    await ports.store.attempts(id),
  ];
  expect(JSON.stringify(told)).not.toContain(SECRET);
  expect(JSON.stringify(told)).toContain('host.example');
  const names = holding(SECRET);
  expect(names.length).toBeGreaterThan(0);
  // The same file under its own name and that of the attempt.
  const inodes = new Set(names.map((name) => fs.statSync(inState(name)).ino));
  expect(inodes.size).toBe(1);
});

test('secrets of the configuration reach the agent, and nothing that is shown', async () => {
  stage.settings.overrides['claude'] = { env: { PROXY_TOKEN: SECRET } };
  stage.plays('claude', ...answers());
  const { task } = await stage.asked('Fix it.');
  expect(stage.calls()[0]?.env['PROXY_TOKEN']).toBe(SECRET);
  expect(JSON.stringify(await view(stage.ground.node, task))).not.toContain(SECRET);
  const names = holding(SECRET);
  expect(names.map((name) => name.split('/').at(-1))).toEqual(['run']);
});

test('no agent learns that another one started it, and each has an empty stdin', async () => {
  const ofClaude = [
    'AI_AGENT',
    'CLAUDE_CODE_SESSION_ID',
    'CLAUDE_CODE_CHILD_SESSION',
    'CLAUDE_PID',
  ];
  const names = [...SURROUNDINGS, ...ofClaude];
  const env = Object.fromEntries(names.map((name) => [name, 'outer']));
  for (const { name, programs } of BUILT_IN) {
    const [program = name] = programs;
    stage.plays(program, ends());
    const { id } = await stage.ask('Fix it.', {
      agent: name,
      // Not all of them can be kept to a folder.
      permissions: 'full',
      env: { ...env, KEPT: 'outer', IS_SANDBOX: '1' },
    });
    await stage.ground.settled(id);
    const call = stage.calls().at(-1);
    expect(call?.argv[0]).toBe(program);
    // Some take their prompt there; that there is a call at all shows that stdin has an end.
    expect(['', 'Fix it.']).toContain(call?.stdin);
    expect(call?.env['KEPT']).toBe('outer');
    const unset = name === 'claude' ? names : SURROUNDINGS;
    expect([name, unset.filter((one) => call?.env[one] === 'outer')]).toEqual([name, []]);
  }
});
