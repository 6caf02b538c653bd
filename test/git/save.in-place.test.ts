import { beforeEach, expect, test } from 'vitest';
import { eachOnGround, NOW } from './ground.ts';
import { Attempt } from './save-ground.ts';
import type { WorkspaceSpec } from '../../src/domain/workspace.ts';

const ground = eachOnGround();

let spec: WorkspaceSpec;
let untouched: string;

/** What the person had not committed: `dirty.txt` and `new.txt`. */
beforeEach(() => {
  ground().commit('second', { 'dirty.txt': 'clean\n' });
  ground().write({ 'dirty.txt': 'persons\n', 'new.txt': 'persons\n' });
  spec = ground().spec({ kind: 'in_place' });
});

/** As it is prepared: with a commit of how it stands. */
function begun(number = 1): Attempt {
  const attempt = new Attempt(ground(), number, spec);
  const index = `${ground().root}/index-${number}`;
  const lines = `GIT_INDEX_FILE='${index}' git read-tree HEAD && GIT_INDEX_FILE='${index}' git add -A && GIT_INDEX_FILE='${index}' git write-tree`;
  const tree = ground().git('-c', `alias.all=!${lines}`, 'all');
  const before = ground().git('commit-tree', '-p', 'HEAD', '-m', 'before', tree);
  Object.assign(attempt, { prepared: { ...attempt.prepared, at: NOW, before } });
  untouched = ground().personal();
  return attempt;
}

test('commits what the task changed, on its own branch, and nothing of the person', async () => {
  const attempt = begun();
  attempt.write({ 'file.txt': 'two\n', 'made.txt': 'm\n', 'src/a.txt': null });
  untouched = ground().personal();

  const saved = await attempt.saved();

  expect(saved.on).toBe('branch');
  expect(attempt.files(saved.commit)).toEqual({
    'dirty.txt': 'clean',
    'file.txt': 'two',
    'made.txt': 'm',
  });
  expect(attempt.tip()).toBe(saved.commit);
  expect(ground().rev(`${saved.commit}^`)).toBe(attempt.prepared.head);
  expect(attempt.files(saved.snapshot)).toMatchObject({
    'dirty.txt': 'persons',
    'new.txt': 'persons',
  });
  expect(ground().personal()).toBe(untouched);
  expect(await attempt.saved()).toEqual(saved);
});

test('keeps in the snapshot alone what the person was working on', async () => {
  const attempt = begun();
  attempt.write({ 'dirty.txt': 'both\n', 'new.txt': null, 'file.txt': 'two\n' });

  const saved = await attempt.saved();

  expect(saved.paths.map(({ path }) => path)).toEqual(['file.txt']);
  expect(attempt.files(saved.snapshot)).toMatchObject({ 'dirty.txt': 'both', 'file.txt': 'two' });
  expect(attempt.holds(saved.snapshot, attempt.prepared.before ?? '')).toBe(true);
});

test('goes on from the attempt before', async () => {
  const first = begun();
  first.write({ 'file.txt': 'two\n', 'made.txt': 'm\n' });
  const { commit } = await first.saved();
  const second = begun(2);
  second.previous = commit;
  second.write({ 'made.txt': 'more\n', 'dirty.txt': 'both\n' });

  const saved = await second.saved();

  expect(saved.on).toBe('branch');
  expect(ground().rev(`${saved.commit}^`)).toBe(commit);
  expect(second.files(saved.commit)).toMatchObject({
    'dirty.txt': 'clean',
    'file.txt': 'two',
    'made.txt': 'more',
  });
  expect(saved.since.files).toBe(1);
  expect(await second.saved()).toEqual(saved);
});

test('goes on from what the attempt committed on the branch of the person', async () => {
  const attempt = begun();
  attempt.write({ 'file.txt': 'two\n' });
  attempt.git('commit', '-q', '-m', 'by the agent', 'file.txt');
  const own = ground().rev();
  attempt.write({ 'made.txt': 'm\n' });

  const saved = await attempt.saved();

  expect(ground().rev('main')).toBe(own);
  expect(ground().rev(`${saved.commit}^`)).toBe(own);
  expect(saved.paths.map(({ path }) => path)).toEqual(['file.txt', 'made.txt']);
});

test('moves no branch that the person has checked out', async () => {
  spec = { ...spec, branch: 'main' };
  const attempt = begun();
  const head = ground().rev();
  attempt.write({ 'file.txt': 'two\n' });
  untouched = ground().personal();

  const saved = await attempt.saved();

  expect(saved.on).toBe('aside');
  expect(ground().rev('main')).toBe(head);
  expect(ground().personal()).toBe(untouched);
});

test('makes no commit where nothing was changed', async () => {
  const attempt = begun();

  const saved = await attempt.saved();

  expect(saved).toMatchObject({ commit: attempt.prepared.head, on: 'branch', paths: [] });
  expect(attempt.files(saved.snapshot)).toMatchObject({ 'new.txt': 'persons' });
  expect(ground().personal()).toBe(untouched);
});
