import { expect, test } from 'vitest';
import { type Delivery, deliveryId } from '../../src/domain/delivery.ts';
import type { Task } from '../../src/domain/task.ts';
import type { Store } from '../../src/ports/store.ts';
import { NOON, submit, submitEnded } from './sample.ts';

const LOUD = { webhooks: ['hook'], channels: ['phone'], onDone: true };
const END = NOON + 3;
const COMMAND = 'd-t-1.mpv5pc00.c.command';
const HOOK = 'd-t-1.mpv5pc00.c.webhook_hook';

export function noticeRules(store: () => Store): void {
  test('every subscriber has a queue of its own', async () => {
    expect(await store().pushQueues()).toEqual([]);
    await submitEnded(store(), 't-1', { targets: LOUD });
    await submitEnded(store(), 't-2', { targets: { ...LOUD, channels: [], onDone: false } });
    expect(await store().pushQueues()).toEqual([
      { subscriber: 'channel:phone', nextAt: END },
      { subscriber: 'command', nextAt: END },
      { subscriber: 'webhook:hook', nextAt: END },
    ]);
    expect(await store().duePushes('webhook:hook', END, 9)).toMatchObject([
      { taskId: 't-1', kind: 'completion' },
      { taskId: 't-2' },
    ]);
    expect(await store().duePushes('webhook:hook', END, 1)).toHaveLength(1);
    await store().settlePush(HOOK, { kind: 'retry', at: END, nextAt: END + 9, error: 'no' });
    expect(await store().pushQueues()).toContainEqual({ subscriber: 'webhook:hook', nextAt: END });
    expect(await store().duePushes('webhook:hook', END + 9, 9)).toMatchObject([
      { taskId: 't-2' },
      { taskId: 't-1' },
    ]);
  });

  test('what may pass while it is quiet is found behind what may not', async () => {
    await submitEnded(store(), 't-1', { targets: LOUD });
    await submitEnded(store(), 't-2', { targets: LOUD, code: 1 });
    const passing = async (...only: ('question' | 'failure')[]) =>
      (await store().duePushes('channel:phone', END, 9, only)).map(({ taskId }) => taskId);
    expect(await passing('failure')).toEqual(['t-2']);
    expect(await passing('question')).toEqual([]);
    expect(await passing('question', 'failure')).toEqual(['t-2']);
    expect(await passing()).toEqual([]);
  });

  test('a message of several settles them together, and none of them twice', async () => {
    await submitEnded(store(), 't-1', { targets: LOUD });
    await submitEnded(store(), 't-2', { targets: LOUD });
    const ids = (await store().duePushes('channel:phone', END, 9)).map(({ id }) => id);
    expect(ids).toHaveLength(2);
    await store().settlePush([...ids, 'd-none'], { kind: 'delivered', at: END + 1 });
    await store().settlePush(ids, { kind: 'dead', at: END + 2, error: 'late' });
    expect(await store().duePushes('channel:phone', END + 9, 9)).toEqual([]);
    expect(await store().dead(9)).toEqual([]);
  });

  test('what a receiver last said is known, and when it was last told', async () => {
    const told = (at: number, error: string | null, keep = 2): Promise<void> =>
      store().recordPush({ subscriber: 'channel:phone', at, error }, keep);
    expect(await store().pushTimes('channel:phone')).toEqual([]);
    await told(NOON, null);
    await told(NOON + 1, 'is full');
    await told(NOON + 2, null);
    expect(await store().pushTimes('channel:phone')).toEqual([NOON + 1, NOON + 2]);
    await store().recordPush({ subscriber: 'webhook:hook', at: NOON, error: 'no' }, 0);
    expect(await store().pushTimes('webhook:hook')).toEqual([]);
    await submitEnded(store(), 't-1', { targets: LOUD });
    await store().settlePush(HOOK, { kind: 'dead', at: END, error: 'no' });
    const nobody = { pending: 0, dead: 0, deliveredAt: null, failedAt: null, lastError: null };
    expect(await store().receivers()).toEqual([
      {
        ...nobody,
        subscriber: 'channel:phone',
        pending: 1,
        deliveredAt: NOON + 2,
        failedAt: NOON + 1,
        lastError: 'is full',
      },
      { ...nobody, subscriber: 'command', pending: 1 },
      { ...nobody, subscriber: 'webhook:hook', dead: 1, failedAt: NOON, lastError: 'no' },
    ]);
  });

  test('what is dead or waits can be sent again, what is settled cannot', async () => {
    await submitEnded(store(), 't-1', { targets: LOUD });
    await store().settlePush(HOOK, { kind: 'dead', at: END, error: 'no' });
    await store().settlePush(COMMAND, { kind: 'delivered', at: END });
    const asked = [HOOK, HOOK, COMMAND, 'd-t-1.mpv5pc00.c', 'd-none'];
    expect(await store().resend(asked, NOON + 50)).toEqual([HOOK]);
    expect(await store().dead(9)).toEqual([]);
    expect(await store().duePushes('webhook:hook', NOON + 50, 9)).toMatchObject([
      { id: HOOK, tries: 0, nextAt: NOON + 50, deadAt: null },
    ]);
    await store().settlePush(HOOK, { kind: 'retry', at: END, nextAt: NOON + 999, error: 'no' });
    expect(await store().resend([HOOK], NOON + 60)).toEqual([HOOK]);
    expect(await store().duePushes('webhook:hook', NOON + 60, 9)).toHaveLength(1);
  });

  test('all that is dead is sent again', async () => {
    await submitEnded(store(), 't-1', { targets: LOUD });
    expect(await store().resend('all', NOON)).toEqual([]);
    for (const id of [HOOK, COMMAND])
      await store().settlePush(id, { kind: 'dead', at: END, error: 'no' });
    expect(await store().resend('all', NOON + 9)).toEqual([COMMAND, HOOK]);
    expect(await store().counts()).toMatchObject({ dead: 0 });
  });

  test('what ended in a span, the newest first', async () => {
    await submitEnded(store(), 't-1');
    await submitEnded(store(), 't-2', { spec: { owner: 'you', notify: 'never' } });
    await submit(store(), 't-3');
    const ended = async (from: number, to: number, owner: string | null, limit = 9) =>
      (await store().endedIn({ from, to, owner }, limit)).map(({ id }) => id);
    expect(await ended(NOON, END + 1, null)).toEqual(['t-2', 't-1']);
    expect(await ended(NOON, END, null)).toEqual([]);
    expect(await ended(END, END + 1, 'you')).toEqual(['t-2']);
    expect(await ended(NOON, END + 1, null, 1)).toEqual(['t-2']);
  });

  test('a digest is stored once for its time', async () => {
    const task = await submitEnded(store(), 't-1');
    expect(await store().digestedAt()).toBeNull();
    const digest = digestOf(task);
    expect(await store().putDigest(NOON + 9, [digest])).toBe(true);
    expect(await store().putDigest(NOON + 9, [{ ...digest, id: 'd-other' }])).toBe(false);
    expect(await store().putDigest(NOON + 8, [])).toBe(false);
    expect(await store().digestedAt()).toBe(NOON + 9);
    expect(await store().duePushes('channel:phone', NOON + 9, 9)).toMatchObject([digest]);
    expect(await store().putDigest(NOON + 10, [])).toBe(true);
  });
}

const digestOf = (task: Task): Delivery => ({
  id: deliveryId(task, 'digest', 'x', 'channel:phone'),
  kind: 'digest',
  taskId: task.id,
  owner: 'cli:1000',
  subscriber: 'channel:phone',
  createdAt: NOON + 9,
  preview: 'Since noon: 1 done',
  truncated: false,
});
