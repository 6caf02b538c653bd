/** What a repository shows from a folder in it, and what git refuses to look at. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { codeOf, eachOnGround, gitIn } from './ground.ts';
import { checkBranch, commitOf, file, survey } from '../../src/adapters/git/survey.ts';

const ground = eachOnGround();

test('a checkout, from its root and from a folder below it', async () => {
  const { checkout, repository } = ground();
  const expected = {
    repository,
    checkout,
    subfolder: '',
    head: ground().rev(),
    branch: 'main',
    inProgress: null,
  };
  expect(await survey(checkout)).toEqual(expected);
  expect(await survey(join(checkout, 'src'))).toEqual({ ...expected, subfolder: 'src' });
});

test('through a link, and with names that hold anything', async () => {
  const { root, checkout } = ground();
  const odd = join(checkout, 'a\nb "c" é');
  fs.mkdirSync(odd);
  fs.symlinkSync(odd, join(root, 'link'));
  expect(await survey(join(root, 'link'))).toMatchObject({ checkout, subfolder: 'a\nb "c" é' });
  const other = join(root, 'new\nline');
  gitIn(root, 'init', '-q', '-b', 'main', other);
  expect(await survey(other)).toMatchObject({ checkout: other, repository: join(other, '.git') });
});

test('no repository, and no folder', async () => {
  expect(await survey(ground().root)).toBeNull();
  expect(await survey(join(ground().root, 'nowhere'))).toBeNull();
});

test('no commit yet, a detached HEAD, a branch with slashes', async () => {
  const { root, checkout } = ground();
  const empty = join(root, 'empty');
  gitIn(root, 'init', '-q', '-b', 'main', empty);
  expect(await survey(empty)).toMatchObject({ head: null, branch: 'main', checkout: empty });
  ground().git('checkout', '-q', '--detach');
  expect(await survey(checkout)).toMatchObject({ head: ground().rev(), branch: null });
  ground().git('checkout', '-q', '-b', 'a/b');
  ground().git('tag', 'a/b', 'main');
  expect(await survey(checkout)).toMatchObject({ branch: 'a/b' });
});

test('a bare repository, a work tree of the person, a submodule, a folder of git itself', async () => {
  const { root, checkout, repository } = ground();
  const bare = join(root, 'bare.git');
  gitIn(root, 'clone', '-q', '--bare', checkout, bare);
  expect(await survey(bare)).toMatchObject({
    repository: bare,
    checkout: null,
    subfolder: '',
    head: ground().rev(),
    branch: null,
  });
  const tree = join(root, 'tree');
  ground().git('worktree', 'add', '-q', tree);
  expect(await survey(join(tree, 'src'))).toMatchObject({
    repository,
    checkout: tree,
    subfolder: 'src',
    branch: 'tree',
  });
  ground().git('-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', bare, 'lib');
  expect(await survey(join(checkout, 'lib', 'src'))).toMatchObject({
    repository: join(repository, 'modules', 'lib'),
    checkout: join(checkout, 'lib'),
    subfolder: 'src',
    head: ground().rev(),
  });
  await expect(survey(join(repository, 'refs'))).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining("inside git's own folder"),
  });
});

test.each([
  ['MERGE_HEAD', 'a merge'],
  ['rebase-merge', 'a rebase'],
  ['CHERRY_PICK_HEAD', 'a cherry-pick'],
  ['REVERT_HEAD', 'a revert'],
  ['BISECT_LOG', 'a bisection'],
])('what is going on: %s', async (name, inProgress) => {
  fs.writeFileSync(join(ground().repository, name), '');
  expect(await survey(ground().checkout)).toMatchObject({ inProgress });
});

test('a merge that stopped at a conflict', async () => {
  ground().git('checkout', '-q', '-b', 'other');
  ground().commit('theirs', { 'file.txt': 'theirs\n' });
  ground().git('checkout', '-q', 'main');
  ground().commit('ours', { 'file.txt': 'ours\n' });
  expect(codeOf(ground().checkout, 'merge', 'other')).toBe(1);
  expect(await survey(ground().checkout)).toMatchObject({ inProgress: 'a merge', branch: 'main' });
});

test('what is damaged is told apart from what is no repository', async () => {
  const { checkout, repository } = ground();
  const damaged = async (): Promise<unknown> => survey(join(checkout, 'src'));
  const head = ground().rev();
  fs.unlinkSync(join(repository, 'objects', head.slice(0, 2), head.slice(2)));
  await expect(damaged()).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining('bad object HEAD'),
  });
  fs.writeFileSync(join(repository, 'HEAD'), '');
  await expect(damaged()).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining(repository),
    hint: expect.stringContaining('git fsck'),
  });
});

// Only root can give a folder away.
test.runIf(process.getuid?.() === 0)('a repository of somebody else is refused', async () => {
  const { checkout, repository } = ground();
  for (const path of [checkout, repository]) fs.chownSync(path, 12_345, 12_345);
  const error: unknown = await survey(join(checkout, 'src')).catch((caught: unknown) => caught);
  expect(error).toMatchObject({
    code: 'unsupported',
    message: `git refuses to work in ${checkout}, because it belongs to another user.`,
  });
  expect(JSON.stringify(error)).not.toContain('*');
});

test('without git it says so', () => {
  const script = join(ground().root, 'ask.mjs');
  const source = join(import.meta.dirname, '../../src/adapters/git/survey.ts');
  fs.writeFileSync(
    script,
    `import { survey } from ${JSON.stringify(source)};
    await survey('/').catch((error) => console.log(error.code, error.message));`,
  );
  const env = { PATH: ground().state };
  const { stdout } = spawnSync(process.execPath, [script], { env, encoding: 'utf8' });
  expect(stdout).toBe('unsupported git is not installed, or not in the PATH of the daemon.\n');
});

test('commits by any name, and no option by any', async () => {
  const { repository } = ground();
  const head = ground().rev();
  ground().git('tag', '-a', '-m', 'x', 'v1');
  for (const name of ['HEAD', 'main', 'v1', head, head.slice(0, 8), 'refs/heads/main', 'main@{0}'])
    expect(await commitOf(repository, name)).toBe(head);
  const tree = join(ground().root, 'tree');
  ground().git('worktree', 'add', '-q', tree);
  const other = ground().commit('other', {}, tree);
  expect([await commitOf(tree, 'HEAD'), await commitOf(tree, 'HEAD~1')]).toEqual([other, head]);
  const none = ['', 'nowhere', '--all', '-h', '--git-dir', 'HEAD:file.txt', '0'.repeat(40), 'a\0b'];
  for (const name of none) expect(await commitOf(repository, name)).toBeNull();
});

test('names of branches', async () => {
  const { repository, root } = ground();
  for (const name of ['main2', 'a/b', 'tend/t-1', 'é']) await checkBranch(repository, name);
  for (const name of ['', '-x', '--help', 'a b', 'a..b', 'HEAD', '@{-1}', 'a/', 'x.lock', 'a\0b'])
    await expect(checkBranch(repository, name)).rejects.toMatchObject({ code: 'invalid_input' });
  await expect(checkBranch(repository, 'main')).rejects.toMatchObject({
    code: 'unsupported',
    message: `The branch main is checked out in ${ground().checkout}.`,
  });
  const tree = join(root, 'tr\nee');
  ground().git('worktree', 'add', '-q', '-b', 'other', tree);
  await expect(checkBranch(repository, 'other')).rejects.toMatchObject({
    message: `The branch other is checked out in ${tree}.`,
  });
  const spec = ground().spec({ branch: 'mine' });
  ground().git('worktree', 'add', '-q', '-b', 'mine', ground().place(spec).path);
  await checkBranch(repository, 'mine');
});

test('files of a commit', async () => {
  const { repository } = ground();
  const commit = ground().commit('odd', { 'a\nb': 'x', 'big.bin': Buffer.alloc(1_100_000) });
  expect(await file(repository, commit, 'src/a.txt')).toBe('a\n');
  expect(await file(repository, commit, 'a\nb')).toBe('x');
  for (const path of ['src', 'nothing', 'big.bin', ''])
    expect(await file(repository, commit, path)).toBeNull();
});
