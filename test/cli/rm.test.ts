import { afterAll, expect, test } from 'vitest';
import { Home } from './home.ts';

const home = new Home();
afterAll(() => home.close());

test('rm keeps what nobody has heard of, and forgets it afterwards', async () => {
  const id = await home.run('--', 'true');
  await home.tend(['wait', id]);
  const kept = await home.tend(['rm', id]);
  expect(kept.code).toBe(1);
  expect(kept.stderr).toContain(id);
  await home.tend(['inbox', '--drain']);
  expect(await home.json('rm', id)).toEqual({ removed: [id], worktrees: [], dryRun: false });
  expect((await home.tend(['show', id])).code).toBe(3);
});

test('rm does not touch a task that has not ended', async () => {
  const id = await home.run('--', 'sleep 60');
  expect((await home.tend(['rm', id])).code).toBe(1);
  await home.tend(['kill', '--wait', id]);
});

test('gc: --dry-run says what gc does', async () => {
  const ids = [await home.run('--', 'true'), await home.run('--', 'true')];
  await home.tend(['wait', ...ids]);
  await home.tend(['inbox', '--drain']);
  expect(await home.out('gc', '--older-than', '1h')).toMatch(/^removed 0 tasks/);
  const dry = await home.json<{ removed: string[] }>('gc', '--dry-run', '--older-than', '0');
  expect(dry).toMatchObject({ dryRun: true, kept: 0 });
  expect(dry.removed).toEqual(expect.arrayContaining(ids));
  expect((await home.tend(['show', ids[0] ?? ''])).code).toBe(0);
  const done = await home.out('gc', '-q', '--older-than', '0');
  expect(done.trim().split('\n').toSorted()).toEqual(dry.removed.toSorted());
  expect(await home.out('ls', '-q', '--all')).toBe('');
});
