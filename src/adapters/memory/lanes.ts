import { laneFrom, laneKey, laneOf } from '../../domain/lane.ts';
import type { TaskIn } from '../../domain/task.ts';
import type { Store } from '../../ports/store.ts';
import type { Records } from './records.ts';

export function laneVerbs({ tasks }: Records): Pick<Store, 'lanes' | 'waiting' | 'ahead'> {
  const queued = (): TaskIn<'queued'>[] =>
    [...tasks.values()].filter((task) => task.state === 'queued');
  const inLane = (key: string): TaskIn<'queued'>[] =>
    queued()
      .filter(({ spec }) => laneKey(laneOf(spec)) === key)
      // Of equals the one that came first: sorting is stable, and a map keeps the order of insertion.
      .sort((a, b) => a.queuedAt - b.queuedAt);
  return {
    lanes: async () =>
      [...new Set(queued().map(({ spec }) => laneKey(laneOf(spec))))].sort().map(laneFrom),
    waiting: async (lane, limit) =>
      inLane(laneKey(lane))
        .slice(0, limit)
        .map(({ id, queuedAt }) => ({ id, queuedAt })),
    ahead: async (lane, queuedAt) =>
      inLane(laneKey(lane)).filter((task) => task.queuedAt < queuedAt).length,
  };
}
