import type { StoredAgentChange } from '../../domain/agent-change.ts';
import type { Attempt } from '../../domain/attempt.ts';
import type { Delivery, DeliveryStatus, Subscriber } from '../../domain/delivery.ts';
import type { Expense } from '../../domain/expense.ts';
import type { Group, GroupFinding } from '../../domain/group.ts';
import { isTerminal } from '../../domain/lifecycle.ts';
import type { Hold } from '../../domain/holds.ts';
import type { Memory } from '../../domain/memory.ts';
import { isMergeOpen, type Merge } from '../../domain/merge.ts';
import type { Schedule } from '../../domain/schedule.ts';
import type { Task, TaskId } from '../../domain/task.ts';
import type { Receiver } from '../../ports/notice-store.ts';
import type { Watch } from '../../domain/watch.ts';
import type { Change } from '../../ports/store.ts';

/** Everything that is stored; what goes in or out is a copy, so that no caller can change it. */
export interface Records {
  tasks: Map<TaskId, Task>;
  /** By idempotency key. */
  keys: Map<string, { id: TaskId; contentHash: string }>;
  attempts: Map<TaskId, Map<number, Attempt>>;
  history: Change[];
  lastSeq: number;
  deliveries: Map<string, DeliveryStatus>;
  /** By subscriber: what is known of those that were pushed to. */
  receivers: Map<
    Subscriber,
    Pick<Receiver, 'deliveredAt' | 'failedAt' | 'lastError'> & { sent: number[] }
  >;
  /** Ids of removed tasks whose files may still be there. */
  uncleared: Set<TaskId>;
  settings: Map<string, string>;
  /** By account. */
  holds: Map<string, Hold>;
  /** By task and attempt; they outlive their task. */
  expenses: Map<string, Expense>;
  agentChanges: StoredAgentChange[];
  schedules: Map<string, Schedule>;
  /** By their number. */
  merges: Map<number, Merge>;
  watches: Map<string, Watch>;
  lastMerge: number;
  /** By name. */
  groups: Map<string, Group>;
  /** By their number. */
  findings: Map<number, GroupFinding>;
  lastFinding: number;
  memories: Map<string, Memory>;
}

export const newRecords = (): Records => ({
  tasks: new Map(),
  keys: new Map(),
  attempts: new Map(),
  history: [],
  lastSeq: 0,
  uncleared: new Set(),
  deliveries: new Map(),
  receivers: new Map(),
  settings: new Map(),
  holds: new Map(),
  expenses: new Map(),
  agentChanges: [],
  schedules: new Map(),
  merges: new Map(),
  watches: new Map(),
  lastMerge: 0,
  groups: new Map(),
  findings: new Map(),
  lastFinding: 0,
  memories: new Map(),
});

export const copy = structuredClone;

/** Adds a delivery that nobody was told of yet; false when its id is known. */
export function addDelivery({ deliveries }: Records, delivery: Delivery): boolean {
  if (deliveries.has(delivery.id)) return false;
  const nextAt = delivery.subscriber.startsWith('owner:') ? null : delivery.createdAt;
  const untold = { tries: 0, deliveredAt: null, ackedAt: null, deadAt: null, lastError: null };
  deliveries.set(delivery.id, { ...copy(delivery), ...untold, nextAt });
  return true;
}

/** An ended task is protected by an undelivered delivery, and by a parent, a dependent task, a check or a merge that is not over. */
export function isProtected({ tasks, deliveries, merges }: Records, { id, spec }: Task): boolean {
  const parent = tasks.get(spec.parent ?? '');
  const dependsOnIt = (other: Task): boolean =>
    !isTerminal(other.state) && other.spec.after.some(({ task }) => task === id);
  return (
    [...deliveries.values()].some((one) => one.taskId === id && one.deliveredAt === null) ||
    [...tasks.values()].some(dependsOnIt) ||
    (parent !== undefined && !isTerminal(parent.state)) ||
    checksOf(tasks, id).some(({ state }) => !isTerminal(state)) ||
    [...merges.values()].some((merge) => merge.taskId === id && isMergeOpen(merge)) ||
    tasks.has(spec.check?.of ?? '')
  );
}

/** The tasks that check the work of this one. */
export const checksOf = (tasks: Records['tasks'], id: TaskId): Task[] =>
  [...tasks.values()].filter(({ spec }) => spec.check?.of === id);

const compare = (a: number | string, b: number | string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Sorts by the first number that differs, then by id. */
export const by =
  <T extends { id: string }>(...keys: ((item: T) => number)[]) =>
  (a: T, b: T): number =>
    keys.map((key) => compare(key(a), key(b))).find((order) => order !== 0) ?? compare(a.id, b.id);
