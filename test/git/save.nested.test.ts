import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eachOnGround, gitIn } from './ground.ts';
import { Attempt } from './save-ground.ts';

const ground = eachOnGround();
const REFS = 'refs/tend/nested/t-1/1';

function nest(attempt: Attempt, path: string, commits: boolean): string {
  const folder = join(attempt.path, path);
  fs.mkdirSync(folder, { recursive: true });
  gitIn(folder, 'init', '-q', '-b', 'main');
  return commits ? ground().commit('nested', { 'inner.txt': 'one\n' }, folder) : '';
}

test('makes ordinary files of a nested repository, and keeps its commits', async () => {
  const attempt = new Attempt(ground());
  const lost = nest(attempt, 'a b/nested', true);
  gitIn(join(attempt.path, 'a b/nested'), 'branch', 'side');
  attempt.write({
    'a b/nested/inner.txt': 'two\n',
    'a b/nested/new.txt': 'n\n',
    'file.txt': 'two\n',
  });

  const saved = await attempt.saved();

  expect(saved.on).toBe('branch');
  expect(attempt.files(saved.commit)).toEqual({
    'a b/nested/inner.txt': 'two',
    'a b/nested/new.txt': 'n',
    'file.txt': 'two',
    'src/a.txt': 'a',
  });
  for (const name of ['HEAD', 'heads/main', 'heads/side'])
    expect(ground().rev(`${REFS}/a%20b%2Fnested/${name}`)).toBe(lost);
  expect(await attempt.saved()).toEqual(saved);
  expect(attempt.git('status', '--porcelain')).toBe('');
  // Later on it is known by its folder.
  const next = ground().commit(
    'more',
    { 'inner.txt': 'three\n' },
    join(attempt.path, 'a b/nested'),
  );
  const again = await attempt.saved();
  expect(attempt.files(again.commit)).toMatchObject({ 'a b/nested/inner.txt': 'three' });
  expect(ground().rev(`${REFS}/a%20b%2Fnested/HEAD`)).toBe(next);
});

test('takes a nested repository without a commit, one in another, and leaves what they ignore', async () => {
  const attempt = new Attempt(ground());
  nest(attempt, 'empty', false);
  const deep = (nest(attempt, 'outer', true), nest(attempt, 'outer/in/deep', true));
  attempt.write({ 'empty/x': 'x\n', 'outer/.gitignore': '*.log\n', 'outer/a.log': 'l\n' });

  const saved = await attempt.saved();

  expect(Object.keys(attempt.files(saved.commit)).toSorted()).toEqual(
    [
      'empty/x',
      'file.txt',
      'outer/.gitignore',
      'outer/in/deep/inner.txt',
      'outer/inner.txt',
      'src/a.txt',
    ].toSorted(),
  );
  expect(ground().rev(`${REFS}/outer%2Fin%2Fdeep/HEAD`)).toBe(deep);
  expect(await attempt.saved()).toEqual(saved);
});

test('makes files of a nested repository that the agent committed as a number', async () => {
  const attempt = new Attempt(ground());
  nest(attempt, 'nested', true);
  attempt.git('add', '-A');
  attempt.git('commit', '-q', '-m', 'a number');

  const saved = await attempt.saved();

  expect(saved.on).toBe('branch');
  expect(attempt.files(saved.commit)).toMatchObject({ 'nested/inner.txt': 'one' });
  expect(await attempt.saved()).toEqual(saved);
});

test('keeps the commits of a repository in a folder that is tracked', async () => {
  const attempt = new Attempt(ground());
  const own = nest(attempt, 'src', true);

  const saved = await attempt.saved();

  expect(attempt.files(saved.commit)).toMatchObject({ 'src/a.txt': 'a', 'src/inner.txt': 'one' });
  expect(ground().rev(`${REFS}/src/HEAD`)).toBe(own);
});

test('keeps what is asked for of a repository in an ignored folder', async () => {
  ground().commit('ignoring', { '.gitignore': 'out/\n' });
  const attempt = new Attempt(ground());
  const own = nest(attempt, 'out/nested', true);
  attempt.keepIgnored = ['out/**/*.txt'];
  attempt.write({ 'out/nested/other.md': 'm\n' });

  const saved = await attempt.saved();

  expect(attempt.files(saved.snapshot)).toMatchObject({ 'out/nested/inner.txt': 'one' });
  expect(attempt.files(saved.snapshot)).not.toHaveProperty('out/nested/other.md');
  expect(ground().rev(`${REFS}/out%2Fnested/HEAD`)).toBe(own);
  expect(saved.commit).toBe(attempt.prepared.head);
});

test('keeps another work tree of the same repository as a commit of its own', async () => {
  const attempt = new Attempt(ground());
  attempt.git('worktree', 'add', '-q', '-b', 'agent/x', 'trees/x');
  attempt.write({ 'trees/x/file.txt': 'there\n', 'file.txt': 'two\n' });

  const saved = await attempt.saved();

  expect(saved.paths.map(({ path }) => path)).toEqual(['file.txt']);
  expect(attempt.files(`${REFS}/trees%2Fx/work`)).toMatchObject({ 'file.txt': 'there' });
  expect(await attempt.saved()).toEqual(saved);
});

test('leaves a submodule what it is, and keeps what was changed in it', async () => {
  const module = join(ground().root, 'module');
  fs.mkdirSync(module);
  gitIn(module, 'init', '-q', '-b', 'main');
  ground().commit('module', { 'm.txt': 'm\n' }, module);
  ground().git('-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', module, 'sub');
  ground().commit('with a submodule');
  const attempt = new Attempt(ground());
  attempt.git('-c', 'protocol.file.allow=always', 'submodule', 'update', '-q', '--init');
  expect((await attempt.saved()).paths).toEqual([]);
  expect(ground().git('for-each-ref', REFS)).toBe('');
  const unpublished = ground().commit('unpublished', { 'm.txt': 'n\n' }, join(attempt.path, 'sub'));
  attempt.write({ 'sub/dirty.txt': 'd\n' });

  const saved = await attempt.saved();

  expect(saved.paths.map(({ path }) => path)).toEqual(['sub']);
  expect(ground().rev(`${saved.commit}:sub`)).toBe(unpublished);
  expect(ground().rev(`${REFS}/sub/work^`)).toBe(unpublished);
  expect(attempt.files(`${REFS}/sub/work`)).toEqual({ 'm.txt': 'n', 'dirty.txt': 'd' });
  expect(await attempt.saved()).toEqual(saved);
});

test('takes a repository whose own index is broken', async () => {
  const attempt = new Attempt(ground());
  nest(attempt, 'nested', true);
  attempt.write({ 'nested/.git/index': 'broken', 'nested/.git/index.lock': '' });

  const saved = await attempt.saved();

  expect(attempt.files(saved.commit)).toMatchObject({ 'nested/inner.txt': 'one' });
});

test('takes a folder whose .git is no repository as a folder', async () => {
  const attempt = new Attempt(ground());
  attempt.write({
    'odd/.git': 'gitdir: /nonexistent\n',
    'odd/x': 'x\n',
    'odder/.git/x': '',
    'odder/y': 'y\n',
  });

  const saved = await attempt.saved();

  expect(attempt.files(saved.commit)).toMatchObject({ 'odd/x': 'x', 'odder/y': 'y' });
});

test('runs no filter that a submodule or another work tree names', async () => {
  const attempt = new Attempt(ground());
  attempt.write({
    '.gitmodules': '[submodule "x"]\n\tpath = sub\n\turl = ./x\n',
    '.gitattributes': '* filter=f\n',
  });
  nest(attempt, 'sub', true);
  attempt.write({ 'sub/.gitattributes': '* filter=f\n', 'sub/inner.txt': 'two\n' });
  const ran = join(ground().root, 'ran');
  gitIn(join(attempt.path, 'sub'), 'config', 'filter.f.clean', `touch '${ran}'; cat`);

  await attempt.saved();

  expect(attempt.files(`${REFS}/sub/work`)).toMatchObject({ 'inner.txt': 'two' });
  expect(fs.existsSync(ran)).toBe(false);
});

test('does not follow a link that stands where a nested repository was', async () => {
  const attempt = new Attempt(ground());
  nest(attempt, 'nested', true);
  attempt.git('add', '-A');
  attempt.git('commit', '-q', '-m', 'a number');
  fs.renameSync(join(attempt.path, 'nested'), join(ground().root, 'elsewhere'));
  fs.symlinkSync(join(ground().root, 'elsewhere'), join(attempt.path, 'nested'));

  const saved = await attempt.saved();

  expect(Object.keys(attempt.files(saved.commit))).toEqual(['file.txt', 'nested', 'src/a.txt']);
});

test('sees a nested repository beside a file that was hidden', async () => {
  const attempt = new Attempt(ground());
  attempt.git('update-index', '--assume-unchanged', 'file.txt');
  attempt.write({ 'file.txt': 'hidden\n' });
  nest(attempt, 'nested', true);

  const saved = await attempt.saved();

  expect(attempt.files(saved.commit)).toMatchObject({
    'file.txt': 'hidden',
    'nested/inner.txt': 'one',
  });
});
