import { expect, test } from 'vitest';
import type { Watch } from '../../src/domain/watch.ts';
import type { Delivery } from '../../src/domain/delivery.ts';
import type { Store } from '../../src/ports/store.ts';
import { NOON, submit, submitEnded } from './sample.ts';

const watch = (id: string, taskId: string, changes: Partial<Watch> = {}): Watch => ({
  id,
  taskId,
  owner: 'cli:1000',
  match: 'ready',
  on: null,
  stream: null,
  once: false,
  createdAt: NOON,
  attempt: 0,
  places: {},
  matches: 0,
  hushUntil: 0,
  held: null,
  ...changes,
});

const delivery = (id: string, taskId: string): Delivery => ({
  id,
  kind: 'match',
  taskId,
  owner: 'cli:1000',
  subscriber: 'owner:cli:1000',
  createdAt: NOON,
  preview: 'w-1 found "ready"',
  truncated: false,
});

export function watchRules(store: () => Store): void {
  const inbox = async (): Promise<string[]> =>
    (await store().inbox({ owner: 'cli:1000', limit: 99 })).map(({ id }) => id);

  test('watches are listed oldest first, of one task or of all', async () => {
    for (const id of ['t-1', 't-2']) await submit(store(), id);
    const [later, other, first] = [
      watch('w-3', 't-1', { createdAt: NOON + 1 }),
      watch('w-2', 't-2', { match: null, on: 'tool_finished' }),
      watch('w-1', 't-1', { match: '/é "x"/i', places: { stdout: { at: 7, told: true } } }),
    ];
    for (const one of [later, other, first]) expect(await store().addWatch(one, 8)).toBe('added');
    expect(await store().watches('t-1')).toEqual([first, later]);
    expect(await store().watches()).toEqual([first, other, later]);
    expect(await store().watches('t-9')).toEqual([]);
  });

  test('a task has at most so many, and one that is not there none', async () => {
    await submit(store(), 't-1');
    expect(await store().addWatch(watch('w-1', 't-1'), 2)).toBe('added');
    expect(await store().addWatch(watch('w-2', 't-1'), 2)).toBe('added');
    expect(await store().addWatch(watch('w-3', 't-1'), 2)).toBe('full');
    expect(await store().addWatch(watch('w-4', 't-9'), 2)).toBe('gone');
    expect(await store().watches()).toHaveLength(2);
  });

  test('where it stands is stored with what was found up to there', async () => {
    await submit(store(), 't-1');
    await store().addWatch(watch('w-1', 't-1'), 8);
    const moved = watch('w-1', 't-1', { attempt: 1, matches: 1 });
    expect(await store().putWatch(moved, [delivery('d-1', 't-1')], false)).toBe(true);
    expect(await store().watches()).toEqual([moved]);
    expect(await inbox()).toEqual(['d-1']);
  });

  test('a delivery that is known is not made again, though it was acknowledged', async () => {
    await submit(store(), 't-1');
    await store().addWatch(watch('w-1', 't-1'), 8);
    await store().putWatch(watch('w-1', 't-1'), [delivery('d-1', 't-1')], false);
    await store().ack('cli:1000', ['d-1'], NOON);
    const found = [delivery('d-1', 't-1'), delivery('d-2', 't-1')];
    expect(await store().putWatch(watch('w-1', 't-1'), found, true)).toBe(true);
    expect(await inbox()).toEqual(['d-2']);
    expect(await store().watches()).toEqual([]);
  });

  test('a watch that is gone tells nothing more', async () => {
    await submit(store(), 't-1');
    await store().addWatch(watch('w-1', 't-1'), 8);
    expect(await store().dropWatch('w-1')).toBe(true);
    expect(await store().dropWatch('w-1')).toBe(false);
    for (const over of [true, false])
      expect(await store().putWatch(watch('w-1', 't-1'), [delivery('d-1', 't-1')], over)).toBe(
        false,
      );
    expect(await inbox()).toEqual([]);
  });

  test('it goes with its task and does not hold it', async () => {
    await submitEnded(store(), 't-1');
    await store().addWatch(watch('w-1', 't-1'), 8);
    const ids = (await store().deliveries('t-1')).map(({ id }) => id);
    await store().ack('cli:1000', ids, NOON + 10);
    expect(await store().remove('t-1')).toBe(true);
    expect(await store().watches()).toEqual([]);
  });
}
