import type { StoredAgentChange } from '../domain/agent-change.ts';
import type { EndedAttempt } from '../domain/attempt.ts';
import type { DependencyCondition } from '../domain/dependencies.ts';
import type { Children } from '../domain/evidence.ts';
import type { Cap } from '../domain/cap.ts';
import type { Delivery, DeliveryStatus, PushTargets } from '../domain/delivery.ts';
import type { Event, Reason, State } from '../domain/lifecycle.ts';
import type { Hold } from '../domain/holds.ts';
import type { Merge } from '../domain/merge.ts';
import type { Lane } from '../domain/lane.ts';
import type { ExpenseQuery, Share, ShareQuery, Spent } from '../domain/spent.ts';
import type { Schedule } from '../domain/schedule.ts';
import type { Amendment, Step, Task, TaskId, TaskIn, TaskSpec } from '../domain/task.ts';
import type { Live } from '../domain/lifecycle.ts';
import type { NoticeStore } from './notice-store.ts';
import type { WatchStore } from './watch-store.ts';
import type { GroupStore } from './group-store.ts';
import type { MemoryStore } from './memory-store.ts';
import type { QuestionStore } from './question-store.ts';

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

/** A queued task in its lane. */
export interface Waiting {
  id: TaskId;
  queuedAt: number;
}

/** `created` is false when the idempotency key was known: the task is the earlier one. */
export interface Submitted {
  task: Task;
  created: boolean;
}

/** As much of a task as is needed to find it by its key. */
export interface Keyed {
  id: TaskId;
  state: State;
  createdAt: number;
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
  /** The checks of this task's work; left out = all tasks that are no check. */
  checksOf?: TaskId;
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

export interface StoreCounts {
  /** Checks are not counted. */
  byState: Partial<Record<State, number>>;
  undelivered: number;
  dead: number;
}

/**
 * Everything durable. Each call is atomic and durable once its promise resolves; calls made in the same
 * turn may share a transaction. No verb holds a rule of its own: states, guards and new rows come from
 * the domain (`apply`, `firstStep`, `completions`, `dueAt`).
 */
export interface Store extends QuestionStore, NoticeStore, WatchStore, GroupStore, MemoryStore {
  /**
   * Stores a task with its first history row. Throws TendError `id_taken` when a live task has the id,
   * `key_conflict` when the key was used for other content. An ended task's id gets the next free `-n`.
   */
  submit(task: NewTask): Promise<Submitted>;
  /**
   * The steps of one task, all or none: compare-and-set on version and state, history rows, the attempt's
   * row, the holds that the end of an agent's attempt begins or clears, with their history and questions, its expense, and for a
   * terminal state its completions. Null: the task moved on, or it claims more than one of the caps has room for; read
   * again, decide again.
   */
  commit(
    steps: readonly [Step, ...Step[]],
    targets: PushTargets,
    caps?: readonly Cap[],
  ): Promise<Task | null>;
  /** Other facts in the same state, with whom they are told to; null when stale, as for `commit`. */
  amend(amendment: Amendment, targets?: PushTargets): Promise<Task | null>;

  get(id: TaskId): Promise<Task | null>;
  /** The tasks that were submitted under these idempotency keys, by key; unknown ones are left out. */
  keyed(keys: readonly string[]): Promise<Map<string, Keyed>>;
  /** Ids that begin with `prefix`, at most `limit`, an exact match alone; those of checks only where no other task has one. */
  resolve(prefix: string, limit: number): Promise<TaskId[]>;
  list(query: TaskQuery): Promise<TaskPage>;
  /** The tasks that check the work of this one, oldest first. */
  checksOf(id: TaskId): Promise<Task[]>;
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
  /** The lanes in which some task is queued. */
  lanes(): Promise<Lane[]>;
  /** The queued tasks of a lane, oldest first, and of equals the one submitted earlier. */
  waiting(lane: Lane, limit: number): Promise<Waiting[]>;
  /** How many of a lane were queued before `queuedAt`. */
  ahead(lane: Lane, queuedAt: number): Promise<number>;
  /** Every hold; one that is over stays until a success or a person clears it. */
  holds(): Promise<Hold[]>;
  /** Stores a person's hold in the place of the one of its account, with the line of it in the history of agents. */
  setHold(hold: Hold): Promise<void>;
  /** Ends the holds of these accounts for a person, likewise. */
  dropHolds(
    accounts: readonly string[],
    kind: 'acknowledged' | 'released',
    at: number,
  ): Promise<void>;
  /** The history of agents, or of one, the newest first; the newest 10 000 lines are kept. */
  agentChanges(limit: number, agent?: string | null): Promise<StoredAgentChange[]>;
  /** What attempts of agents cost, those of removed tasks too. */
  spent(query: ExpenseQuery): Promise<Spent>;
  /** The same told apart by `by`, the dearest first; with `by` null one sum of all. */
  costs(query: ShareQuery): Promise<Share[]>;
  /** Tasks whose `dueAt` is at or before `now`, earliest first. */
  due(now: number, limit: number): Promise<Task[]>;
  nextDue(): Promise<number | null>;
  /**
   * Ids, in their order, of the waiting tasks that depend on `id`, which has ended, and can go on now: those that depend on nothing that
   * has not ended, and those that wait for it on a condition of `unmet`.
   */
  released(id: TaskId, unmet: readonly DependencyCondition[]): Promise<TaskId[]>;
  /** What has become of the tasks that `parent` submitted. */
  children(parent: TaskId): Promise<Children>;
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
  /** Deliveries of a task, for `show` and for protection from clean-up. */
  deliveries(taskId: TaskId): Promise<DeliveryStatus[]>;

  /** Ended tasks that nothing protects, ended before `before`: no unacknowledged or unpushed delivery, no open dependent, parent, check or merge. A check goes with its task alone. Of all of them, or of `id`. */
  removable(before: number, limit: number, id?: TaskId): Promise<Task[]>;
  /** Ids of the tasks that work in the work tree of a branch of their repository: the branch they asked for, or their own. */
  workingOn(repository: string, branch: string): Promise<TaskId[]>;
  /**
   * Forgets an ended, unprotected task and its checks; false when it is protected after all. Its id stays taken until
   * `cleared`, so that no new task finds the old one's files.
   */
  remove(id: TaskId): Promise<boolean>;
  /** Ids of removed tasks of which something may still be on disk. */
  uncleared(): Promise<TaskId[]>;
  cleared(id: TaskId): Promise<void>;

  /** Every schedule, the oldest first. */
  schedules(): Promise<Schedule[]>;
  schedule(id: string): Promise<Schedule | null>;
  /** Schedules whose `nextAt` is at or before `now`, the earliest first. */
  dueSchedules(now: number): Promise<Schedule[]>;
  /** When the next schedule fires; null = none will. */
  nextFiring(): Promise<number | null>;
  /** Stores a schedule, in the place of the one with its id. */
  putSchedule(schedule: Schedule): Promise<void>;
  /** Forgets a schedule; false when there was none. */
  dropSchedule(id: string): Promise<boolean>;

  /** Stores a merge under the next number, in the place of the one of the same task and target; null = the task is gone. */
  addMerge(merge: Omit<Merge, 'seq'>): Promise<Merge | null>;
  /** Stores what became of the merge with this number; false = it is gone. */
  putMerge(merge: Merge): Promise<boolean>;
  /** The merges of these tasks, the newest first. */
  merges(ids: readonly TaskId[]): Promise<Merge[]>;
  /** Merges of which something is yet to be done, in their order. */
  openMerges(): Promise<Merge[]>;

  /** Names of the captured environments that some task or schedule still has. */
  environments(): Promise<Set<string>>;
  /** Small durable facts about the node, such as `paused`. */
  setting(name: string): Promise<string | null>;
  setSetting(name: string, value: string | null): Promise<void>;
  close(): Promise<void>;
}
