import type { EndedAttempt } from '../domain/attempt.ts';
import type { Delivery, DeliveryStatus, PushTargets, Subscriber } from '../domain/delivery.ts';
import type { Event, Reason, State } from '../domain/lifecycle.ts';
import type { Hold } from '../domain/holds.ts';
import type { Amendment, Step, Task, TaskId, TaskIn, TaskSpec } from '../domain/task.ts';
import type { Live } from '../domain/lifecycle.ts';

/** A task to be stored; `id` was asked for by a person, `freshId` is random and used otherwise. */
export interface NewTask {
  id: string | null;
  freshId: string;
  spec: TaskSpec;
  /** Hash of what was asked for: the same key with other content is an error. */
  contentHash: string;
  /** Earliest start, epoch ms. */
  runAt: number | null;
  now: number;
  node: string;
}

/** `created` is false when the idempotency key was known: the task is the earlier one. */
export interface Submitted {
  task: Task;
  created: boolean;
}

/** One line of a task's history; `seq` orders all changes of the store and never repeats. */
export interface Change {
  seq: number;
  taskId: TaskId;
  version: number;
  event: Event;
  state: State;
  reason: Reason | null;
  at: number;
}

export interface TaskQuery {
  states?: readonly State[];
  owner?: string;
  group?: string;
  /** Substring of id or title, case-insensitive. */
  text?: string;
  parent?: TaskId;
  /** From the previous page's `nextCursor`. */
  cursor?: string;
  limit: number;
}

export interface TaskPage {
  tasks: Task[];
  nextCursor: string | null;
}

interface InboxQuery {
  owner: string;
  limit: number;
}

/** What a push came to. */
export type PushResult =
  | { kind: 'delivered'; at: number }
  | { kind: 'retry'; at: number; nextAt: number; error: string }
  | { kind: 'dead'; at: number; error: string };

export interface StoreCounts {
  byState: Partial<Record<State, number>>;
  undelivered: number;
  dead: number;
}

/**
 * Everything durable. Each call is atomic and durable once its promise resolves; calls made in the same
 * turn may share a transaction. No verb holds a rule of its own: states, guards and new rows come from
 * the domain (`apply`, `firstStep`, `completions`, `dueAt`).
 */
export interface Store {
  /**
   * Stores a task with its first history row. Throws TendError `id_taken` when a live task has the id,
   * `key_conflict` when the key was used for other content. An ended task's id gets the next free `-n`.
   */
  submit(task: NewTask): Promise<Submitted>;
  /**
   * The steps of one task, all or none: compare-and-set on version and state, history rows, the attempt's
   * row, the hold that the end of an agent's attempt begins or clears, and for a terminal state its completions. Null: the task moved on; read again, decide again.
   */
  commit(steps: readonly [Step, ...Step[]], targets: PushTargets): Promise<Task | null>;
  /** Other facts in the same state; null when stale, as for `commit`. */
  amend(amendment: Amendment): Promise<Task | null>;

  get(id: TaskId): Promise<Task | null>;
  /** Ids that begin with `prefix`, at most `limit`, an exact match alone. */
  resolve(prefix: string, limit: number): Promise<TaskId[]>;
  list(query: TaskQuery): Promise<TaskPage>;
  /** Ended and live attempts, oldest first. */
  attempts(id: TaskId): Promise<Task['attempt'][]>;
  endedAttempts(id: TaskId): Promise<EndedAttempt[]>;
  history(id: TaskId): Promise<Change[]>;
  /** Changes after `seq`, oldest first. */
  changes(after: number, limit: number): Promise<Change[]>;
  lastSeq(): Promise<number>;
  counts(): Promise<StoreCounts>;

  /** Tasks this node works on. */
  live(node: string): Promise<TaskIn<Live>[]>;
  /**
   * Queued tasks whose account is not held at `now`, best first: higher priority, then older, then submitted
   * earlier.
   */
  candidates(limit: number, now: number): Promise<TaskIn<'queued'>[]>;
  /** Every hold; one that is over stays until a success or a person clears it. */
  holds(): Promise<Hold[]>;
  /** Stores a hold in the place of the one of its account. */
  setHold(hold: Hold): Promise<void>;
  /** Ends the holds of these accounts. */
  dropHolds(accounts: readonly string[]): Promise<void>;
  /** Tasks whose `dueAt` is at or before `now`, earliest first. */
  due(now: number, limit: number): Promise<Task[]>;
  nextDue(): Promise<number | null>;
  /** Waiting tasks that depend on `id`. */
  dependents(id: TaskId): Promise<TaskIn<'waiting'>[]>;
  /** States of those of `ids` that exist. */
  states(ids: readonly TaskId[]): Promise<Map<TaskId, State>>;
  /** Waiting tasks that a pass at start-up must look at: all that depend on ended or missing tasks. */
  releasable(limit: number): Promise<TaskIn<'waiting'>[]>;

  /** Unacknowledged deliveries of one owner, oldest first: reading marks nothing. */
  inbox(query: InboxQuery): Promise<DeliveryStatus[]>;
  /** Acknowledges; unknown, foreign and already acknowledged ids are left out of the answer. */
  ack(owner: string, ids: readonly string[], now: number): Promise<string[]>;
  /** Stores a delivery that no step causes (a reminder); false when its id is known. */
  deliver(delivery: Delivery): Promise<boolean>;
  /** Pushed deliveries due at `now`, but none for the subscribers in `except`. */
  duePushes(now: number, limit: number, except?: readonly Subscriber[]): Promise<DeliveryStatus[]>;
  nextPush(): Promise<number | null>;
  settlePush(id: string, result: PushResult): Promise<void>;
  /** Deliveries of a task, for `show` and for protection from clean-up. */
  deliveries(taskId: TaskId): Promise<DeliveryStatus[]>;
  dead(limit: number): Promise<DeliveryStatus[]>;

  /** Ended tasks that nothing protects, ended before `before`: no unacknowledged or unpushed delivery, no open dependent. */
  removable(before: number, limit: number): Promise<Task[]>;
  /**
   * Forgets an ended, unprotected task; false when it is protected after all. Its id stays taken until
   * `cleared`, so that no new task finds the old one's files.
   */
  remove(id: TaskId): Promise<boolean>;
  /** Ids of removed tasks of which something may still be on disk. */
  uncleared(): Promise<TaskId[]>;
  cleared(id: TaskId): Promise<void>;

  /** Names of the captured environments that some task still has. */
  environments(): Promise<Set<string>>;
  /** Small durable facts about the node, such as `paused`. */
  setting(name: string): Promise<string | null>;
  setSetting(name: string, value: string | null): Promise<void>;
  close(): Promise<void>;
}
