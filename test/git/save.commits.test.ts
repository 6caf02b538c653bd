import { existsSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eachOnGround, gitIn, NOW } from './ground.ts';
import { Attempt } from './save-ground.ts';

const ground = eachOnGround();
const BRANCH = 'refs/heads/tend/t-1';

/** One commit of the agent, then `does`, then something uncommitted. */
async function after(does: (attempt: Attempt) => void) {
  const before = ground().personal();
  const attempt = new Attempt(ground());
  const own = ground().commit('by the agent', { 'own.txt': 'own\n' }, attempt.path);
  does(attempt);
  attempt.write({ 'late.txt': 'late\n' });
  const saved = await attempt.saved();
  // Whatever it was: nothing is lost, the person sees nothing of it, and saving once more is saving once.
  expect(attempt.holds(saved.snapshot, own)).toBe(true);
  expect(attempt.files(saved.snapshot)).toMatchObject({ 'late.txt': 'late' });
  expect(ground().rev('refs/tend/attempts/t-1/1')).toBe(saved.snapshot);
  const mine = (line: string): boolean => !line.includes('refs/heads/agent');
  expect(ground().personal().split('\n').filter(mine).join('\n')).toBe(before);
  const tip = gitIn(ground().checkout, 'for-each-ref', BRANCH);
  expect(await attempt.saved()).toEqual(saved);
  expect(gitIn(ground().checkout, 'for-each-ref', BRANCH)).toBe(tip);
  return { attempt, own, saved };
}

test('goes on from the commits of the agent', async () => {
  const { attempt, own, saved } = await after(() => undefined);
  expect(saved).toMatchObject({ on: 'branch', change: { files: 2, commits: 2 } });
  expect(ground().rev(`${saved.commit}^`)).toBe(own);
  expect(attempt.tip()).toBe(saved.commit);
});

test('keeps a commit that was amended', async () => {
  const { attempt, saved } = await after((of) =>
    of.git('commit', '--amend', '-q', '-m', 'amended'),
  );
  expect(saved.on).toBe('branch');
  expect(saved.snapshot).not.toBe(saved.commit);
  expect(attempt.tip()).toBe(saved.commit);
});

test('keeps commits that the branch was reset away from, and does not bring them back onto it', async () => {
  const { attempt, saved } = await after((of) => of.git('reset', '-q', '--hard', 'HEAD~1'));
  expect(saved.on).toBe('branch');
  expect(attempt.files(saved.commit)).not.toHaveProperty('own.txt');
  expect(ground().rev(`${saved.commit}^`)).toBe(attempt.prepared.head);
});

test('leaves another branch where it is, and takes the branch of the task along', async () => {
  const { attempt, own, saved } = await after((of) => of.git('switch', '-q', '-c', 'agent/x'));
  expect(saved.on).toBe('branch');
  expect(ground().rev('refs/heads/agent/x')).toBe(own);
  expect(attempt.tip()).toBe(saved.commit);
  expect(attempt.git('symbolic-ref', 'HEAD')).toBe('refs/heads/agent/x');
  expect(attempt.git('status', '--porcelain')).toBe('?? late.txt');
});

test('saves aside what is no step forwards for the branch', async () => {
  const { attempt, own, saved } = await after((of) =>
    of.git('switch', '-q', '-c', 'agent/x', of.prepared.head),
  );
  expect(saved.on).toBe('aside');
  expect(attempt.tip()).toBe(own);
  expect(ground().rev('refs/heads/agent/x')).toBe(attempt.prepared.head);
  expect(attempt.files(saved.commit)).not.toHaveProperty('own.txt');
});

test('goes on from a detached HEAD', async () => {
  const { attempt, own, saved } = await after((of) => of.git('checkout', '-q', '--detach'));
  expect(saved.on).toBe('branch');
  expect(attempt.tip()).toBe(saved.commit);
  expect(attempt.git('rev-parse', 'HEAD')).toBe(own);
});

test('keeps what was rebased', async () => {
  const { saved } = await after((of) => {
    ground().git('branch', 'agent/onto', of.prepared.head);
    of.git('switch', '-q', 'agent/onto');
    ground().commit('other', { 'other.txt': 'o\n' }, of.path);
    of.git('switch', '-q', 'tend/t-1');
    of.git('rebase', '-q', 'agent/onto');
  });
  expect(saved.on).toBe('branch');
});

test('makes the branch again that was deleted', async () => {
  const { attempt, saved } = await after((of) => {
    of.git('checkout', '-q', '--detach');
    of.git('update-ref', '-d', BRANCH);
  });
  expect(saved.on).toBe('branch');
  expect(attempt.tip()).toBe(saved.commit);
});

test('makes the branch again that was deleted while it was checked out', async () => {
  const { attempt, saved } = await after((of) => of.git('update-ref', '-d', BRANCH));
  expect(saved.on).toBe('branch');
  expect(attempt.tip()).toBe(saved.commit);
});

test('goes on from the task where HEAD is on a branch without a commit', async () => {
  const { attempt, own, saved } = await after((of) =>
    of.git('checkout', '-q', '--orphan', 'agent/o'),
  );
  expect(saved.on).toBe('branch');
  expect(ground().rev(`${saved.commit}^`)).toBe(own);
  expect(attempt.tip()).toBe(saved.commit);
});

test('does not move a branch that somebody else has checked out', async () => {
  const { own, saved, attempt } = await after((of) => {
    of.git('checkout', '-q', '--detach');
    ground().git('worktree', 'add', '-q', `${ground().root}/other`, 'tend/t-1');
  });
  expect(saved.on).toBe('aside');
  expect(attempt.tip()).toBe(own);
});

test('keeps the work when the branch is locked by a git that was killed', async () => {
  const { own, saved, attempt } = await after(() =>
    ground().write({ 'refs/heads/tend/t-1.lock': '' }, ground().repository),
  );
  expect(saved.on).toBe('aside');
  expect(attempt.tip()).toBe(own);
});

test('takes no notice of an old lock of its own ref, and waits for a new one', async () => {
  const attempt = new Attempt(ground());
  const lock = join(ground().repository, 'refs/tend/attempts/t-1/1.lock');
  ground().write({ 'refs/tend/attempts/t-1/1.lock': '' }, ground().repository);
  await expect(attempt.tried()).rejects.toThrow(/File exists/);
  utimesSync(lock, NOW / 1000 - 100, NOW / 1000 - 100);
  expect(await attempt.saved()).toMatchObject({ on: 'branch' });
  expect(existsSync(lock)).toBe(false);
});

test('leaves a merge in the middle alone', async () => {
  const { attempt, own, saved } = await after((of) => {
    of.git('switch', '-q', '-c', 'agent/x', of.prepared.head);
    ground().commit('other', { 'own.txt': 'other\n' }, of.path);
    of.git('switch', '-q', 'tend/t-1');
    expect(() => of.git('merge', 'agent/x')).toThrow();
  });
  expect(saved.on).toBe('unfinished');
  expect(attempt.tip()).toBe(own);
  expect(attempt.files(saved.commit)['own.txt']).toContain('<<<<<<<');
  expect(attempt.holds(saved.snapshot, 'agent/x')).toBe(true);
  expect(attempt.git('status', '--porcelain')).toContain('AA own.txt');
});

test('leaves a rebase in the middle alone', async () => {
  const { attempt, own, saved } = await after((of) => {
    of.git('switch', '-q', '-c', 'agent/x', of.prepared.head);
    ground().commit('other', { 'own.txt': 'other\n' }, of.path);
    of.git('switch', '-q', 'tend/t-1');
    expect(() => of.git('rebase', 'agent/x')).toThrow(/could not apply/);
  });
  expect(saved.on).toBe('unfinished');
  expect(attempt.tip()).toBe(own);
});
