import type { Watch } from '../../domain/watch.ts';
import type { WatchStore } from '../../ports/watch-store.ts';
import { addDelivery, by, copy, type Records } from './records.ts';

export function watchVerbs(records: Records): WatchStore {
  const { watches, tasks } = records;
  const of = (taskId?: string): Watch[] =>
    [...watches.values()]
      .filter((watch) => taskId === undefined || watch.taskId === taskId)
      .sort(by(({ createdAt }) => createdAt));
  return {
    addWatch: async (watch, most) => {
      if (!tasks.has(watch.taskId)) return 'gone';
      if (of(watch.taskId).length >= most) return 'full';
      watches.set(watch.id, copy(watch));
      return 'added';
    },
    watches: async (taskId) => copy(of(taskId)),
    putWatch: async (watch, deliveries, over) => {
      if (!watches.has(watch.id)) return false;
      if (over) watches.delete(watch.id);
      else watches.set(watch.id, copy(watch));
      for (const delivery of deliveries) addDelivery(records, delivery);
      return true;
    },
    dropWatch: async (id) => watches.delete(id),
  };
}
