import { writeFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { Task } from '../../src/interfaces/client/index.ts';
import { KEYS } from '../../src/interfaces/cli/batch-schema.ts';
import { answers, refuses } from '../agents/ground.ts';
import { after, AgentHome } from './agent-home.ts';

const stage = new AgentHome();
const { home } = stage;
afterAll(() => stage.close());

function file(name: string, text: string): string {
  writeFileSync(stage.at(name), text);
  return name;
}

const SHARED = `
[defaults]
agent = "claude"
retry = 1
env = { TEND_FAKE_AGENT_LOG = "${stage.log}", TEND_FAKE_AGENT_ENV = "*" }
`;

test('the plan says who does what, and the most that all of it may cost', async () => {
  stage.plays('claude', ...answers('Done.'));
  file('review.md', 'Review it.\n');
  const name = file(
    'plan.toml',
    `${SHARED}
[[task]]
name = "build"
command = "true"
[[task]]
name = "review"
prompt_file = "review.md"
tier = "lite"
depends_on = ["build"]
[[task]]
name = "fix"
prompt = "Fix it."
max_cost = 1.25
retry = 0
depends_on = ["review"]
`,
  );
  const plan = await home.json<{ ceilingUsd: number; tasks: object[] }>('batch', name, '-n');
  expect(plan.ceilingUsd).toBe(2.25);
  expect(plan.tasks).toMatchObject([
    { name: 'build', agent: null, ceilingUsd: 0 },
    { name: 'review', agent: { name: 'claude', tier: 'lite', costUsd: 0.5 }, ceilingUsd: 1 },
    { name: 'fix', agent: { name: 'claude', tier: 'standard' }, ceilingUsd: 1.25 },
  ]);
  const { stdout } = await home.tend(['batch', name, '--dry-run']);
  expect(stdout).toContain('$1.00 (2 × $0.50)');
  expect(stdout).toContain('costs at most $2.25');
  expect(stage.calls()).toEqual([]);
});

test('prompts come from the file and from files beside it', async () => {
  stage.plays('claude', ...answers('Done.'));
  file('prompt.md', 'Look at $' + '{this} as it is.\n');
  file('notes.txt', 'A note.');
  const name = file(
    'run.toml',
    `${SHARED}
[[task]]
name = "look"
prompt_file = "prompt.md"
context = "notes.txt"
`,
  );
  const { code, stdout } = await home.tend(['batch', name, '--wait', '--json']);
  expect(code).toBe(0);
  const { tasks } = JSON.parse(stdout) as { tasks: Task[] };
  expect(tasks).toMatchObject([{ name: 'look', state: 'completed', answer: 'Done.' }]);
  const prompt = String(after(stage.calls()[0], '-p'));
  expect(prompt).toContain('Look at $' + '{this} as it is.');
  expect(prompt).toContain('A note.');
});

test('what is required of an agent, and asked for, may stand in the file', async () => {
  stage.plays('claude', ...answers('Done.'));
  const more = 'ask_permissions = true\nrequire_finish = true';
  const task = `[[task]]\nname = "a"\nprompt = "Do it."\n${more}\n`;
  const { code } = await home.tend(['batch', file('asks.toml', `${SHARED}\n${task}`), '--wait']);
  expect(code).toBe(1);
  const words = stage.calls()[0]?.argv.join(' ');
  expect(words).toContain('--permission-prompt-tool mcp__tend__permit');
  expect(words).toContain('without it the task counts as failed');
});

test('when all that is left waits for a limit, the wait ends with 75', async () => {
  stage.plays('claude', ...refuses(Math.floor(Date.now() / 1_000) + 3_600));
  const name = file(
    'held.toml',
    `${SHARED}
[[task]]
name = "a"
prompt = "Do it."
[[task]]
name = "b"
command = "true"
[[task]]
name = "c"
command = "true"
depends_on = ["a"]
`,
  );
  const { code, stderr } = await home.tend(['batch', name, '--wait']);
  expect(code).toBe(75);
  expect(stderr).toContain('1 of 3 tasks completed; all others wait for a limit');
});

test('a task of a batch takes every option of tend run', async () => {
  const { help } = z
    .object({ help: z.string() })
    .parse(JSON.parse(await home.out('run', '--help', '--json')));
  const options = [...help.matchAll(/--([a-z][a-z-]*)/g)].map(([, name = '']) => name);
  // Of one call of the command line, or said in another way by a batch.
  const others = [
    'wait',
    'promote-after',
    'json',
    'quiet',
    'help',
    'after',
    'after-any',
    'after-failure',
    'group',
  ];
  const known: readonly string[] = KEYS.task;
  const missing = new Set(
    options
      .filter((name) => !others.includes(name))
      .map((name) => name.replaceAll('-', '_'))
      .filter((name) => !known.includes(name)),
  );
  expect([...missing]).toEqual([]);
});
