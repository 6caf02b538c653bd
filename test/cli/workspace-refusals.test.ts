import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Home } from './home.ts';
import { Repository } from './repository.ts';

const home = new Home();
afterAll(() => home.close());
const repository = new Repository(join(home.work, 'project'), { 'a.txt': 'one\n' });
repository.git('branch', 'release');
const cwd = repository.path;

const refused = async (args: readonly string[], where = cwd): Promise<string> => {
  const { code, stderr, stdout } = await home.tend(['run', ...args], { cwd: where });
  expect([code, stdout]).toEqual([2, '']);
  return stderr.replace('tend: started the daemon', '');
};

test.each([
  [['--worktree'], 'is in no git repository: a work tree needs a git repository'],
  [['--in-place'], 'is in no git repository: --in-place needs a git repository'],
  [['--verify', 'true'], 'is in no git repository: --verify needs a git repository'],
  [['--review'], 'is in no git repository: --review needs a git repository'],
  [['--best-of', '3'], 'is in no git repository: --best-of needs a git repository'],
  [['--scope', '*.md'], 'is in no git repository: --scope needs a git repository'],
])('outside of a repository: tend run %j', async (args, message) => {
  const said = await refused([...args, '--', 'true'], home.work);
  expect(said).toContain(message);
  expect(said).toContain('git init');
});

test.each([
  [['--worktree', '--in-place'], '--worktree and --in-place contradict each other'],
  [['--base', 'relaese'], '--base "relaese" names no commit', 'Did you mean release?'],
  [['--base', 'zzz'], '--base "zzz" names no commit', 'Branches: '],
  [['--worktree', 'main'], 'main is checked out in', 'tend merge'],
  [['--worktree=a..b'], 'a..b'],
  [['--verify', 'auto'], '--verify auto found nothing', 'package.json'],
  [['--fix', '2'], '--fix needs something that can fail', '--verify auto'],
  [['--check', 'tested'], '--check is for agents', '--verify'],
  [['--judge', 'cluade'], '--judge: there is no agent "cluade"', 'Did you mean claude?'],
  [['--judge', 'claude'], '--judge: claude is not installed', 'Install it'],
  [['--in-place', '--best-of', '2'], '--best-of needs a work tree'],
  [['--iterate', '3'], '--iterate says nothing without --eval'],
  [['--best-of', '1'], '--best-of "1" is no whole number from 2 to 5'],
])('in a repository: tend run %j', async (args, message, hint = '') => {
  const said = await refused([...args, '--', 'true']);
  expect(said).toContain(message);
  expect(said).toContain(hint);
});

test('a folder that is not committed is in no work tree', async () => {
  mkdirSync(join(cwd, 'new'));
  const said = await refused(['--worktree', '--cwd', 'new', '--', 'true']);
  expect(said).toContain('the folder new of');
  expect(said).toContain('Commit it first');
});

test('nothing was made by any of them', async () => {
  expect(repository.git('worktree', 'list').trim().split('\n')).toHaveLength(1);
  expect(repository.git('for-each-ref', 'refs/tend')).toBe('');
  expect((await home.json<{ tasks: unknown[] }>('ls', '--all')).tasks).toEqual([]);
});

test('a repository without a commit, a bare one, one in the middle of a merge', async () => {
  const empty = join(home.work, 'empty');
  mkdirSync(empty);
  const made = new Repository(join(home.work, 'other'), { 'a.txt': 'one\n' });
  made.git('init', '-q', '-b', 'main', empty);
  expect(await refused(['--worktree', '--', 'true'], empty)).toContain('has no commit yet');

  const bare = join(home.work, 'bare.git');
  made.git('clone', '-q', '--bare', '.', bare);
  expect(await refused(['--in-place', '--', 'true'], bare)).toContain('is bare');

  made.git('checkout', '-q', '-b', 'side');
  made.write({ 'a.txt': 'side\n' });
  made.commit('side');
  made.git('checkout', '-q', 'main');
  made.write({ 'a.txt': 'main\n' });
  made.commit('main');
  expect(() => made.git('merge', 'side')).toThrow();
  const said = await refused(['--in-place', '--', 'true'], made.path);
  expect(said).toContain('in the middle of a merge');
  expect(said).toContain('--worktree');
});
