import type { DeliveryKind } from '../domain/delivery.ts';
import { isEnded, type Task, type TaskId } from '../domain/task.ts';
import type { Store } from '../ports/store.ts';
import type { Engine } from './facade.ts';
import { type Feed, until } from './feed.ts';
import type { Tasks } from './tasks.ts';

export interface Until {
  any: boolean;
  /** Ms; null = however long. */
  timeout: number | null;
  signal: AbortSignal;
}

/** Resolves when all (or any) have ended, with the tasks as they are then; also on time-out and abort. */
export async function settled(
  tasks: Tasks,
  feed: Feed,
  ids: readonly TaskId[],
  { any, timeout, signal }: Until,
): Promise<{ tasks: Task[]; timedOut: boolean }> {
  const open = new Set(ids);
  const distinct = open.size;
  const over = (): boolean => (any ? open.size < distinct : open.size === 0);
  let looked = false;
  const check = async (): Promise<boolean> => {
    if (!looked)
      for (const id of open) {
        const task = await tasks.get(id);
        if (task === null || isEnded(task)) open.delete(id);
      }
    looked = true;
    return over();
  };
  const ends = (task: Task): boolean => isEnded(task) && open.delete(task.id);
  const done = await until(feed, ends, check, timeout, signal);
  const found = await Promise.all(ids.map((id) => tasks.get(id)));
  return { tasks: found.filter((task) => task !== null), timedOut: !done };
}

export interface InboxWait {
  owner: string;
  limit: number;
  /** Ms. */
  wait: number;
  /** Only these; none = all. */
  kinds?: readonly DeliveryKind[];
}

/** As many deliveries of an owner as are looked at for those of some kinds. */
const MOST_LOOKED_AT = 1_000;

/** Unacknowledged deliveries; waits for the first one. */
export async function inbox(
  store: Store,
  tasks: Tasks,
  feed: Feed,
  { owner, limit, wait, kinds = [] }: InboxWait,
  signal: AbortSignal,
): ReturnType<Engine['inbox']> {
  const look = async () => {
    if (kinds.length === 0) return store.inbox({ owner, limit });
    const all = await store.inbox({ owner, limit: MOST_LOOKED_AT });
    return all.filter(({ kind }) => kinds.includes(kind)).slice(0, limit);
  };
  let found = await look();
  if (found.length === 0 && wait > 0) {
    const check = async () => (found = await look()).length > 0;
    await until(feed, (task) => task.spec.owner === owner, check, wait, signal);
  }
  const all = await Promise.all(
    found.map(async (delivery) => ({ delivery, task: await tasks.get(delivery.taskId) })),
  );
  return all.flatMap(({ delivery, task }) => (task === null ? [] : [{ delivery, task }]));
}
