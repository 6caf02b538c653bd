import { expect, test } from 'vitest';
import type { CheckOf } from '../../src/domain/checks.ts';
import type { Store } from '../../src/ports/store.ts';
import { NOON, QUIET, submit, submitEnded, submitQueued, wholeLife } from './sample.ts';

const check = (of: string, nth = 1): CheckOf => ({
  of,
  attempt: 1,
  what: 'verify',
  nth,
  commit: 'c0ffee',
});

/** Tasks that check the work of another one are found through it alone. */
export function checksRules(store: () => Store): void {
  const ids = (tasks: readonly { id: string }[]): string[] => tasks.map(({ id }) => id);
  const settle = async (id: string): Promise<unknown> =>
    store().ack('cli:1000', ids(await store().deliveries(id)), NOON + 10);

  test('the checks of a task are told apart from those of others, oldest first', async () => {
    await submit(store(), 't-1');
    await submit(store(), 'c-2', { now: NOON + 2, spec: { check: check('t-1', 2) } });
    await submit(store(), 'c-1', { now: NOON + 1, spec: { check: check('t-1') } });
    await submit(store(), 'c-3', { spec: { check: check('t-2') } });
    const found = await store().checksOf('t-1');
    expect(ids(found)).toEqual(['c-1', 'c-2']);
    expect(found[1]).toEqual(await store().get('c-2'));
    expect(await store().checksOf('t-3')).toEqual([]);
  });

  test('no list shows them, but the one of their task', async () => {
    const spec = { owner: 'me', group: 'g-1', check: check('t-1') };
    await submit(store(), 't-1', { spec: { owner: 'me', group: 'g-1' } });
    await submit(store(), 'c-1', { now: NOON + 1, spec });
    await submitEnded(store(), 'c-2', { now: NOON + 2, spec });
    const list = async (query = {}): Promise<string[]> =>
      ids((await store().list({ limit: 9, ...query })).tasks);
    for (const query of [
      {},
      { owner: 'me' },
      { group: 'g-1' },
      { group: 'g-1', owner: 'me' },
      { states: ['queued', 'completed'] },
      { owner: 'me', states: ['queued', 'completed'] },
      { text: 'make' },
    ])
      expect(await list(query)).toEqual(['t-1']);
    expect(await list({ checksOf: 't-1' })).toEqual(['c-2', 'c-1']);
    expect(await list({ checksOf: 't-1', states: ['queued'] })).toEqual(['c-1']);
    expect(await list({ checksOf: 't-1', text: 'C-2' })).toEqual(['c-2']);
    expect(await list({ checksOf: 't-2' })).toEqual([]);
  });

  test('they are counted nowhere, and run like any other task', async () => {
    await submit(store(), 't-1');
    const queued = await submitQueued(store(), 'c-1', { spec: { check: check('t-1') } });
    expect((await store().counts()).byState).toEqual({ queued: 1 });
    expect(await store().lanes()).not.toEqual([]);
    expect((await store().states(['c-1'])).get('c-1')).toBe('queued');
    const [claim, start] = wholeLife(queued);
    await store().commit(start === undefined ? [claim] : [claim, start], QUIET);
    expect(ids(await store().live('here'))).toEqual(['c-1']);
    expect((await store().counts()).byState).toEqual({ queued: 1 });
  });

  test('the beginning of an id means one only where it means no other task', async () => {
    await submit(store(), 't-ab');
    await submit(store(), 't-ac', { spec: { check: check('t-ab') } });
    await submit(store(), 't-ad', { spec: { check: check('t-ab') } });
    expect(await store().resolve('t-a', 9)).toEqual(['t-ab']);
    expect(await store().resolve('t-ac', 9)).toEqual(['t-ac']);
    expect(await store().resolve('t-ad', 9)).toEqual(['t-ad']);
    await submit(store(), 'x-1', { spec: { check: check('t-ab') } });
    expect(await store().resolve('x', 9)).toEqual(['x-1']);
  });

  test('a task goes with its checks, and not before they have ended', async () => {
    await submitEnded(store(), 't-1');
    await settle('t-1');
    const open = await submitQueued(store(), 'c-1', { spec: { check: check('t-1'), key: 'k' } });
    await submitEnded(store(), 'c-2', { spec: { check: check('t-2') } });
    await settle('c-2');
    expect(ids(await store().removable(NOON * 2, 9))).toEqual(['c-2']);
    expect(await store().remove('t-1')).toBe(false);
    await store().commit(wholeLife(open), QUIET);
    await settle('c-1');
    expect(ids(await store().removable(NOON * 2, 9))).toEqual(['c-2', 't-1']);
    expect(await store().remove('c-1')).toBe(false);
    expect(await store().remove('t-1')).toBe(true);
    expect(await store().get('c-1')).toBeNull();
    expect(await store().keyed(['k'])).toEqual(new Map());
    expect(await store().history('c-1')).toEqual([]);
    expect(await store().uncleared()).toEqual(['c-1', 't-1']);
    // Whose task is gone already: nothing else would ever take it along.
    expect(await store().remove('c-2')).toBe(true);
  });

  test('their end is told to nobody', async () => {
    await submit(store(), 't-1');
    const loud = { webhooks: ['w'], onDone: true };
    await submitEnded(store(), 'c-1', { code: 1, targets: loud, spec: { check: check('t-1') } });
    expect(await store().deliveries('c-1')).toEqual([]);
  });
}
