import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eachOnGround, gitIn } from './ground.ts';
import { Attempt } from './save-ground.ts';

const ground = eachOnGround();

/** With a commit of its own, and something uncommitted. */
function worked(): Attempt {
  const attempt = new Attempt(ground());
  ground().commit('by the agent', { 'own.txt': 'own\n' }, attempt.path);
  attempt.write({ 'file.txt': 'two\n', 'new.txt': 'n\n' });
  return attempt;
}

const ALL = { 'file.txt': 'two', 'new.txt': 'n', 'own.txt': 'own', 'src/a.txt': 'a' };

async function keepsAll(attempt: Attempt, files: Record<string, string> = ALL) {
  const saved = await attempt.saved();
  expect(attempt.files(saved.commit)).toEqual(files);
  expect(saved.on).toBe('branch');
  expect(attempt.tip()).toBe(saved.commit);
  expect(ground().rev(saved.ref)).toBe(saved.snapshot);
  expect(await attempt.saved()).toEqual(saved);
  return saved;
}

test('keeps everything where the .git of the work tree is gone', async () => {
  const attempt = worked();
  fs.unlinkSync(join(attempt.path, '.git'));
  await keepsAll(attempt);
});

test('keeps everything where a repository was made over the work tree, and its commits', async () => {
  const attempt = worked();
  fs.unlinkSync(join(attempt.path, '.git'));
  gitIn(attempt.path, 'init', '-q', '-b', 'main');
  const other = ground().commit('in the other one', { 'other.txt': 'o\n' }, attempt.path);

  await keepsAll(attempt, { ...ALL, 'other.txt': 'o' });

  expect(ground().rev('refs/tend/nested/t-1/1/%2E/heads/main')).toBe(other);
});

test('keeps everything where git was told to forget the work tree', async () => {
  const attempt = worked();
  fs.unlinkSync(join(attempt.path, '.git'));
  ground().git('worktree', 'prune', '--expire', 'now');
  expect(fs.readdirSync(ground().repository)).not.toContain('worktrees');
  await keepsAll(attempt);
});

test('keeps everything where HEAD is broken', async () => {
  const attempt = worked();
  fs.writeFileSync(attempt.own('HEAD'), 'nonsense');
  await keepsAll(attempt);
});

test('keeps what was committed where the whole folder is gone', async () => {
  const attempt = worked();
  fs.rmSync(attempt.path, { recursive: true });
  await keepsAll(attempt, { 'file.txt': 'one', 'own.txt': 'own', 'src/a.txt': 'a' });
});

test('keeps what was committed where the work tree was removed with git', async () => {
  const attempt = worked();
  ground().git('worktree', 'remove', '--force', attempt.path);
  await keepsAll(attempt, { 'file.txt': 'one', 'own.txt': 'own', 'src/a.txt': 'a' });
});

test('keeps what was committed where a link stands in the place of the folder', async () => {
  const attempt = worked();
  fs.rmSync(attempt.path, { recursive: true });
  fs.symlinkSync('/etc', attempt.path);
  await keepsAll(attempt, { 'file.txt': 'one', 'own.txt': 'own', 'src/a.txt': 'a' });
});

test('works for a bare repository', async () => {
  const bare = join(ground().root, 'bare.git');
  ground().git('clone', '-q', '--bare', '.', bare);
  const spec = ground().spec({ repository: bare, checkout: null });
  const place = ground().place(spec);
  gitIn(bare, 'worktree', 'add', '-q', '-b', 'tend/t-1', place.path);
  const attempt = new Attempt(ground(), 1, spec, true);
  attempt.write({ 'file.txt': 'two\n' });

  const saved = await attempt.saved();

  expect(saved.on).toBe('branch');
  expect(gitIn(bare, 'rev-parse', 'tend/t-1')).toBe(saved.commit);
  fs.unlinkSync(join(attempt.path, '.git'));
  fs.rmSync(join(bare, 'worktrees'), { recursive: true });
  expect(await attempt.saved()).toEqual(saved);
});
