import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eachOnGround } from './ground.ts';
import { Attempt } from './save-ground.ts';

const ground = eachOnGround();

/** Everything below is in the commit, the branch is there, and git sees a clean work tree. */
async function clean(attempt: Attempt, files: Record<string, string>) {
  const saved = await attempt.saved();
  expect(attempt.files(saved.commit)).toEqual(files);
  expect(saved.on).toBe('branch');
  expect(attempt.tip()).toBe(saved.commit);
  expect(await attempt.saved()).toEqual(saved);
  return saved;
}

const ALL = { 'file.txt': 'two', 'src/a.txt': 'a', 'new.txt': 'n' };

function worked(): Attempt {
  const attempt = new Attempt(ground());
  attempt.write({ 'file.txt': 'two\n', 'new.txt': 'n\n' });
  return attempt;
}

test('is not hindered by a lock of the index, and takes one that nobody is behind out of the way', async () => {
  const attempt = worked();
  writeFileSync(attempt.own('index.lock'), 'left');

  await clean(attempt, ALL);

  expect(existsSync(attempt.own('index.lock'))).toBe(false);
  expect(readFileSync(attempt.own('index.left'), 'utf8')).toBe('left');
  expect(attempt.git('status', '--porcelain')).toBe('');
});

test('leaves the index to whoever may hold its lock', async () => {
  const attempt = worked();
  writeFileSync(attempt.own('index.lock'), '');
  const holder = spawn('cat', { cwd: attempt.path });
  await once(holder, 'spawn');
  try {
    await clean(attempt, ALL);
    expect(existsSync(attempt.own('index.lock'))).toBe(true);
  } finally {
    holder.kill();
    await once(holder, 'close');
  }
  await clean(attempt, ALL);
  expect(attempt.git('status', '--porcelain')).toBe('');
});

test.each([
  ['garbage', 'no index at all'],
  ['an empty file', ''],
])('starts afresh from %s', async (_, content) => {
  const attempt = worked();
  writeFileSync(attempt.own('index'), content);

  await clean(attempt, ALL);

  expect(attempt.git('status', '--porcelain')).toBe('');
});

test('starts afresh where there is no index, and keeps tracked files that are ignored', async () => {
  ground().write({ '.gitignore': 'src/\n' });
  ground().git('add', '-A');
  ground().commit('ignoring');
  const attempt = worked();
  rmSync(attempt.own('index'));

  await clean(attempt, { ...ALL, '.gitignore': 'src/' });
});

test('keeps what was staged and then written over', async () => {
  const attempt = new Attempt(ground());
  attempt.write({ 'file.txt': 'staged\n', 'gone.txt': 'gone\n' });
  attempt.git('add', '-A');
  attempt.write({ 'file.txt': 'two\n', 'gone.txt': null });

  const saved = await clean(attempt, { 'file.txt': 'two', 'src/a.txt': 'a' });

  const staged = ground().rev(`${saved.snapshot}^2`);
  expect(attempt.files(staged)).toMatchObject({ 'file.txt': 'staged', 'gone.txt': 'gone' });
  expect(attempt.git('status', '--porcelain')).toBe('');
});

test('takes a file that was only taken out of the index', async () => {
  const attempt = worked();
  attempt.git('rm', '-q', '--cached', 'src/a.txt');
  await clean(attempt, ALL);
});

test('keeps in the snapshot what was taken out of the index and ignored', async () => {
  const attempt = new Attempt(ground());
  attempt.git('rm', '-q', '--cached', 'src/a.txt');
  attempt.write({ '.gitignore': 'src/\n', 'src/a.txt': 'changed\n' });

  const saved = await clean(attempt, { '.gitignore': 'src/', 'file.txt': 'one' });

  expect(attempt.files(saved.snapshot)).toMatchObject({ 'src/a.txt': 'changed' });
});

test.each(['--assume-unchanged', '--skip-worktree'])(
  'sees a change that was hidden by %s',
  async (flag) => {
    const attempt = new Attempt(ground());
    attempt.git('update-index', flag, 'file.txt');
    attempt.write({ 'file.txt': 'hidden\n' });
    await clean(attempt, { 'file.txt': 'hidden', 'src/a.txt': 'a' });
  },
);

test('sees a change in the same moment and of the same size', async () => {
  const attempt = new Attempt(ground());
  const index = attempt.own('index');
  attempt.write({ 'file.txt': 'two\n' });
  attempt.git('add', 'file.txt');
  const { atime, mtime } = statSync(join(attempt.path, 'file.txt'));
  attempt.write({ 'file.txt': '2.0\n' });
  utimesSync(join(attempt.path, 'file.txt'), atime, mtime);
  utimesSync(index, atime, mtime);
  await clean(attempt, { 'file.txt': '2.0', 'src/a.txt': 'a' });
});

test('takes conflicts as they stand, without a merge under way', async () => {
  const attempt = new Attempt(ground());
  const blob = ground().rev('HEAD:file.txt');
  const lines = [1, 2, 3].map((stage) => `100644 ${blob} ${stage}\tfile.txt`).join('\n');
  writeFileSync(join(ground().root, 'stages'), `0 ${'0'.repeat(40)}\tfile.txt\n${lines}\n`);
  attempt.write({ 'file.txt': '<<<<<<< ours\n' });
  attempt.git('-c', `alias.feed=!git update-index --index-info <${ground().root}/stages`, 'feed');
  expect(attempt.git('status', '--porcelain')).toBe('UU file.txt');

  const saved = await attempt.saved();

  expect(saved.on).toBe('unfinished');
  expect(attempt.files(saved.commit)['file.txt']).toBe('<<<<<<< ours');
  expect(attempt.tip()).toBe(attempt.prepared.head);
  expect(attempt.git('status', '--porcelain')).toBe('UU file.txt');
});

test('keeps a sparse checkout sparse, with or without its index', async () => {
  const attempt = new Attempt(ground());
  attempt.git('sparse-checkout', 'set', '--no-cone', '/file.txt', '/new.txt');
  expect(existsSync(join(attempt.path, 'src'))).toBe(false);
  attempt.write({ 'file.txt': 'two\n', 'new.txt': 'n\n' });
  await clean(attempt, ALL);
  expect(attempt.git('status', '--porcelain')).toBe('');
  attempt.write({ 'new.txt': 'm\n' });
  rmSync(attempt.own('index'));
  await clean(attempt, { ...ALL, 'new.txt': 'm' });
});

test('stores as it is what a filter could not take', async () => {
  ground().write({ '.gitattributes': '*.bin filter=broken\n' });
  ground().commit('filters');
  ground().git('config', 'filter.broken.clean', 'false');
  ground().git('config', 'filter.broken.required', 'true');
  const attempt = worked();
  attempt.write({ 'x.bin': 'x\n' });
  await clean(attempt, { ...ALL, '.gitattributes': '*.bin filter=broken', 'x.bin': 'x' });
});

test('runs a filter that works, and no hook', async () => {
  ground().write({ '.gitattributes': '*.up filter=up\n' });
  ground().commit('filters');
  ground().git('config', 'filter.up.clean', 'tr a-z A-Z');
  const attempt = new Attempt(ground());
  for (const name of ['pre-commit', 'post-commit', 'reference-transaction', 'post-index-change']) {
    ground().write(
      { [`hooks/${name}`]: `#!/bin/sh\ntouch '${ground().root}/hook'\nexit 1\n` },
      ground().repository,
    );
    chmodSync(join(ground().repository, 'hooks', name), 0o755);
  }
  attempt.write({ 'x.up': 'x\n' });
  const saved = await attempt.saved();
  expect(attempt.files(saved.commit)['x.up']).toBe('X');
  expect(existsSync(join(ground().root, 'hook'))).toBe(false);
});

test('takes the folder that stands where a hidden file was', async () => {
  const attempt = new Attempt(ground());
  attempt.git('update-index', '--assume-unchanged', 'file.txt');
  rmSync(join(attempt.path, 'file.txt'));
  attempt.write({ 'file.txt/inner': 'in\n' });
  const saved = await attempt.saved();
  expect(attempt.files(saved.commit)).toMatchObject({ 'file.txt/inner': 'in' });
});
