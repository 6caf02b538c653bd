import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Output, Task } from '../../src/interfaces/client/index.ts';
import { answers } from '../agents/ground.ts';
import { after, AgentHome } from './agent-home.ts';

const stage = new AgentHome();
const { home } = stage;
beforeAll(() => {
  stage.plays('claude', ...answers());
  stage.plays('codex', { exit: 1 });
});
afterAll(() => stage.close());

type Agents = Output<'agents'>['agents'];
const agent = async (name: string): Promise<Agents[number] | undefined> =>
  (await home.json<{ agents: Agents }>('agents')).agents.find((one) => one.name === name);
const row = async (name: string): Promise<string> =>
  (await home.out('agents')).split('\n').find((line) => line.startsWith(name)) ?? '';

test('all agents: which are installed, in which version, and whether they are logged in', async () => {
  const table = await home.out('agents');
  expect(table.split('\n')[0]).toMatch(/^agent\s+version\s+login\s+active\s+today\s+state$/i);
  expect(await row('claude')).toMatch(/^claude\s+0\.0\.0-fake\s+no\s+ready$/);
  expect(await row('gemini')).toMatch(/^gemini\s+-\s+-\s+not installed/);
  expect(await agent('claude')).toMatchObject({
    installed: true,
    version: '0.0.0-fake',
    verified: true,
    loggedIn: false,
    active: 0,
    spentTodayUsd: 0,
    held: null,
    capabilities: { resume: true, ownSessionId: true },
  });
  expect(await agent('gemini')).toMatchObject({ installed: false, program: null, version: null });
  expect(await home.out('agents', '-q')).toBe('claude\ncodex\n');
});

test('logged in is who has a key', async () => {
  const { stdout } = await home.tend(['agents', '--json'], { env: { ANTHROPIC_API_KEY: 'k' } });
  const { agents } = JSON.parse(stdout) as { agents: Agents };
  expect(agents.find(({ name }) => name === 'claude')?.loggedIn).toBe(true);
  expect(stdout).not.toContain('"k"');
});

test('who is busy is counted', async () => {
  stage.plays('claude', { wait_for: stage.at('go') }, ...answers());
  const id = await stage.start('claude', 'Fix it');
  expect((await agent('claude'))?.active).toBe(1);
  writeFileSync(stage.at('go'), '');
  await home.tend(['wait', id]);
  const status = await agent('claude');
  expect(status?.active).toBe(0);
  // What it cost was told, or else it counts as the most that it may have been.
  expect(status?.spentTodayUsd).toBeGreaterThan(0);
  expect(await row('claude')).toContain(`$${status?.spentTodayUsd.toFixed(2)}`);
});

test('an agent that is laid aside is not called until it is released', async () => {
  const held = await home.tend(['agents', 'hold', 'claude', '--reason', 'on holiday']);
  expect(held).toMatchObject({ code: 0, stdout: '' });
  expect(await row('claude')).toContain('held until released: on holiday');
  const id = await stage.start('claude', 'Fix it');
  const task = await home.json<Task>('show', id);
  expect(task).toMatchObject({
    state: 'queued',
    queueReason: 'held',
    held: { account: 'claude/*', class: 'needs_person', until: null, reason: 'on holiday' },
  });
  expect(await home.out('show', id)).toContain('on holiday');
  const { holds } = await home.json<Output<'release'>>('agents', 'release', 'claude');
  expect(holds).toHaveLength(1);
  expect((await home.tend(['wait', id])).code).toBe(0);
  const again = await home.tend(['agents', 'release', 'claude']);
  expect(again).toMatchObject({ code: 0 });
  expect(again.stderr).toContain('was not held');
});

test('for a while, or an agent that is not there', async () => {
  const { holds } = await home.json<Output<'hold'>>('agents', 'hold', 'codex', '--for', '2h');
  expect(holds).toMatchObject([{ account: 'codex/*', class: 'until' }]);
  expect(Date.parse(holds[0]?.until ?? '') - Date.now()).toBeGreaterThan(7_000_000);
  expect(await row('codex')).toMatch(/held until \d/);
  await home.out('agents', 'release', '-q', 'codex');
  const wrong = await home.tend(['agents', 'hold', 'claud']);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('Did you mean claude?');
});

const configured = async (text: string): Promise<void> => {
  await home.out('daemon', 'stop');
  writeFileSync(join(home.path, 's/config.toml'), text, { mode: 0o600 });
};

test('the program and the variables of the configuration are used', async () => {
  const program = join(home.path, 'other-codex');
  const answer = 'if [ "$1" = --version ]; then echo 7.8.9; else echo "$WHO" >who; fi';
  writeFileSync(program, `#!/bin/sh\n${answer}\n`, { mode: 0o755 });
  await configured(
    `[agents.codex]\nprogram = "${program}"\n[agents.codex.env]\nWHO = "configured"\n`,
  );
  expect(await agent('codex')).toMatchObject({ program, version: '7.8.9' });
  await stage.run(['--wait', 'codex', 'Fix it']);
  expect(readFileSync(stage.at('who'), 'utf8')).toBe('configured\n');
});

test('defaults, skills and templates of the configuration are used, and an agent of one’s own', async () => {
  stage.plays('my-agent', { out: 'I was told: {{prompt}}' });
  await configured(`
[skills.terse]
text = "Be terse."

[templates.bug]
text = "First a test, then: {prompt}"

[agents.claude]
model = "opus"
tier = "lite"

[agents.mine]
command = ["my-agent", "{prompt}"]
output = "text"

[agents.mine.permissions]
workspace = []
`);
  stage.plays('claude', ...answers());
  stage.calls();
  const words = ['--wait', '--skill', 'terse', '--template', 'bug', 'claude', 'Fix it'];
  expect((await stage.run(words)).code).toBe(0);
  const [call] = stage.calls();
  expect(after(call, '--model')).toBe('opus');
  expect(after(call, '--max-turns')).toBe('15');
  expect(after(call, '-p')).toBe(
    '## Instructions: terse\n\nBe terse.\n\n## Task\n\nFirst a test, then: Fix it',
  );
  const { code, stdout } = await stage.run(['--wait', 'mine', 'Say hello']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'I was told: Say hello\n' });
  expect(await agent('mine')).toMatchObject({ installed: true, verified: false });
});
