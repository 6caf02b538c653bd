import { expect, test } from 'vitest';
import type { Merge } from '../../src/domain/merge.ts';
import type { Store } from '../../src/ports/store.ts';
import { NOON, submit, submitEnded } from './sample.ts';

export const merge = (taskId: string, changes: Partial<Merge> = {}): Omit<Merge, 'seq'> => ({
  taskId,
  repository: '/home/me/project/.git',
  target: 'main',
  how: 'merge',
  commit: 'c0ffee',
  unverified: null,
  state: 'queued',
  from: null,
  to: null,
  change: null,
  proof: 'same',
  check: null,
  runs: 0,
  checks: 0,
  moves: 0,
  detail: null,
  paths: [],
  createdAt: NOON,
  endedAt: null,
  ...changes,
});

export function mergeRules(store: () => Store): void {
  const add = async (taskId: string, changes: Partial<Merge> = {}): Promise<Merge> => {
    const added = await store().addMerge(merge(taskId, changes));
    if (added === null) throw new Error(`no task ${taskId}`);
    return added;
  };

  test('merges are numbered in the order in which they are asked for', async () => {
    for (const id of ['t-1', 't-2']) await submit(store(), id);
    const first = await add('t-2', { paths: ['a "ü"\n.ts'] });
    const second = await add('t-1');
    const third = await add('t-2', { target: 'release' });
    expect(first).toEqual({ ...merge('t-2', { paths: ['a "ü"\n.ts'] }), seq: first.seq });
    expect(first.seq).toBeLessThan(second.seq);
    expect(second.seq).toBeLessThan(third.seq);
    expect(await store().openMerges()).toEqual([first, second, third]);
    expect(await store().merges(['t-2'])).toEqual([third, first]);
    expect(await store().merges(['t-1', 't-2', 't-3'])).toEqual([third, second, first]);
    expect(await store().merges([])).toEqual([]);
  });

  test('one that has ended is open no more', async () => {
    await submit(store(), 't-1');
    const added = await add('t-1');
    const ended: Merge = { ...added, state: 'merged', to: 'beef', endedAt: NOON + 1 };
    expect(await store().putMerge(ended)).toBe(true);
    expect(await store().openMerges()).toEqual([]);
    expect(await store().merges(['t-1'])).toEqual([ended]);
  });

  test('asked for again it takes the place of the earlier one, under a number never used', async () => {
    await submit(store(), 't-1');
    const first = await add('t-1', { state: 'conflict', endedAt: NOON });
    const second = await add('t-1', { how: 'squash' });
    expect(second.seq).toBeGreaterThan(first.seq);
    expect(await store().merges(['t-1'])).toEqual([second]);
    expect(await store().putMerge(first)).toBe(false);
    expect(await store().openMerges()).toEqual([second]);
  });

  test('there is none of a task that is not there', async () => {
    expect(await store().addMerge(merge('t-1'))).toBeNull();
    expect(await store().openMerges()).toEqual([]);
  });

  test('an open one protects its task, an ended one goes with it', async () => {
    await submitEnded(store(), 't-1');
    const ids = (await store().deliveries('t-1')).map(({ id }) => id);
    await store().ack('cli:1000', ids, NOON + 10);
    const added = await add('t-1');
    expect(await store().removable(NOON + 99, 9)).toEqual([]);
    expect(await store().remove('t-1')).toBe(false);
    await store().putMerge({ ...added, state: 'dirty', endedAt: NOON + 11 });
    expect(await store().removable(NOON + 99, 9)).toHaveLength(1);
    expect(await store().remove('t-1')).toBe(true);
    expect(await store().merges(['t-1'])).toEqual([]);
    expect(await store().putMerge(added)).toBe(false);
  });
}
