/** What changed in the person's checkout while somebody worked elsewhere is named. */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eachOnGround, gitIn, NOW } from './ground.ts';
import type { Place } from '../../src/domain/workspace.ts';
import { lookAtCheckout, touchedSince } from '../../src/adapters/git/checkout-look.ts';
import { besidePlace } from '../../src/adapters/git/place.ts';
import { prepare } from '../../src/adapters/git/prepare.ts';

const ground = eachOnGround();

const here = (): Place => ground().place(ground().spec());

async function touchedBy(act: () => unknown): Promise<string[]> {
  const before = await lookAtCheckout(here());
  await act();
  return touchedSince(here(), before ?? '');
}

test('nothing, whatever happened in the work tree', async () => {
  const spec = ground().spec();
  const place = here();
  ground().write({ 'file.txt': 'changed before', 'new/x': 'x' });
  const prepared = await prepare(ground().state, place, spec, [spec.base], true, NOW);
  ground().commit('work', { 'file.txt': 'x' }, place.path);
  gitIn(place.path, 'branch', 'tend/another');
  expect(await touchedSince(place, prepared.checkout ?? '')).toEqual([]);
});

test.each<[string, string[], () => unknown]>([
  ['a changed file', ['file.txt'], () => ground().write({ 'file.txt': 'x' })],
  ['a new file', ['a\nb'], () => ground().write({ 'a\nb': 'x' })],
  ['a file that was changed before', ['dirty.txt'], () => ground().write({ 'dirty.txt': 'more' })],
  ['a file that was put right', ['dirty.txt'], () => ground().write({ 'dirty.txt': null })],
  ['a deleted file', ['src/a.txt'], () => ground().write({ 'src/a.txt': null })],
  ['a staged file', ['dirty.txt'], () => ground().git('add', 'dirty.txt')],
  ['a commit', ['main'], () => ground().git('commit', '-q', '--allow-empty', '-m', 'x')],
  ['another branch', ['HEAD', 'x'], () => ground().git('checkout', '-q', '-b', 'x')],
  ['no branch', ['HEAD'], () => ground().git('checkout', '-q', '--detach')],
  ['a new branch', ['new'], () => ground().git('branch', 'new')],
  ['a deleted branch', ['side'], () => ground().git('update-ref', '-d', 'refs/heads/side')],
])('%s', async (_, expected, act) => {
  ground().git('branch', 'side');
  ground().write({ 'dirty.txt': 'x' });
  expect(await touchedBy(act)).toEqual(expected);
});

test('what is not known can only be said to be different', async () => {
  const place = here();
  const before = await lookAtCheckout(place);
  fs.unlinkSync(besidePlace(place, 'look') ?? '');
  expect(await touchedSince(place, before ?? '')).toEqual([]);
  ground().write({ 'file.txt': 'x' });
  expect(await touchedSince(place, before ?? '')).toEqual([ground().checkout]);
  fs.renameSync(ground().checkout, join(ground().root, 'moved'));
  expect(await touchedSince(place, before ?? '')).toEqual([ground().checkout]);
});

test('where there is none, or it is the place itself, nothing is looked at', async () => {
  expect(await lookAtCheckout({ ...here(), checkout: null })).toBeNull();
  const spec = ground().spec({ kind: 'in_place' });
  expect(await lookAtCheckout(ground().place(spec))).toBeNull();
  expect(await touchedSince(ground().place(spec), 'x')).toEqual([]);
});
