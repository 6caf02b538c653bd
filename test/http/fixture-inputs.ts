import { systemChance } from '../../src/adapters/process/system-chance.ts';
import { TendError } from '../../src/domain/errors.ts';
import { watchId } from '../../src/domain/ids.ts';
import { type Input, inputRefusal } from '../../src/domain/input.ts';
import type { Task } from '../../src/domain/task.ts';
import { MOST_WATCHES } from '../../src/domain/watch.ts';
import type { InputVerbs, WatchVerbs } from '../../src/engine/facade.ts';
import type { WatchStore } from '../../src/ports/watch-store.ts';

type Find = (id: string) => Promise<Task>;

/** Whatever is sent is written at once. */
export const fixtureInputs = (find: Find): InputVerbs => ({
  send: async (id, { data, end }) => {
    const task = await find(id);
    const refusal = inputRefusal(task);
    if (refusal !== null) throw refusal;
    const input: Input = {
      number: 1,
      at: 0,
      bytes: data.byteLength,
      end,
      state: 'written',
      writtenAt: 0,
    };
    return { task, attempt: 1, input };
  },
  of: async () => [],
});

/** Watches are kept, and find nothing. */
export const fixtureWatches = (store: WatchStore, find: Find): WatchVerbs => ({
  add: async (id, { fromStart: _fromStart, ...asked }) => {
    const { id: taskId, spec } = await find(id);
    const watch = {
      ...asked,
      id: watchId(systemChance.bytes(8)),
      taskId,
      owner: spec.owner,
      createdAt: 0,
      attempt: 0,
      places: {},
      matches: 0,
      hushUntil: 0,
      held: null,
    };
    await store.addWatch(watch, MOST_WATCHES);
    return watch;
  },
  list: async (id) => store.watches(id === null ? undefined : (await find(id)).id),
  remove: async (id) => {
    const watch = (await store.watches()).find((one) => one.id === id);
    if (watch === undefined) throw new TendError('not_found', `no watch ${id}`, 'See: watches');
    await store.dropWatch(id);
    return watch;
  },
});
