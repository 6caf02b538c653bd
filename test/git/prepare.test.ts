/** Work trees as they are made ready: from nothing, from what is there, and refused with the reason. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eachOnGround, gitIn, NOW } from './ground.ts';
import type { Place, Prepared, WorkspaceSpec } from '../../src/domain/workspace.ts';
import { besidePlace } from '../../src/adapters/git/place.ts';
import { prepare, release } from '../../src/adapters/git/prepare.ts';

const ground = eachOnGround();

const ready = (
  place: Place,
  spec: WorkspaceSpec,
  starts: readonly string[] = [spec.base],
): Promise<Prepared> => prepare(ground().state, place, spec, starts, false, NOW);

const made = (commit: string): Prepared => ({
  at: NOW,
  base: commit,
  head: commit,
  before: null,
  checkout: null,
  refusal: null,
});

const modeOf = (path: string): number => fs.statSync(path).mode & 0o777;

describe('a work tree', () => {
  test('is made on a branch of the task, private, and the person sees nothing of it', async () => {
    const spec = ground().spec({ subfolder: 'src' });
    const place = ground().place(spec);
    const before = ground().personal();
    expect(await ready(place, spec)).toEqual(made(spec.base));
    expect(fs.readFileSync(join(place.cwd, 'a.txt'), 'utf8')).toBe('a\n');
    expect(gitIn(place.path, 'symbolic-ref', 'HEAD')).toBe('refs/heads/tend/t-1');
    expect(gitIn(place.path, 'status', '--porcelain')).toBe('');
    for (let at = place.path; at !== ground().state; at = join(at, '..'))
      expect([at, modeOf(at)]).toEqual([at, 0o700]);
    expect(ground().personal()).toBe(before);
    expect(ground().git('worktree', 'list', '--porcelain')).toContain(
      'locked tend: task t-1 works here',
    );
  });

  test('is used as it is when it is prepared again', async () => {
    const spec = ground().spec();
    const first = ground().place(spec);
    await ready(first, spec);
    const work = ground().commit('work', { 'file.txt': 'two\n' }, first.path);
    ground().write({ 'new.txt': 'dirty' }, first.path);
    await release(ground().state, first);
    const second = ground().place(spec, 't-1', 2);
    expect(await ready(second, spec)).toEqual({ ...made(spec.base), head: work });
    expect(gitIn(first.path, 'status', '--porcelain')).toBe('?? new.txt');
  });

  test('takes a branch that is there where it stands, and compares with what both have', async () => {
    const base = ground().rev();
    ground().git('checkout', '-q', '-b', 'feature');
    const tip = ground().commit('on it', { 'file.txt': 'x\n' });
    ground().git('checkout', '-q', 'main');
    const later = ground().commit('later', { 'other.txt': 'y\n' });
    const spec = ground().spec({ branch: 'feature', base: later });
    const place = ground().place(spec);
    expect(await ready(place, spec)).toEqual({ ...made(base), head: tip });
    expect(ground().rev('feature')).toBe(tip);
  });

  test('starts from the merge of all starts, always the same', async () => {
    const base = ground().rev();
    const one = ground().commit('one', { 'one.txt': '1\n' });
    ground().git('checkout', '-q', '-b', 'other', base);
    const two = ground().commit('two', { 'two.txt': '2\n' });
    ground().git('checkout', '-q', 'main');
    const spec = ground().spec({ base });
    const a = await ready(ground().place(spec, 't-a'), spec, [one, two, base]);
    const b = await ready(ground().place(spec, 't-b'), spec, [one, two, base]);
    expect(a).toEqual(made(a.base));
    expect(b).toEqual(a);
    const { path } = ground().place(spec, 't-a');
    expect(fs.readdirSync(path).sort()).toEqual(['.git', 'file.txt', 'one.txt', 'src', 'two.txt']);
    expect(gitIn(path, 'show', '-s', '--format=%an %P')).toBe(`tend ${one} ${two}`);
  });

  test('is refused where the starts are in conflict, and nothing is left', async () => {
    const base = ground().rev();
    const one = ground().commit('one', { 'file.txt': '1\n' });
    ground().git('checkout', '-q', '-b', 'other', base);
    const two = ground().commit('two', { 'file.txt': '2\n' });
    const spec = ground().spec({ base });
    const place = ground().place(spec);
    expect((await ready(place, spec, [one, two])).refusal).toBe(
      `The work of ${two.slice(0, 12)} conflicts with that of ${one.slice(0, 12)} in file.txt.`,
    );
    expect(fs.existsSync(place.path)).toBe(false);
    expect(ground().git('branch', '--list', 'tend/*')).toBe('');
  });

  test.each([
    ['checked out elsewhere', { branch: 'main' }, "'main' is already checked out at"],
    ['below one that is a branch', { branch: 'main/x' }, "'refs/heads/main' exists"],
    ['from a commit that is not there', { base: '1'.repeat(40) }, 'not a valid branch point'],
    [
      'of a repository that is gone',
      { repository: '/nonexistent/.git' },
      'does not exist any more',
    ],
  ])('is refused: %s', async (_, given, reason) => {
    const spec = ground().spec(given);
    const place = ground().place(spec);
    const { refusal } = await ready(place, spec);
    expect(refusal).toContain(reason);
    expect(refusal).not.toContain('\n');
    expect(fs.existsSync(place.path)).toBe(false);
    // The place is free for whoever comes next.
    expect((await ready(ground().place(spec, 't-2'), spec)).refusal).toContain(reason);
  });

  test('never lies in another one', async () => {
    const outer = ground().spec({ branch: 'a' });
    await ready(ground().place(outer), outer);
    ground().git('symbolic-ref', 'HEAD', 'refs/heads/main');
    gitIn(ground().place(outer).path, 'checkout', '-q', '--detach');
    ground().git('update-ref', '-d', 'refs/heads/a');
    const inner = ground().spec({ branch: 'a/b' });
    expect((await ready(ground().place(inner, 't-2'), inner)).refusal).toContain('in the way');
  });

  test('lies around no other one', async () => {
    const inner = ground().spec({ branch: 'a/b' });
    await ready(ground().place(inner), inner);
    gitIn(ground().place(inner).path, 'checkout', '-q', '--detach');
    ground().git('update-ref', '-d', 'refs/heads/a/b');
    const outer = ground().spec({ branch: 'a' });
    expect((await ready(ground().place(outer, 't-2'), outer)).refusal).toContain('in the way');
    expect(fs.existsSync(join(ground().place(inner).path, 'file.txt'))).toBe(true);
  });

  test('waits for the git of a daemon that died meanwhile', async () => {
    const spec = ground().spec();
    const place = ground().place(spec);
    await ready(place, spec);
    fs.writeFileSync(besidePlace(place, 'making') ?? '', '');
    const child = spawn('sleep', ['60'], { cwd: place.path });
    await once(child, 'spawn');
    await expect(ready(place, spec)).rejects.toThrow(`process ${child.pid}`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await ready(place, spec)).toEqual(made(spec.base));
  });

  test('passing trouble is thrown', async () => {
    const spec = ground().spec();
    fs.mkdirSync(join(ground().repository, 'refs/heads/tend'), { recursive: true });
    fs.writeFileSync(join(ground().repository, 'refs/heads/tend/t-1.lock'), '');
    await expect(ready(ground().place(spec), spec)).rejects.toThrow('.lock');
    fs.unlinkSync(join(ground().repository, 'refs/heads/tend/t-1.lock'));
    expect(await ready(ground().place(spec), spec)).toEqual(made(spec.base));
  });
});

describe('other repositories', () => {
  test('bare', async () => {
    const repository = join(ground().root, 'bare.git');
    gitIn(ground().root, 'clone', '-q', '--bare', ground().checkout, repository);
    const spec = ground().spec({ repository, checkout: null, links: ['node_modules'] });
    const place = ground().place(spec);
    expect(await prepare(ground().state, place, spec, [spec.base], true, NOW)).toEqual(
      made(spec.base),
    );
  });

  test('a submodule', async () => {
    const checkout = join(ground().checkout, 'lib');
    const allow = ['-c', 'protocol.file.allow=always'];
    ground().git(...allow, 'submodule', '--quiet', 'add', ground().checkout, 'lib');
    const repository = join(ground().repository, 'modules/lib');
    const spec = ground().spec({ repository, checkout });
    const place = ground().place(spec);
    expect(await ready(place, spec)).toEqual(made(spec.base));
    expect(gitIn(place.path, 'status', '--porcelain')).toBe('');
    expect(gitIn(checkout, 'status', '--porcelain')).toBe('');
  });

  test('shallow', async () => {
    ground().commit('second');
    const checkout = join(ground().root, 'shallow');
    const from = `file://${ground().checkout}`;
    gitIn(ground().root, 'clone', '-q', '--depth', '1', from, checkout);
    const spec = ground().spec({ repository: join(checkout, '.git'), checkout });
    expect(await ready(ground().place(spec), spec)).toEqual(made(spec.base));
  });

  test('sparse: the work tree has the same patterns', async () => {
    ground().commit('more', { 'big/b.txt': 'b' });
    ground().git('sparse-checkout', 'set', 'src');
    const spec = ground().spec();
    const place = ground().place(spec);
    expect(await ready(place, spec)).toEqual(made(spec.base));
    expect(fs.readdirSync(place.path).sort()).toEqual(['.git', 'file.txt', 'src']);
    expect(gitIn(place.path, 'status', '--porcelain')).toBe('');
  });

  test('with a detached HEAD, in the middle of a merge, with a repository in it', async () => {
    ground().git('checkout', '-q', '--detach');
    fs.writeFileSync(join(ground().repository, 'MERGE_HEAD'), `${ground().rev()}\n`);
    gitIn(ground().checkout, 'init', '-q', 'nested');
    const spec = ground().spec({ target: null });
    expect(await ready(ground().place(spec), spec)).toEqual(made(spec.base));
    expect(fs.existsSync(join(ground().checkout, 'nested/.git'))).toBe(true);
  });
});

test('many at once, of one repository', async () => {
  ground().write({ '.gitignore': 'node_modules/', 'node_modules/x': 'x' });
  ground().commit('ignored');
  const spec = ground().spec({ links: ['node_modules'] });
  const all = Array.from({ length: 8 }, (_, nth) => ground().place(spec, `t-${nth}`));
  for (const prepared of await Promise.all(all.map((place) => ready(place, spec))))
    expect(prepared).toEqual(made(spec.base));
  const exclude = fs.readFileSync(join(ground().repository, 'info/exclude'), 'utf8');
  expect(exclude.split('\n').filter((line) => line === '/node_modules')).toHaveLength(1);
});

describe('the clean checkout of a check', () => {
  test('is detached, always fresh, and gone when it is released', async () => {
    const old = ground().rev();
    ground().commit('later', { 'file.txt': 'two\n' });
    const spec = ground().spec({ kind: 'checkout', base: old });
    const place = ground().place(spec);
    expect(await ready(place, spec)).toEqual(made(old));
    ground().write({ 'left.txt': 'x', 'file.txt': 'changed' }, place.path);
    expect(await ready(place, spec)).toEqual(made(old));
    expect(fs.readdirSync(place.path).sort()).toEqual(['.git', 'file.txt', 'src']);
    expect(fs.readFileSync(join(place.path, 'file.txt'), 'utf8')).toBe('one\n');
    await release(ground().state, place);
    await release(ground().state, place);
    expect(fs.existsSync(place.path)).toBe(false);
    expect(ground().git('worktree', 'list').split('\n')).toHaveLength(1);
  });
});

test('a released work tree stays, and git may take it away', async () => {
  const spec = ground().spec();
  const place = ground().place(spec);
  await ready(place, spec);
  await release(ground().state, place);
  await release(ground().state, place);
  expect(fs.existsSync(place.path)).toBe(true);
  expect(ground().git('worktree', 'list', '--porcelain')).not.toContain('locked');
});
