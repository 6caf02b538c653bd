import { expect, test } from 'vitest';
import { STATES } from '../../src/domain/lifecycle.ts';
import type { Store, TaskQuery } from '../../src/ports/store.ts';
import { NOON, submit, submitEnded } from './sample.ts';

export function listingRules(store: () => Store): void {
  const ids = async (query: Partial<TaskQuery> = {}): Promise<string[]> =>
    (await store().list({ limit: 99, ...query })).tasks.map(({ id }) => id);

  /** The pages of one listing, with `between` done after each. */
  async function pages(query: TaskQuery, between: (page: number) => Promise<unknown>) {
    const found: string[][] = [];
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const page = await store().list({ ...query, ...(cursor !== undefined && { cursor }) });
      found.push(page.tasks.map(({ id }) => id));
      cursor = page.nextCursor;
      await between(found.length);
    }
    return found;
  }

  test('the newest come first', async () => {
    await submit(store(), 't-1', { now: NOON + 1 });
    await submit(store(), 't-b', { now: NOON + 2 });
    await submit(store(), 't-a', { now: NOON + 2 });
    const task = await submit(store(), 't-0', { now: NOON + 3 });
    expect(await ids()).toEqual(['t-0', 't-b', 't-a', 't-1']);
    expect(await store().list({ limit: 1, text: 't-0' })).toEqual({
      tasks: [task],
      nextCursor: null,
    });
  });

  test('every filter narrows, alone and with the others', async () => {
    const mine = { owner: 'me', group: 'g-1', parent: 't-0' };
    await submitEnded(store(), 't-1', { now: NOON + 1, spec: mine });
    await submit(store(), 't-2', { now: NOON + 2, spec: { ...mine, group: null } });
    await submit(store(), 't-3', { now: NOON + 3, spec: { ...mine, owner: 'you' } });
    await submit(store(), 't-4', { now: NOON + 4, spec: { owner: 'me', title: 'Über alles' } });
    expect(await ids({ states: ['queued'] })).toEqual(['t-4', 't-3', 't-2']);
    expect(await ids({ states: ['queued', 'completed', 'queued'] })).toHaveLength(4);
    expect(await ids({ states: [] })).toEqual([]);
    expect(await ids({ owner: 'me' })).toEqual(['t-4', 't-2', 't-1']);
    expect(await ids({ group: 'g-1' })).toEqual(['t-3', 't-1']);
    expect(await ids({ parent: 't-0' })).toEqual(['t-3', 't-2', 't-1']);
    expect(await ids({ parent: 't-0', owner: 'me', states: ['queued'] })).toEqual(['t-2']);
    expect(await ids({ group: 'g-1', owner: 'me' })).toEqual(['t-1']);
    expect(await ids({ group: 'g-1', states: STATES })).toEqual(['t-3', 't-1']);
    expect(await ids({ text: 'ÜBER' })).toEqual(['t-4']);
    expect(await ids({ text: 'T-' })).toHaveLength(4);
    expect(await ids({ text: 't-3', owner: 'me' })).toEqual([]);
    expect(await ids({ text: '%' })).toEqual([]);
  });

  test.each<Partial<TaskQuery>>([
    {},
    { owner: 'cli:1000' },
    { states: ['queued', 'completed'] },
    { text: 'make' },
  ])('paging by %j shows each task once while others are submitted', async (query) => {
    const old = Array.from({ length: 10 }, (_, at) => `t-${at}`);
    for (const [at, id] of old.entries())
      await (at % 2 ? submit : submitEnded)(store(), id, { now: NOON + Math.floor(at / 3) });
    const submitNewer = (page: number): Promise<unknown> =>
      submit(store(), `t-newer-${page}`, { now: NOON + 100 });
    const found = await pages({ ...query, limit: 3 }, submitNewer);
    expect(found.map((page) => page.length)).toEqual([3, 3, 3, 1]);
    expect(found.flat()).toEqual(old.toReversed());
  });

  test('a page that holds everything has no next', async () => {
    await submit(store(), 't-1');
    expect(await store().list({ limit: 1 })).toMatchObject({ nextCursor: null });
    await submit(store(), 't-2');
    expect(await store().list({ limit: 1 })).toMatchObject({ nextCursor: expect.any(String) });
  });

  test.each(['', 'x', '1', '1.', 'x.t-1'])('the cursor %j leads nowhere', async (cursor) => {
    await expect(store().list({ limit: 1, cursor })).rejects.toMatchObject({
      code: 'invalid_input',
    });
  });

  test('a prefix resolves to the ids that begin with it, an exact id alone', async () => {
    for (const id of ['t-b2', 't-b', 't-b1', 't-c', 'T-b']) await submit(store(), id);
    expect(await store().resolve('t-b', 9)).toEqual(['t-b']);
    expect(await store().resolve('t-', 9)).toEqual(['t-b', 't-b1', 't-b2', 't-c']);
    expect(await store().resolve('t-', 2)).toEqual(['t-b', 't-b1']);
    expect(await store().resolve('', 1)).toEqual(['T-b']);
    expect(await store().resolve('t-%', 9)).toEqual([]);
    expect(await store().resolve('é', 9)).toEqual([]);
  });

  test('nothing is known of a task that does not exist', async () => {
    expect(await store().get('t-0')).toBeNull();
    expect(await store().history('t-0')).toEqual([]);
    expect(await store().attempts('t-0')).toEqual([]);
    expect(await store().deliveries('t-0')).toEqual([]);
    expect(await store().released('t-0', [])).toEqual([]);
  });
}
