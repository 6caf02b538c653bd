import { expect, test } from 'vitest';
import type { Dependency } from '../../src/domain/dependencies.ts';
import { step, type Task } from '../../src/domain/task.ts';
import type { Store } from '../../src/ports/store.ts';
import {
  candidates,
  claim,
  inState,
  NOON,
  QUIET,
  start,
  submit,
  submitEnded,
  submitQueued,
} from './sample.ts';

const ids = (tasks: readonly Task[]): string[] => tasks.map(({ id }) => id);
const after = (...tasks: string[]): Dependency[] =>
  tasks.map((task) => ({ task, when: 'success' }));

export function scheduleRules(store: () => Store): void {
  test('candidates come by priority, then by age, then as they came', async () => {
    await submit(store(), 't-late', { now: NOON + 2 });
    await submit(store(), 't-b', { now: NOON + 1 });
    await submit(store(), 't-a', { now: NOON + 1 });
    await submit(store(), 't-low', { spec: { priority: -1 } });
    await submit(store(), 't-high', { now: NOON + 9, spec: { priority: 5 } });
    await submit(store(), 't-waiting', { runAt: NOON + 5, spec: { priority: 9 } });
    const order = ['t-high', 't-b', 't-a', 't-late', 't-low'];
    expect(ids(await candidates(store(), 9, 0))).toEqual(order);
    expect(ids(await candidates(store(), 2, 0))).toEqual(order.slice(0, 2));
  });

  test('a claimed task is no candidate', async () => {
    const task = await submitQueued(store(), 't-1');
    await store().commit([claim(task)], QUIET);
    expect(await candidates(store(), 9, 0)).toEqual([]);
  });

  test('live tasks are those in the hands of the node', async () => {
    const first = await submitQueued(store(), 't-1');
    const elsewhere = await submitQueued(store(), 't-2', { node: 'there' });
    await submit(store(), 't-3');
    await submitEnded(store(), 't-4');
    const claimed = await store().commit([claim(first)], QUIET);
    await store().commit([claim(elsewhere)], QUIET);
    expect(await store().live('here')).toEqual([claimed]);
    expect(await store().live('nowhere')).toEqual([]);
  });

  test('due follows dueAt through the states', async () => {
    expect(await store().nextDue()).toBeNull();
    await submit(store(), 't-never');
    await submit(store(), 't-later', { runAt: NOON + 300 });
    const task = await submitQueued(store(), 't-1', { spec: { queueTimeout: 100 } });
    expect(await store().nextDue()).toBe(NOON + 100);
    expect(ids(await store().due(NOON + 99, 9))).toEqual([]);
    expect(ids(await store().due(NOON + 100, 9))).toEqual(['t-1']);
    expect(ids(await store().due(NOON + 300, 9))).toEqual(['t-1', 't-later']);
    expect(ids(await store().due(NOON + 300, 1))).toEqual(['t-1']);
    const claimed = inState(await store().commit([claim(task)], QUIET), 'claimed');
    await store().commit([start(claimed)], QUIET);
    expect(await store().nextDue()).toBe(NOON + 300);
    expect(ids(await store().due(NOON + 2 + 1_800_000, 9))).toEqual(['t-later', 't-1']);
  });

  test('an ended task is never due', async () => {
    await submitEnded(store(), 't-1', { spec: { queueTimeout: 100 } });
    expect(await store().nextDue()).toBeNull();
    expect(await store().due(NOON * 2, 9)).toEqual([]);
  });

  test('released are the waiting tasks that wait for nothing else, or in vain', async () => {
    const first = await submitEnded(store(), 't-1');
    const one = await submit(store(), 't-b', { spec: { after: after('t-1', 't-0') } });
    await submit(store(), 't-a', { spec: { after: after('t-1', 't-1') } });
    await submit(store(), 't-c', { spec: { after: after('t-2') } });
    await submitQueued(store(), 't-open');
    await submit(store(), 't-d', { spec: { after: after('t-open', 't-1') } });
    const either = [...after('t-1'), { task: 't-1', when: 'failure' as const }];
    await submit(store(), 't-e', { spec: { after: [...either, ...after('t-open')] } });
    expect(await store().released('t-1', [])).toEqual(['t-a', 't-b']);
    expect(await store().released('t-1', ['failure'])).toEqual(['t-a', 't-b', 't-e']);
    expect(await store().released('t-1', ['success'])).toEqual(['t-a', 't-b', 't-d', 't-e']);
    const waiting = inState(one, 'waiting');
    const next = { state: 'queued', queuedAt: NOON, attempt: null } as const;
    await store().commit([step('release', waiting, next, NOON)], QUIET);
    expect(await store().released(first.id, [])).toEqual(['t-a']);
    expect(await store().released('t-0', [])).toEqual([]);
  });

  test('children are counted, and a retry stands in the place of what failed', async () => {
    const child = (id: string, retryOf: string | null = null) => ({
      id,
      spec: { parent: 't-1', retryOf },
    });
    const count = () => store().children('t-1');
    await submitQueued(store(), 't-1');
    expect(await count()).toEqual({ open: 0, failed: 0, endedAt: null });
    await submit(store(), 't-2', child('t-2'));
    const done = await submitEnded(store(), 't-3', child('t-3'));
    await submit(store(), 't-4', { spec: { parent: 't-2' } });
    const endedAt = inState(done, 'completed').endedAt;
    expect(await count()).toEqual({ open: 1, failed: 0, endedAt });
    const bad = { ...child('t-5'), now: NOON + 50, code: 1 };
    const failed = await submitEnded(store(), 't-5', bad);
    const last = inState(failed, 'failed').endedAt;
    expect(await count()).toEqual({ open: 1, failed: 1, endedAt: last });
    await submitEnded(store(), 't-6', { code: 1, spec: { retryOf: 't-5' } });
    expect(await count()).toMatchObject({ open: 1, failed: 1 });
    const again = await submitQueued(store(), 't-7', child('t-7', 't-5'));
    expect(await count()).toEqual({ open: 2, failed: 0, endedAt: last });
    const cancel = { state: 'cancelled', reason: 'user', attempt: null, endedAt: NOON } as const;
    await store().commit([step('cancel', again, cancel, NOON)], QUIET);
    expect(await count()).toEqual({ open: 1, failed: 1, endedAt: last });
    await submitEnded(store(), 't-8', child('t-8', 't-5'));
    expect(await count()).toMatchObject({ open: 1, failed: 0 });
  });

  test('releasable are those that depend on an ended or a missing task', async () => {
    await submit(store(), 't-open');
    await submitEnded(store(), 't-ended', { code: 1 });
    await submit(store(), 't-1', { spec: { after: after('t-open') } });
    await submit(store(), 't-2', { now: NOON + 1, spec: { after: after('t-open', 't-ended') } });
    await submit(store(), 't-3', { spec: { after: after('t-gone') } });
    await submit(store(), 't-4', { runAt: NOON + 9 });
    expect(ids(await store().releasable(9))).toEqual(['t-3', 't-2']);
    expect(ids(await store().releasable(1))).toEqual(['t-3']);
  });

  test('states tells of those that exist', async () => {
    await submit(store(), 't-1');
    await submitEnded(store(), 't-2');
    expect(await store().states(['t-2', 't-0', 't-1', 't-2'])).toEqual(
      new Map([
        ['t-2', 'completed'],
        ['t-1', 'queued'],
      ]),
    );
    expect(await store().states([])).toEqual(new Map());
  });

  test('counts tells how many there are in each state', async () => {
    expect(await store().counts()).toEqual({ byState: {}, undelivered: 0, dead: 0 });
    await submitQueued(store(), 't-1');
    await submitQueued(store(), 't-2');
    await submitEnded(store(), 't-3');
    const byState = { queued: 2, completed: 1 };
    expect(await store().counts()).toEqual({ byState, undelivered: 1, dead: 0 });
  });

  test('settings are kept until they are forgotten', async () => {
    expect(await store().setting('paused')).toBeNull();
    await store().setSetting('paused', '');
    await store().setSetting('other', 'x');
    expect(await store().setting('paused')).toBe('');
    await store().setSetting('paused', 'yes');
    expect(await store().setting('paused')).toBe('yes');
    await store().setSetting('paused', null);
    expect(await store().setting('paused')).toBeNull();
    expect(await store().setting('other')).toBe('x');
  });
}
