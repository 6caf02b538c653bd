import { expect, test } from 'vitest';
import { LIFECYCLE, type Event } from '../../src/domain/lifecycle.ts';
import { amend, apply, step, type Step, type Task } from '../../src/domain/task.ts';
import type { Store } from '../../src/ports/store.ts';
import {
  claim,
  exit,
  inState,
  NOON,
  QUIET,
  requeue,
  start,
  submitEnded,
  submitQueued,
  wholeLife,
} from './sample.ts';

export function commitRules(store: () => Store): void {
  const commit = (task: Step): Promise<Task | null> => store().commit([task], QUIET);

  test('a step leads to the task that apply shows', async () => {
    const queued = await submitQueued(store(), 't-1');
    const claiming = claim(queued);
    const claimed = await commit(claiming);
    expect(claimed).toEqual(apply(queued, claiming));
    expect(await store().get('t-1')).toEqual(claimed);
    expect(await store().attempts('t-1')).toEqual([claimed?.attempt]);
    expect(await store().endedAttempts('t-1')).toEqual([]);
  });

  test('of two commits of one version exactly one wins', async () => {
    const queued = await submitQueued(store(), 't-1');
    const cancelling = step(
      'cancel',
      queued,
      { state: 'cancelled', reason: 'user', attempt: null, endedAt: NOON + 1 },
      NOON + 1,
    );
    const results = await Promise.all([commit(claim(queued)), commit(cancelling)]);
    expect(results.map((task) => task?.state ?? null)).toEqual(['claimed', null]);
    expect((await store().history('t-1')).map(({ event }) => event)).toEqual(['submit', 'claim']);
    expect(await store().deliveries('t-1')).toEqual([]);
  });

  test('a step decided before an amendment is stale, though the state is the same', async () => {
    const queued = await submitQueued(store(), 't-1');
    const amended = await store().amend(amend(queued, { queuedAt: NOON + 1, attempt: null }));
    expect(await commit(claim(queued))).toBeNull();
    expect(await store().get('t-1')).toEqual(amended);
  });

  test('a step of a task that does not exist is stale', async () => {
    const queued = await submitQueued(store(), 't-1');
    expect(await commit({ ...claim(queued), id: 't-2' })).toBeNull();
  });

  test('a chain is one write: its history, its versions and its attempt', async () => {
    const queued = await submitQueued(store(), 't-1');
    const done = await store().commit(wholeLife(queued, 7), QUIET);
    expect(done).toMatchObject({ state: 'failed', reason: 'exit_code', version: 5 });
    expect(await store().history('t-1')).toMatchObject([
      { seq: 1, version: 1, event: 'submit', state: 'queued', reason: null },
      { seq: 2, version: 2, event: 'claim', state: 'claimed', reason: null },
      { seq: 3, version: 3, event: 'start', state: 'running', reason: null },
      { seq: 4, version: 4, event: 'exit', state: 'finishing', reason: null },
      { seq: 5, version: 5, event: 'fail', state: 'failed', reason: 'exit_code' },
    ]);
    expect(await store().endedAttempts('t-1')).toEqual([done?.attempt]);
  });

  test('a chain that breaks changes nothing, and nothing beside it', async () => {
    const queued = await submitQueued(store(), 't-1');
    const other = await submitQueued(store(), 't-2');
    const claiming = claim(queued);
    const results = await Promise.allSettled([
      store().commit([claiming, claiming], QUIET),
      commit(claim(other)),
    ]);
    expect(results).toMatchObject([
      { status: 'rejected', reason: expect.any(RangeError) },
      { status: 'fulfilled', value: { state: 'claimed' } },
    ]);
    expect(await store().get('t-1')).toEqual(queued);
    expect(await store().history('t-1')).toHaveLength(1);
    expect(await store().attempts('t-1')).toEqual([]);
  });

  test('an ended task stays as it is, whatever the event', async () => {
    const ended = await submitEnded(store(), 't-1');
    const next = { state: 'queued', queuedAt: NOON, attempt: null } as const;
    const { id, version } = ended;
    for (const event of Object.keys(LIFECYCLE) as Event[])
      expect(await commit({ id, version, event, at: NOON, next })).toBeNull();
    expect(await store().get('t-1')).toEqual(ended);
    expect(await store().lastSeq()).toBe(5);
  });

  test('an ended attempt is kept when the task is tried again', async () => {
    const claimed = inState(await commit(claim(await submitQueued(store(), 't-1'))), 'claimed');
    const running = inState(await commit(start(claimed)), 'running');
    const finishing = inState(await commit(exit(running, 1)), 'finishing');
    const waiting = inState(await commit(requeue(finishing, NOON + 50)), 'waiting');
    expect(waiting.attempt).toEqual(finishing.attempt);
    const next = { state: 'queued', queuedAt: NOON + 50, attempt: waiting.attempt } as const;
    const queued = inState(await commit(step('release', waiting, next, NOON + 50)), 'queued');
    const again = inState(await commit(claim(queued)), 'claimed');
    expect(again.attempt.number).toBe(2);
    expect(await store().attempts('t-1')).toEqual([finishing.attempt, again.attempt]);
    expect(await store().endedAttempts('t-1')).toEqual([finishing.attempt]);
  });

  test('a stop keeps its reason in the history', async () => {
    const claimed = inState(await commit(claim(await submitQueued(store(), 't-1'))), 'claimed');
    const stop = { reason: 'user', requestedAt: NOON, killAt: NOON + 5 } as const;
    const next = { state: 'stopping', attempt: claimed.attempt, stop } as const;
    await commit(step('requestStop', claimed, next, NOON));
    expect((await store().history('t-1')).at(-1)).toMatchObject({ reason: 'user' });
  });

  test('an amendment changes facts and version, not the history', async () => {
    const claimed = inState(await commit(claim(await submitQueued(store(), 't-1'))), 'claimed');
    const running = inState(await commit(start(claimed)), 'running');
    const moved = { ...running.attempt, deadlineAt: running.attempt.deadlineAt + 1000 };
    const amended = await store().amend(amend(running, { attempt: moved }));
    expect(amended).toEqual({ ...running, version: running.version + 1, attempt: moved });
    expect(await store().get('t-1')).toEqual(amended);
    expect(await store().attempts('t-1')).toEqual([moved]);
    expect(await store().nextDue()).toBe(moved.deadlineAt);
    expect(await store().history('t-1')).toHaveLength(3);
  });

  test('an amendment of an older version or of another state is stale', async () => {
    const queued = await submitQueued(store(), 't-1');
    const later = amend(queued, { queuedAt: NOON + 1, attempt: null });
    const claimed = inState(await commit(claim(queued)), 'claimed');
    expect(await store().amend(later)).toBeNull();
    expect(await store().amend({ ...later, version: claimed.version })).toBeNull();
    expect(await store().amend({ ...later, id: 't-2' })).toBeNull();
    expect(await store().get('t-1')).toEqual(claimed);
  });

  test('the change feed counts every step once, in order, and goes on after any number', async () => {
    expect(await store().lastSeq()).toBe(0);
    await submitEnded(store(), 't-1');
    await submitQueued(store(), 't-2');
    const all = await store().changes(0, 100);
    expect(all.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await store().changes(4, 1)).toEqual(all.slice(4, 5));
    expect(await store().changes(6, 100)).toEqual([]);
    expect(await store().lastSeq()).toBe(6);
  });
}
