/** In the person's own checkout: everything as it stands is kept first, and nothing there is changed. */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eachOnGround, gitIn, NOW } from './ground.ts';
import type { Prepared, WorkspaceSpec } from '../../src/domain/workspace.ts';
import { prepare, release } from '../../src/adapters/git/prepare.ts';

const ground = eachOnGround();

const ready = (
  given: Partial<WorkspaceSpec> = {},
  { number = 1, starts }: { number?: number; starts?: string[] } = {},
): Promise<Prepared> => {
  const spec = ground().spec({ kind: 'in_place', ...given });
  const place = ground().place(spec, 't-1', number);
  return prepare(ground().state, place, spec, starts ?? [spec.base], true, NOW);
};

const filesOf = (commit: string | null): string[] =>
  ground()
    .git('ls-tree', '-r', '-z', '--name-only', String(commit))
    .split('\0')
    .filter((name) => name !== '');

test('everything as it stood is kept, and nothing is changed', async () => {
  const head = ground().commit('second', { '.gitignore': 'ignored\n', 'gone.txt': 'x' });
  ground().write({ 'staged.txt': 's', 'file.txt': 'staged\n' });
  ground().git('add', 'staged.txt', 'file.txt');
  ground().write({ 'file.txt': 'changed\n', 'new\nline': 'n', ignored: 'i', 'gone.txt': null });
  const before = ground().personal();
  const prepared = await ready();
  expect(prepared).toEqual({
    at: NOW,
    base: head,
    head,
    before: ground().rev('refs/tend/attempts/t-1/1.before'),
    checkout: null,
    refusal: null,
  });
  const expected = ['.gitignore', 'file.txt', 'new\nline', 'src/a.txt', 'staged.txt'];
  expect(filesOf(prepared.before)).toEqual(expected);
  expect(ground().git('show', `${prepared.before}:file.txt`)).toBe('changed');
  expect(ground().rev(`${prepared.before}^`)).toBe(head);
  expect(ground().personal()).toBe(before);
  expect(fs.readdirSync(ground().repository).filter((name) => name.includes('tend-'))).toEqual([]);
  expect(await ready()).toEqual(prepared);
});

test('repositories in the checkout are left alone, with commits or without', async () => {
  gitIn(ground().checkout, 'init', '-q', 'empty');
  gitIn(ground().checkout, 'init', '-q', 'deep/full');
  ground().commit('inner', { 'inner.txt': 'x' }, join(ground().checkout, 'deep/full'));
  ground().write({ 'deep/own.txt': 'x' });
  const { before, refusal } = await ready();
  expect(refusal).toBeNull();
  expect(filesOf(before)).toEqual(['deep/full', 'deep/own.txt', 'file.txt', 'src/a.txt']);
  expect(ground().git('ls-tree', String(before), 'deep/full')).toMatch(/^160000 commit/);
});

test('a sparse checkout keeps what is not checked out', async () => {
  ground().commit('more', { 'big/b.txt': 'b' });
  ground().git('sparse-checkout', 'set', 'src');
  ground().write({ 'src/a.txt': 'changed', 'stray/x.txt': 'x' });
  const { before } = await ready();
  const expected = ['big/b.txt', 'file.txt', 'src/a.txt', 'stray/x.txt'];
  expect(filesOf(before)).toEqual(expected);
});

test('begins with what is checked out, later attempts are compared with that', async () => {
  const first = ground().rev();
  const second = ground().commit('meanwhile');
  expect(await ready({ base: first })).toMatchObject({ base: second, head: second });
  const third = ground().commit('its own', { 'x.txt': 'x' });
  expect(await ready({ base: first }, { number: 2, starts: [second] })).toMatchObject({
    base: second,
    head: third,
  });
});

test('the work it depends on must be there', async () => {
  const base = ground().rev();
  ground().git('checkout', '-q', '-b', 'other');
  const other = ground().commit('other');
  ground().git('checkout', '-q', 'main');
  expect((await ready({ base }, { starts: [other] })).refusal).toContain(
    'nothing is merged for it',
  );
  ground().git('merge', '-q', 'other');
  expect((await ready({ base }, { starts: [other] })).refusal).toBeNull();
});

test('is refused in the middle of something, and where there is no checkout', async () => {
  fs.mkdirSync(join(ground().repository, 'rebase-merge'));
  const { checkout } = ground();
  expect((await ready()).refusal).toBe(`${checkout} is in the middle of a rebase.`);
  fs.rmdirSync(join(ground().repository, 'rebase-merge'));
  const nowhere = join(ground().root, 'nowhere');
  const { refusal } = await ready({ checkout: nowhere });
  expect(refusal).toBe(`${nowhere} is no checkout of a repository.`);
});

test('a linked work tree of the person', async () => {
  const tree = join(ground().root, 'tree');
  ground().git('worktree', 'add', '-q', tree);
  ground().write({ 'new.txt': 'n' }, tree);
  const { before } = await ready({ checkout: tree });
  expect(filesOf(before)).toContain('new.txt');
  expect(gitIn(tree, 'status', '--porcelain')).toBe('?? new.txt');
});

test('one at a time, also for another state folder', async () => {
  await ready();
  const spec = ground().spec({ kind: 'in_place' });
  const place = ground().place(spec, 't-2');
  const other = join(ground().root, 'other-state');
  const again = (): Promise<Prepared> => prepare(other, place, spec, [spec.base], false, NOW);
  const { checkout, state } = ground();
  expect((await again()).refusal).toBe(
    `${checkout} is in use by task t-1 (state folder ${state}).`,
  );
  expect((await again()).refusal).not.toBeNull();
  await release(state, ground().place(spec, 't-1'));
  expect((await again()).refusal).toBeNull();
  expect(ground().git('status', '--porcelain')).toBe('');
});
