/** A work tree gets its submodules from the objects of the checkout alone. */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { eachOnGround, gitIn, NOW } from './ground.ts';
import type { Place } from '../../src/domain/workspace.ts';
import { prepare, release } from '../../src/adapters/git/prepare.ts';

const ground = eachOnGround();
let library: string;

const allow = ['-c', 'protocol.file.allow=always'];

beforeEach(() => {
  library = join(ground().root, 'library');
  gitIn(ground().root, 'init', '-q', '-b', 'main', library);
  ground().commit('library', { 'lib.txt': '1\n' }, library);
  ground().git(...allow, 'submodule', '--quiet', 'add', library, 'deps/lib');
  ground().commit('with a submodule');
});

async function ready(kind: 'worktree' | 'checkout'): Promise<Place> {
  const spec = ground().spec({ kind });
  const place = ground().place(spec);
  const { refusal } = await prepare(ground().state, place, spec, [spec.base], false, NOW);
  expect(refusal).toBeNull();
  return place;
}

test.each(['worktree', 'checkout'] as const)('offline: %s', async (kind) => {
  fs.renameSync(library, join(ground().root, 'elsewhere'));
  const before = [
    ground().personal(),
    fs.readFileSync(join(ground().repository, 'config'), 'utf8'),
  ];
  const { path } = await ready(kind);
  const inner = join(path, 'deps/lib');
  expect(fs.readFileSync(join(inner, 'lib.txt'), 'utf8')).toBe('1\n');
  expect(gitIn(path, 'status', '--porcelain')).toBe('');
  expect(gitIn(inner, 'config', 'remote.origin.url')).toBe(library);
  expect([
    ground().personal(),
    fs.readFileSync(join(ground().repository, 'config'), 'utf8'),
  ]).toEqual(before);
});

test('what the checkout has not stays an empty folder', async () => {
  const behind = ground().rev('HEAD', join(ground().checkout, 'deps/lib'));
  const ahead = ground().commit('more', { 'lib.txt': '2\n' }, library);
  ground().git('update-index', '--cacheinfo', `160000,${ahead},deps/lib`);
  ground().git('commit', '-q', '-m', 'ahead');
  expect(behind).not.toBe(ahead);
  const { path } = await ready('worktree');
  expect(fs.readdirSync(join(path, 'deps/lib'))).toEqual([]);
  expect(gitIn(path, 'status', '--porcelain')).toBe('');
  expect(fs.readFileSync(join(path, 'file.txt'), 'utf8')).toBe('one\n');
});

test('never initialised by the person: not by us either', async () => {
  ground().git('submodule', '--quiet', 'deinit', 'deps/lib');
  const { path } = await ready('worktree');
  expect(fs.readdirSync(join(path, 'deps/lib'))).toEqual([]);
});

test('a checkout with submodules is removed like any other', async () => {
  const place = await ready('checkout');
  await release(ground().state, place);
  expect(fs.existsSync(place.path)).toBe(false);
  expect(ground().git('worktree', 'list').split('\n')).toHaveLength(1);
});
