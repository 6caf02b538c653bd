/** Dependencies in numbers: what waits is released or skipped at once, however much of it there is. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Dependency, DependencyCondition } from '../../src/domain/dependencies.ts';
import { isEnded, type TaskId } from '../../src/domain/task.ts';
import { type Ground, openGround } from './ground.ts';

const MANY = 1_000;

let ground: Ground;
beforeEach(async () => {
  ground = await openGround();
  // Nothing starts by itself: what ends is stopped.
  ground.settings.floor = Infinity;
  await ground.node.doctor();
});
afterEach(async () => {
  await ground.close();
  expect(ground.faults).toEqual([]);
});

const on = (ids: readonly TaskId[], when: DependencyCondition = 'success'): Dependency[] =>
  ids.map((task) => ({ task, when }));
const submit = async (after: Dependency[] = []): Promise<TaskId> =>
  (await ground.submit('true', { after })).id;
const many = (after: Dependency[] = []): Promise<TaskId[]> =>
  Promise.all(Array.from({ length: MANY }, () => submit(after)));
const state = async (id: TaskId): Promise<string> => (await ground.node.find(id)).state;

test('a chain is skipped to its end', async () => {
  const first = await submit();
  let last = first;
  for (let nth = 0; nth < MANY; nth += 1) last = await submit(on([last]));
  await ground.stop(first);
  const [end] = await ground.settled(last);
  expect(end).toMatchObject({ state: 'skipped', reason: 'dependency_failed', attempt: null });
  expect((await ground.node.counts()).byState).toEqual({ cancelled: 1, skipped: MANY });
});

test('one that waits for many is released by the last of them', async () => {
  const ids = await many();
  const last = await submit(on(ids, 'always'));
  const [one = '', ...others] = ids;
  for (const id of others) await ground.stop(id);
  expect(await state(last)).toBe('waiting');
  await ground.stop(one);
  await ground.reaches(last, 'queued');
});

test('one that waits for many is skipped by the first that makes it impossible', async () => {
  const ids = await many();
  const last = await submit(on(ids));
  await ground.stop(ids[MANY / 2] ?? '');
  await ground.settled(last);
  expect(await state(last)).toBe('skipped');
});

test('many that wait for one are released together', async () => {
  const one = await submit();
  await many(on([one], 'always'));
  await ground.stop(one);
  const isReleased = async (): Promise<boolean> =>
    (await ground.node.counts()).byState.queued === MANY;
  for await (const _ of ground.node.changes(0, null, AbortSignal.timeout(20_000)))
    if (await isReleased()) break;
  expect(await isReleased()).toBe(true);
});

const AS_IT_WAS = { feedback: null, agent: null, environment: null };

test('a retry of what was skipped waits for nothing', async () => {
  const first = await submit();
  const skipped = await submit(on([first]));
  await ground.stop(first);
  const [ended] = await ground.settled(skipped);
  if (ended === undefined || !isEnded(ended)) throw new Error('not ended');
  expect(ended.state).toBe('skipped');
  const { task } = await ground.node.retry(ended, AS_IT_WAS);
  expect(task).toMatchObject({ state: 'queued', spec: { after: [], retryOf: skipped } });
});
