import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openMemory } from '../../src/adapters/memory/store.ts';
import { step, type Task } from '../../src/domain/task.ts';
import { Queue } from '../../src/engine/queue.ts';
import { claim, inState, NOON, QUIET, spec } from '../conformance/sample.ts';

type Store = ReturnType<typeof openMemory>;

const submit = async (store: Store, owner: string, at: number): Promise<Task> =>
  (
    await store.submit({
      id: null,
      freshId: `t-${Math.round(at)}`,
      spec: spec({ owner }),
      contentHash: '',
      runAt: null,
      now: at,
      node: 'here',
    })
  ).task;

/** The first of each lane as the store has them. */
const truth = async (store: Store): Promise<string[]> => {
  const firsts = await Promise.all(
    (await store.lanes()).map(async (lane) => (await store.waiting(lane, 1))[0]?.id),
  );
  return firsts.filter((id) => id !== undefined).sort();
};

const heads = async (queue: Queue): Promise<string[]> =>
  (await queue.heads(1)).map(({ id }) => id).sort();

const act = fc.record({
  owner: fc.constantFrom('a', 'b', 'c'),
  /** A clock that was set back queues a task before those that wait already. */
  at: fc.integer({ min: 0, max: 500 }),
  /** Which of the queued tasks is claimed; null = one is submitted. */
  claims: fc.option(fc.nat()),
  looks: fc.boolean(),
  restarts: fc.boolean(),
});

test('knows the first of each lane, whatever comes, goes and is forgotten', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 60, maxLength: 120 }), async (acts) => {
      const store = openMemory();
      let queue = new Queue(store);
      for (const [nth, { owner, at, claims, looks, restarts }] of acts.entries()) {
        const queued = (await store.list({ states: ['queued'], limit: 999 })).tasks;
        const chosen = claims === null ? undefined : queued[claims % Math.max(queued.length, 1)];
        if (chosen === undefined) queue.saw(await submit(store, owner, NOON + at + nth / 1_000));
        else {
          const claimed = await store.commit([claim(inState(chosen, 'queued'))], QUIET);
          if (claimed !== null) queue.saw(claimed);
        }
        if (restarts) {
          queue = new Queue(store);
          await queue.load();
        }
        if (looks) expect(await heads(queue)).toEqual(await truth(store));
      }
      expect(await heads(queue)).toEqual(await truth(store));
    }),
    { numRuns: 60 },
  );
});

test('a task that is queued while the store is asked is not overlooked', async () => {
  const store = openMemory();
  const first = await submit(store, 'a', NOON + 1);
  let second: Task | null = null;
  const queue: Queue = new Queue({
    lanes: () => store.lanes(),
    waiting: async (lane, limit) => {
      const found = await store.waiting(lane, limit);
      second = await submit(store, 'a', NOON + 2);
      queue.saw(second);
      return found;
    },
  });
  queue.saw(first);
  expect((await queue.heads(9)).map(({ id }) => id)).toContain(first.id);
  const claimed = await store.commit([claim(inState(first, 'queued'))], QUIET);
  if (claimed !== null) queue.saw(claimed);
  expect((await queue.heads(9)).map(({ id }) => id)).toContain(second?.['id']);
});

test('several may ask at once, and the lane is not forgotten for it', async () => {
  const store = openMemory();
  const queue = new Queue(store);
  const task = await submit(store, 'a', NOON);
  queue.saw(task);
  const found = await Promise.all([queue.heads(1), queue.heads(1), queue.heads(1)]);
  expect(found.map((heads) => heads.map(({ id }) => id))).toEqual([
    [task.id],
    [task.id],
    [task.id],
  ]);
  expect(await heads(queue)).toEqual([task.id]);
});

test('a lane that the store could not tell of is asked for again', async () => {
  const store = openMemory();
  const task = await submit(store, 'a', NOON);
  let fails = true;
  const queue = new Queue({
    lanes: () => store.lanes(),
    waiting: (lane, limit) =>
      fails ? Promise.reject(new Error('busy')) : store.waiting(lane, limit),
  });
  queue.saw(task);
  await expect(queue.heads(1)).rejects.toThrow('busy');
  fails = false;
  expect(await queue.heads(1)).toMatchObject([{ id: task.id }]);
});

test('a requeued task takes its new place', async () => {
  const store = openMemory();
  const queue = new Queue(store);
  const task = await submit(store, 'a', NOON);
  queue.saw(task);
  expect(await heads(queue)).toEqual([task.id]);
  const claimed = inState(await store.commit([claim(inState(task, 'queued'))], QUIET), 'claimed');
  queue.saw(claimed);
  const other = await submit(store, 'a', NOON + 5);
  queue.saw(other);
  const back = await store.commit(
    [step('unclaim', claimed, { state: 'queued', queuedAt: NOON + 9, attempt: null }, NOON + 9)],
    QUIET,
  );
  if (back !== null) queue.saw(back);
  expect((await queue.heads(9)).map(({ id }) => id)).toEqual([other.id, task.id]);
});

test('a task that nobody told of is found when nothing else waits', async () => {
  const store = openMemory();
  const queue = new Queue(store);
  expect(await heads(queue)).toEqual([]);
  const { id } = await submit(store, 'a', NOON);
  expect(await heads(queue)).toEqual([id]);
});
