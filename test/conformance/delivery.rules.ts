import { expect, test } from 'vitest';
import {
  completions,
  type Delivery,
  reminder,
  reviewRequests,
  type Subscriber,
} from '../../src/domain/delivery.ts';
import { isEnded, step, type Task } from '../../src/domain/task.ts';
import type { Store } from '../../src/ports/store.ts';
import { claim, exit, inState, NOON, QUIET, start, submitEnded, submitQueued } from './sample.ts';

const LOUD = { webhooks: ['hook'], onDone: true };
const END = NOON + 3;

const expected = (task: Task): Delivery[] => (isEnded(task) ? completions(task, LOUD) : []);

export function deliveryRules(store: () => Store): void {
  const inbox = async (owner: string): Promise<string[]> =>
    (await store().inbox({ owner, limit: 99 })).map(({ id }) => id);

  test('the terminal step brings its completions, once', async () => {
    const task = await submitEnded(store(), 't-1', { targets: LOUD });
    const untold = { tries: 0, deliveredAt: null, ackedAt: null, deadAt: null, lastError: null };
    const [owner, command, hook] = expected(task);
    const stored = await store().deliveries('t-1');
    expect(stored).toHaveLength(3);
    expect(stored).toEqual(
      expect.arrayContaining([
        { ...owner, ...untold, nextAt: null },
        { ...command, ...untold, nextAt: END },
        { ...hook, ...untold, nextAt: END },
      ]),
    );
    expect(stored[0]).toMatchObject({ preview: 'done\n', truncated: false });
  });

  test('work that a person has to look at brings a question, once', async () => {
    const claimed = inState(
      await store().commit([claim(await submitQueued(store(), 't-1'))], QUIET),
      'claimed',
    );
    const running = inState(await store().commit([start(claimed)], QUIET), 'running');
    const finishing = inState(await store().commit([exit(running, 0)], QUIET), 'finishing');
    const { attempt } = finishing;
    const wait = step('awaitReview', finishing, { state: 'awaiting_review', attempt }, NOON + 4);
    const waiting = inState(await store().commit([wait], LOUD), 'awaiting_review');
    expect(await store().commit([wait], LOUD)).toBeNull();
    const [owner, hook] = reviewRequests(waiting, LOUD, NOON + 4);
    const stored = await store().deliveries('t-1');
    expect(stored).toHaveLength(2);
    expect(stored).toMatchObject([owner, hook]);
    expect(await inbox('cli:1000')).toEqual(['d-t-1.mpv5pc00.q1w']);
  });

  test('no other step brings one', async () => {
    await store().commit([claim(await submitQueued(store(), 't-1'))], LOUD);
    expect(await store().deliveries('t-1')).toEqual([]);
  });

  test('looking into the inbox marks nothing, acknowledging does', async () => {
    await submitEnded(store(), 't-1');
    expect(await inbox('cli:1000')).toEqual(['d-t-1.mpv5pc00.c']);
    expect(await inbox('cli:1000')).toEqual(['d-t-1.mpv5pc00.c']);
    expect(await store().ack('cli:1000', ['d-t-1.mpv5pc00.c'], NOON + 9)).toEqual([
      'd-t-1.mpv5pc00.c',
    ]);
    expect(await inbox('cli:1000')).toEqual([]);
    expect(await store().deliveries('t-1')).toMatchObject([
      { ackedAt: NOON + 9, deliveredAt: NOON + 9 },
    ]);
    expect(await store().counts()).toMatchObject({ undelivered: 0 });
  });

  test('nobody acknowledges twice, what is unknown, or for another', async () => {
    await submitEnded(store(), 't-1');
    await submitEnded(store(), 't-2', { targets: LOUD });
    expect(await store().ack('you', ['d-t-1.mpv5pc00.c'], NOON)).toEqual([]);
    const asked = [
      'd-t-2.mpv5pc00.c',
      'd-none',
      'd-t-2.mpv5pc00.c',
      'd-t-2.mpv5pc00.c.command',
      'd-t-1.mpv5pc00.c',
    ];
    expect(await store().ack('cli:1000', asked, NOON)).toEqual([
      'd-t-2.mpv5pc00.c',
      'd-t-1.mpv5pc00.c',
    ]);
    expect(await store().ack('cli:1000', asked, NOON)).toEqual([]);
  });

  test('an inbox holds the oldest first, of its owner alone', async () => {
    await submitEnded(store(), 't-2', { now: NOON + 5 });
    await submitEnded(store(), 't-3');
    await submitEnded(store(), 't-1');
    await submitEnded(store(), 't-4', { spec: { owner: 'you' } });
    expect(await inbox('cli:1000')).toEqual([
      'd-t-1.mpv5pc00.c',
      'd-t-3.mpv5pc00.c',
      'd-t-2.mpv5pc05.c',
    ]);
    expect(await inbox('you')).toEqual(['d-t-4.mpv5pc00.c']);
    expect(await store().inbox({ owner: 'cli:1000', limit: 1 })).toMatchObject([
      { id: 'd-t-1.mpv5pc00.c' },
    ]);
  });

  test('a reminder is delivered once', async () => {
    const queued = await submitQueued(store(), 't-1');
    const claimed = inState(await store().commit([claim(queued)], QUIET), 'claimed');
    const running = inState(await store().commit([start(claimed)], QUIET), 'running');
    const due = reminder(running, NOON + 700_000);
    if (due === null) throw new RangeError('a reminder is due');
    expect(await store().deliver(due)).toBe(true);
    expect(await store().deliver({ ...due, preview: 'other' })).toBe(false);
    expect(await store().inbox({ owner: 'cli:1000', limit: 9 })).toMatchObject([due]);
    const lost = { ...due, id: 'd-x', taskId: 't-0' };
    await expect(store().deliver(lost)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('pushes are due at once, then when they were put off to, then never again', async () => {
    const next = async () =>
      Object.fromEntries(
        (await store().pushQueues()).map(({ subscriber, nextAt }) => [subscriber, nextAt]),
      );
    expect(await next()).toEqual({});
    await submitEnded(store(), 't-1', { targets: LOUD });
    const due = async (to: Subscriber, now: number): Promise<string[]> =>
      (await store().duePushes(to, now, 9)).map(({ id }) => id);
    const [command, hook] = ['d-t-1.mpv5pc00.c.command', 'd-t-1.mpv5pc00.c.webhook_hook'] as const;
    expect(await next()).toEqual({ command: END, 'webhook:hook': END });
    expect(await due('command', END - 1)).toEqual([]);
    expect(await due('command', END)).toEqual([command]);
    expect(await due('webhook:hook', END)).toEqual([hook]);
    expect(await due('webhook:other', END)).toEqual([]);

    await store().settlePush(command, { kind: 'delivered', at: END + 1 });
    await store().settlePush(hook, { kind: 'retry', at: END + 1, nextAt: END + 5, error: 'no' });
    expect(await due('webhook:hook', END + 4)).toEqual([]);
    expect(await next()).toEqual({ 'webhook:hook': END + 5 });
    expect(await store().duePushes('webhook:hook', END + 5, 9)).toMatchObject([
      { id: hook, tries: 1, lastError: 'no', deliveredAt: null },
    ]);
    await store().settlePush(hook, { kind: 'dead', at: END + 6, error: 'never' });
    expect(await next()).toEqual({});
    expect(await store().dead(9)).toMatchObject([
      { id: hook, tries: 2, nextAt: null, deadAt: END + 6, lastError: 'never' },
    ]);
    expect(await store().dead(0)).toEqual([]);
    expect(await store().counts()).toMatchObject({ undelivered: 1, dead: 1 });
  });

  test('a push that succeeds at last has no error left', async () => {
    await submitEnded(store(), 't-1', { targets: { webhooks: ['hook'], onDone: false } });
    const id = 'd-t-1.mpv5pc00.c.webhook_hook';
    await store().settlePush(id, { kind: 'retry', at: END, nextAt: END + 5, error: 'no' });
    await store().settlePush(id, { kind: 'delivered', at: END + 5 });
    expect(await store().deliveries('t-1')).toContainEqual(
      expect.objectContaining({
        id,
        tries: 2,
        deliveredAt: END + 5,
        lastError: null,
        nextAt: null,
      }),
    );
  });

  test('what is settled is settled', async () => {
    await submitEnded(store(), 't-1', { targets: LOUD });
    await store().settlePush('d-t-1.mpv5pc00.c.command', { kind: 'delivered', at: END });
    const before = await store().deliveries('t-1');
    await store().settlePush('d-t-1.mpv5pc00.c.command', { kind: 'dead', at: END, error: 'no' });
    await store().settlePush('d-t-1.mpv5pc00.c', { kind: 'delivered', at: END });
    await store().settlePush('d-none', { kind: 'delivered', at: END });
    expect(await store().deliveries('t-1')).toEqual(before);
  });
}
