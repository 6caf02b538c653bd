import { accountsOf, type Hold } from './holds.ts';
import type { QueueReason } from './lifecycle.ts';
import type { Task, TaskId, TaskIn } from './task.ts';

/** What the node can take on now. */
export interface Capacity {
  /** Most tasks that may hold a slot at a time, 1..256. */
  slots: number;
  /** Tasks that hold one. */
  held: number;
  /** Free space is below the floor: nothing new may start. */
  diskLow: boolean;
  paused: boolean;
  /** Of accounts that may not be used now. */
  holds?: readonly Hold[];
}

/** Why nothing more is claimed now, or null when something could be. */
export function closedBecause(capacity: Capacity): QueueReason | null {
  if (capacity.paused) return 'paused';
  if (capacity.diskLow) return 'disk';
  return capacity.held >= capacity.slots ? 'slots' : null;
}

/** How many queued tasks may be claimed now. */
export const openings = (capacity: Capacity): number =>
  closedBecause(capacity) === null ? capacity.slots - capacity.held : 0;

/** Which of the candidates (best first) are claimed now. */
export function admit(candidates: readonly TaskIn<'queued'>[], capacity: Capacity): TaskId[] {
  return candidates.slice(0, openings(capacity)).map((task) => task.id);
}

/** Why a task is still queued; null for every other state. */
export function queueReason(task: Task, capacity: Capacity): QueueReason | null {
  if (task.state !== 'queued') return null;
  if (holdOf(task, capacity) !== null) return 'held';
  return closedBecause(capacity) ?? 'slots';
}

/** The hold that a queued task waits for; null = none. */
export function holdOf(task: Task, { holds = [] }: Capacity): Hold | null {
  const { work } = task.spec;
  if (task.state !== 'queued' || work.kind !== 'agent') return null;
  const accounts: readonly string[] = accountsOf(work.account);
  return holds.find((hold) => accounts.includes(hold.account)) ?? null;
}
