import { expect, test } from 'vitest';
import { eachOnGround, NOW } from './ground.ts';
import { Attempt } from './save-ground.ts';
import { lookAtCheckout } from '../../src/adapters/git/checkout-look.ts';

const ground = eachOnGround();
const REF = 'refs/tend/attempts/t-1/1';

test('keeps what is changed, new and deleted, on the branch of the task and under the ref of the attempt', async () => {
  const before = ground().personal();
  const attempt = new Attempt(ground());
  attempt.write({ 'file.txt': 'two\n', 'new/file': 'n\n', 'src/a.txt': null });

  const saved = await attempt.saved();

  expect(saved).toMatchObject({
    at: NOW + 60_000,
    ref: REF,
    on: 'branch',
    change: { files: 3, insertions: 2, deletions: 2, commits: 1 },
    since: { files: 3, insertions: 2, deletions: 2, commits: 1 },
    touched: [],
  });
  expect(saved.snapshot).toBe(saved.commit);
  expect(saved.paths).toEqual([
    { path: 'file.txt', kind: 'M', insertions: 1, deletions: 1 },
    { path: 'new/file', kind: 'A', insertions: 1, deletions: 0 },
    { path: 'src/a.txt', kind: 'D', insertions: 0, deletions: 1 },
  ]);
  expect(attempt.files(saved.commit)).toEqual({ 'file.txt': 'two', 'new/file': 'n' });
  expect(attempt.tip()).toBe(saved.commit);
  expect(ground().rev(REF)).toBe(saved.snapshot);
  expect(attempt.git('status', '--porcelain')).toBe('');
  expect(ground().git('log', '-1', '--format=%an %ae %at %P %B', saved.commit)).toBe(
    `tend tend@localhost ${NOW / 1000 + 60} ${attempt.prepared.head} What the task did\n`,
  );
  expect(ground().personal()).toBe(before);
});

test('gives the same when it is asked again, and adds nothing', async () => {
  const attempt = new Attempt(ground());
  attempt.write({ 'file.txt': 'two\n' });
  const saved = await attempt.saved();
  const objects = ground().git('count-objects', '-v');

  expect(await attempt.saved()).toEqual(saved);
  expect(ground().git('count-objects', '-v')).toBe(objects);
});

test('keeps a ref when nothing was done at all', async () => {
  const attempt = new Attempt(ground());

  const saved = await attempt.saved();

  expect(saved).toMatchObject({
    commit: attempt.prepared.head,
    snapshot: attempt.prepared.head,
    on: 'branch',
    change: { files: 0, insertions: 0, deletions: 0, commits: 0 },
    paths: [],
  });
  expect(ground().rev(REF)).toBe(attempt.prepared.head);
});

test('keeps a ref when the attempt committed everything by itself', async () => {
  const attempt = new Attempt(ground());
  const own = ground().commit('by the agent', { 'file.txt': 'two\n' }, attempt.path);

  const saved = await attempt.saved();

  expect(saved).toMatchObject({ commit: own, snapshot: own, on: 'branch' });
  expect(saved.change.commits).toBe(1);
  expect(ground().rev(REF)).toBe(own);
});

test('tells the change since the attempt before', async () => {
  const first = new Attempt(ground());
  first.write({ 'file.txt': 'two\n' });
  const { commit } = await first.saved();
  const second = new Attempt(ground(), 2, ground().spec(), true);
  second.previous = commit;
  second.write({ 'more.txt': 'm\n' });

  const saved = await second.saved();

  expect(saved.change).toEqual({ files: 2, insertions: 2, deletions: 1, commits: 2 });
  expect(saved.since).toEqual({ files: 1, insertions: 1, deletions: 0, commits: 1 });
  expect(ground().rev(REF)).toBe(commit);
});

test('keeps ignored files that are asked for in the snapshot alone', async () => {
  ground().commit('ignoring', { '.gitignore': '*.log\n.env*\nout/\n' });
  const attempt = new Attempt(ground());
  attempt.keepIgnored = ['.env*', 'out/report [1].txt'];
  attempt.write({ 'a.log': 'l', '.env.local': 'e', 'out/report [1].txt': 'r', 'out/x': 'x' });

  const saved = await attempt.saved();

  expect(saved.commit).toBe(attempt.prepared.head);
  expect(Object.keys(attempt.files(saved.snapshot)).toSorted()).toEqual([
    '.env.local',
    '.gitignore',
    'file.txt',
    'src/a.txt',
  ]);
  expect(attempt.tip()).toBe(saved.commit);
  expect(await attempt.saved()).toEqual(saved);
});

test('tells what was changed in the checkout of the person meanwhile', async () => {
  const attempt = new Attempt(ground());
  const checkout = await lookAtCheckout(attempt.place);
  Object.assign(attempt, { watchCheckout: true, prepared: { ...attempt.prepared, checkout } });
  expect((await attempt.saved()).touched).toEqual([]);
  ground().write({ 'src/a.txt': 'by the agent\n' });

  expect((await attempt.saved()).touched).toEqual(['src/a.txt']);
});

test('refuses for good when the repository is gone', async () => {
  const attempt = new Attempt(ground());
  const place = { ...attempt.place, repository: '/nonexistent/x.git' };
  Object.assign(attempt, { place });

  expect(await attempt.tried()).toEqual({ refusal: 'The repository /nonexistent/x.git is gone.' });
});
