import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Output, Task } from '../../src/interfaces/client/index.ts';
import { answers } from '../agents/ground.ts';
import { AgentHome } from './agent-home.ts';
import { Repository } from './repository.ts';

const stage = new AgentHome();
const { home } = stage;
afterAll(() => stage.close());
beforeAll(() => {
  stage.plays('claude', ...answers('Done.'));
  stage.plays('codex', ...answers('Done.'));
});
const repository = new Repository(join(home.work, 'project'), {
  'a.txt': 'one\n',
  'web/package.json': '{"scripts":{"test":"node --test"}}',
  'web/src/x.js': 'x\n',
  Makefile: 'test:\n\ttrue\n',
});
const cwd = repository.path;

/** Nothing of it starts: only what was understood is of interest. */
const submitted = async (...args: string[]): Promise<Task> => {
  const words = ['run', '--json', '--after', 'never', ...args];
  const { code, stdout } = await home.tend(words, { cwd });
  if (code !== 0) throw new Error(stdout);
  return JSON.parse(stdout) as Task;
};

test('a branch is never taken for an agent, nor an agent for a branch', async () => {
  await home.run('--id', 'never', '--', 'sleep 60');
  const of = ({ agent, workspace, id }: Task) => [
    agent?.name,
    agent?.prompt,
    workspace.branch === `tend/${id}` ? 'its own' : workspace.branch,
  ];
  expect(of(await submitted('--worktree', 'claude', 'fix it'))).toEqual([
    'claude',
    'fix it',
    'its own',
  ]);
  expect(of(await submitted('--worktree', 'fix/a', 'claude', 'fix it'))).toEqual([
    'claude',
    'fix it',
    'fix/a',
  ]);
  expect(of(await submitted('claude', 'fix it', '--worktree=fix/b'))[2]).toBe('fix/b');
  expect(of(await submitted('--worktree', 'fix/c', '--', 'make'))).toEqual([
    undefined,
    undefined,
    'fix/c',
  ]);
  const { code, stderr } = await home.tend(['run', '--worktree', 'claude', 'codex', 'x'], { cwd });
  expect(code).toBe(2);
  expect(stderr).toContain('is claude a branch, or the agent?');
});

test('everything that can be asked of the work is kept, and shown', async () => {
  writeFileSync(join(cwd, 'again.md'), 'It said {output}');
  const words = ['--base', 'main', '--verify', 'make test', '--verify-timeout', '90s'];
  const more = ['--verify-from', 'base', '--fix', '2', '--fix-prompt', '@again.md'];
  const judge = ['--judge', 'codex:gpt-5', '--judge-rounds', '3', '--review'];
  const rest = ['--scope', 'src/**', '--scope', '*.md', '--check', 'tested', '--check', 'told'];
  const task = await submitted(...words, ...more, ...judge, ...rest, 'claude', 'fix it');
  expect(task).toMatchObject({
    workspace: { kind: 'worktree', target: 'main' },
    verification: { command: 'make test', found: null, from: 'base', result: null },
    judge: { agent: 'codex', model: 'gpt-5', rounds: 3, decision: null },
    review: { required: true, decision: null },
    checklist: [
      { item: 'tested', met: null, evidence: '' },
      { item: 'told', met: null },
    ],
    best: null,
  });
  const best = await submitted('--best-of', '3', '--metric', './n', 'claude', 'fix it');
  expect(best).toMatchObject({ best: { of: 3, attempt: null }, workspace: { branch: null } });
});

test('auto looks in the folder of the task, then at the root, at what is committed', async () => {
  const inWeb = await submitted('--cwd', 'web', '--verify', 'auto', '--', 'true');
  expect(inWeb.verification).toMatchObject({ command: 'npm test' });
  expect(inWeb.verification?.found).toContain('web/package.json');
  const below = await submitted('--cwd', 'web/src', '--verify', 'auto', '--', 'true');
  expect(below.verification).toMatchObject({ command: 'cd ../.. && make test' });
});

test('the same key gives the same task, though the repository moved on', async () => {
  const words = ['--key', 'nightly', '--worktree', '--verify', 'auto', '--', 'true'];
  const first = await submitted(...words);
  repository.write({ 'b.txt': 'b\n' });
  repository.commit('moved on');
  const second = await submitted(...words);
  expect(second.id).toBe(first.id);
  expect(second.workspace.base).toBe(first.workspace.base);
  const { code, stderr } = await home.tend(['run', '--base', 'HEAD', ...words], { cwd });
  expect(code).toBe(2);
  expect(stderr).toContain('nightly');
});

test('a batch and a schedule say it in the same words', async () => {
  writeFileSync(
    join(cwd, 'work.toml'),
    `[defaults]
worktree = true
verify = "make test"
fix = 1
[[task]]
name = "one"
agent = "claude"
prompt = "fix it"
scope = "src/**"
check = ["tested"]
judge = "codex"
[[task]]
name = "two"
command = "make"
in_place = true
depends_on = ["one"]
[[task]]
name = "three"
command = "make"
iterate = 3
eval = "./score"
worktree = "score"
depends_on = ["one"]
`,
  );
  const { stdout } = await home.tend(['batch', '--json', 'work.toml'], { cwd });
  const { tasks } = JSON.parse(stdout) as Output<'batch'>;
  const [one, two, three] = await Promise.all(
    tasks.map(({ id }) => home.json<Task>('show', id ?? '')),
  );
  expect(one).toMatchObject({
    workspace: { kind: 'worktree' },
    verification: { command: 'make test' },
    judge: { agent: 'codex' },
    checklist: [{ item: 'tested' }],
  });
  expect(two).toMatchObject({ workspace: { kind: 'in_place', target: 'main' } });
  expect(three).toMatchObject({
    workspace: { branch: 'score' },
    verification: { command: './score' },
  });

  writeFileSync(join(cwd, 'bad.toml'), '[[task]]\nname = "a"\ncommand = "x"\niterate = 2\n');
  const bad = await home.tend(['batch', 'bad.toml'], { cwd });
  expect(bad.code).toBe(2);
  expect(bad.stderr).toContain('line 4');
  expect(bad.stderr).toContain('iterate says nothing without eval');

  const add = ['schedule', 'add', '--every', '1h', '--worktree', '--verify', 'auto', '--', 'true'];
  expect((await home.tend(add, { cwd })).code).toBe(0);
  const nowhere = await home.tend([...add.slice(0, 4), '--worktree', '--', 'true']);
  expect(nowhere.code).toBe(2);
  expect(nowhere.stderr).toContain('is in no git repository');
});

test('by configuration, agents in a repository work apart; commands, and agents elsewhere, do not', async () => {
  await home.out('config', 'set', 'workspace.agents', 'worktree');
  const kind = async (...args: string[]) => (await submitted(...args)).workspace.kind;
  expect(await kind('claude', 'fix it')).toBe('worktree');
  expect(await kind('--in-place', 'claude', 'fix it')).toBe('in_place');
  expect(await kind('--', 'make')).toBe(null);
  expect(await kind('--cwd', home.work, 'claude', 'fix it')).toBe(null);
  await home.out('config', 'set', 'workspace.agents', 'none');
  expect(await kind('claude', 'fix it')).toBe(null);
});
