import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Task } from '../../src/interfaces/client/index.ts';
import { Home, until } from './home.ts';
import { Repository } from './repository.ts';

const home = new Home();
afterAll(() => home.close());
const repository = new Repository(join(home.work, 'project'), {
  'a.txt': 'one\n',
  'src/main.js': 'let x\n',
  'status.txt': 'good\n',
  Makefile: 'test:\n\tgrep -q good status.txt\n',
});
const cwd = repository.path;

const run = async (...args: string[]): Promise<string> => {
  const { stdout, stderr, code } = await home.tend(['run', '-q', ...args], { cwd });
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
};
const show = (id: string): Promise<Task> => home.json<Task>('show', id);
const settled = async (id: string): Promise<Task> => {
  let task = await show(id);
  await until(`${id} is settled`, async () => {
    task = await show(id);
    return task.endedAt !== null || task.state === 'awaiting_review';
  });
  return task;
};

test('a task in a work tree: told, saved, verified, shown; the checkout is left alone', async () => {
  const { stdout, stderr } = await home.tend(
    ['run', '--worktree', '--verify', 'auto', '--', 'echo two >>a.txt; echo new >b.txt'],
    { cwd },
  );
  const id = stdout.trim();
  expect(stderr).toContain(`tend: it works in a tree of its own, on the branch tend/${id}\n`);
  expect(stderr).toContain('tend: it is verified by: make test (Makefile has a target "test")\n');
  expect(stderr).toMatch(new RegExp(`^ {2}tend diff ${id} +see what it changed$`, 'm'));
  expect(stderr).toMatch(new RegExp(`^ {2}tend merge ${id} +bring it into your branch`, 'm'));
  const task = await settled(id);
  expect(task).toMatchObject({
    state: 'completed',
    verdict: 'verified',
    workspace: {
      kind: 'worktree',
      branch: `tend/${id}`,
      target: 'main',
      base: repository.git('rev-parse', 'HEAD').trim(),
      commits: 1,
      changed: { files: 2, insertions: 2, deletions: 0 },
      ref: `refs/tend/attempts/${id}/1`,
      unsaved: null,
      touched: [],
      merge: null,
      trashed: null,
    },
    verification: { command: 'make test', result: 'passed', flaky: false, suspects: [] },
    attempts: [{ workspace: { on: 'branch', sinceLast: { files: 2 } } }],
  });
  const { path, commit } = task.workspace;
  expect(existsSync(join(path ?? '', 'b.txt'))).toBe(true);
  expect(repository.git('status', '--porcelain')).toBe('');
  expect(repository.git('rev-parse', `tend/${id}`).trim()).toBe(commit);
  const shown = await home.out('show', id);
  expect(shown).toMatch(/^work$/m);
  expect(shown).toContain(`branch        tend/${id} for main, from `);
  expect(shown).toContain('saved         +2 −0 in 2 files, 1 commit, at ');
  expect(shown).toMatch(/verification {2}passed {2}t-/);
  expect(shown).toContain(`tend merge ${id}`);
  expect(await home.out('ls')).toMatch(
    new RegExp(`${id} {2}completed verified .* \\+2 −0 {2}echo`),
  );
});

test('a diff: as a patch that git takes, per file, its sizes, its paths', async () => {
  const id = await run('--worktree', '--', 'echo two >>a.txt; echo y >src/main.js');
  await settled(id);
  const patch = await home.out('diff', id);
  expect(patch).toContain('+two\n');
  expect(patch).toContain('-let x\n+y\n');
  repository.write({ '../x.patch': patch });
  repository.git('apply', '--check', '../x.patch');
  expect(await home.out('diff', id, 'src')).not.toContain('a.txt');
  expect(await home.out('diff', '--stat', id)).toBe(
    'M  a.txt  +1 −0\nM  src/main.js  +1 −1\n+2 −1 in 2 files, 1 commit\n',
  );
  expect(await home.out('diff', '-q', id, 'a.txt')).toBe('a.txt\n');
  expect(await home.json('diff', id)).toMatchObject({
    id,
    commits: 1,
    changed: { files: 2, insertions: 2, deletions: 1 },
    paths: [{ path: 'a.txt', kind: 'M', insertions: 1, deletions: 0 }, { path: 'src/main.js' }],
    patch,
    truncated: false,
  });
  const nothing = await run('--worktree', '--', 'true');
  await settled(nothing);
  expect((await home.tend(['diff', nothing])).stderr).toBe(
    `tend: ${nothing} changed nothing there\n`,
  );
});

test('a diff on a terminal is coloured, and obeys nothing that a task wrote', async () => {
  const id = await run('--worktree', '--', String.raw`printf 'x\033[2J\033]0;owned\007\n' >c.txt`);
  await settled(id);
  const { stdout } = await home.startOnTerminal(['diff', '--no-pager', id], { cwd }).result;
  expect(stdout).toContain('\u001b[32m+x\\x1b[2J\\x1b]0;owned\\x07\u001b[39m');
  const paged = await home.startOnTerminal(['diff', id], { cwd, env: { PAGER: 'sed s/^/P:/' } })
    .result;
  expect(paged.stdout).toContain('P:');
  expect(paged.stdout).toContain('c.txt');
});

test('a review: it waits, is sent back with what is wrong, is accepted', async () => {
  const command = 'if [ -e tried ]; then echo better >a.txt; else echo worse >a.txt; fi; : >tried';
  const id = await run('--review', '--', command);
  const waiting = await settled(id);
  expect(waiting).toMatchObject({ state: 'awaiting_review', verdict: 'pending' });
  expect(waiting.review).toMatchObject({ required: true, decision: null });
  const shown = await home.out('show', id);
  expect(shown).toContain('waits for you');
  expect(shown).toContain(`tend reject ${id} --feedback`);
  const without = await home.tend(['reject', id]);
  expect(without.code).toBe(2);
  expect(without.stderr).toContain('must be told what is wrong');
  const rejected = await home.tend(['reject', id, '--feedback', 'worse is not better']);
  expect(rejected.stdout).toContain(`${id} is tried again`);
  await until('the second attempt waits', async () => {
    const task = await show(id);
    return task.attempt === 2 && task.state === 'awaiting_review';
  });
  expect(await home.out('diff', '--against', 'previous', id)).toContain('-worse\n+better\n');
  expect((await home.tend(['accept', id])).stdout).toMatch(new RegExp(`^${id} completed`));
  const task = await show(id);
  expect(task).toMatchObject({
    state: 'completed',
    attempts: [{ number: 1 }, { number: 2, workspace: { sinceLast: { files: 1 } } }],
    review: { decision: 'accepted' },
  });
  // Said again, it is the same: the first answer may not have arrived.
  const again = await home.tend(['accept', '--json', id]);
  expect(again.code).toBe(0);
  expect(JSON.parse(again.stdout)).toMatchObject({ id, state: 'completed' });
});

test('a rejected task that is not to be tried again has failed, and its work is kept', async () => {
  const id = await run('--scope', 'src/**', '--', 'echo two >>a.txt');
  const { concerns } = await settled(id);
  expect(concerns.join()).toContain('a.txt');
  expect((await home.tend(['reject', '--end', id])).stdout).toContain('its work was rejected');
  const task = await show(id);
  expect(task).toMatchObject({ state: 'failed', reason: 'rejected', verdict: 'failed' });
  expect(await home.out('diff', id)).toContain('+two\n');
});

test('a retry goes on in the same work tree, under the same checks', async () => {
  const id = await run(
    '--worktree',
    'fix/it',
    '--verify',
    'grep -q good status.txt',
    '--',
    'echo 1 >n; exit 3',
  );
  const { workspace } = await settled(id);
  const retried = (await home.out('retry', '-q', id)).trim();
  const task = await settled(retried);
  expect(task).toMatchObject({
    retryOf: id,
    workspace: { branch: 'fix/it', path: workspace.path, base: workspace.base },
    verification: { command: 'grep -q good status.txt' },
  });
});

test('whoever waits for a task that waits for them is told', async () => {
  const waiting = home.start(['run', '--wait', '--review', '--', 'echo two >>a.txt'], { cwd });
  waiting.child.stdin?.end();
  await until('it is told', () => waiting.said.stderr.includes('tend accept'));
  const id = /tend accept (\S+)/.exec(waiting.said.stderr)?.[1] ?? '';
  expect(waiting.said.stderr).toContain(`tend: ${id} waits for your review\n`);
  const other = home.start(['wait', id], { cwd });
  await until('it is told again', () => other.said.stderr.includes('tend accept'));
  await home.out('accept', id);
  expect((await other.result).stdout).toMatch(new RegExp(`^${id} completed`));
  const { code, stderr } = await waiting.result;
  expect(code).toBe(0);
  expect(stderr).toContain(`  tend merge ${id}\n`);
});

test('what verifies nothing is told, and is no success', async () => {
  const { code, stderr } = await home.tend(
    ['run', '--wait', '--verify', './no-such-program', '--', 'echo two >>a.txt'],
    { cwd },
  );
  expect(code).toBe(1);
  expect(stderr).toMatch(/completed after .*, but its work is not verified: .*127/);
  const failed = await home.tend(
    ['run', '--wait', '--verify', 'make test', '--', 'echo bad >status.txt'],
    {
      cwd,
    },
  );
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain('failed: its work was not verified');
});
