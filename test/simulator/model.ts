import type { Limits } from '../../src/domain/admission.ts';
import type { EndedAttempt } from '../../src/domain/attempt.ts';
import type { Budget } from '../../src/domain/budget.ts';
import { type Children, NO_CHILDREN } from '../../src/domain/evidence.ts';
import type { Expense } from '../../src/domain/expense.ts';
import type { Account, Hold, ResumePolicy } from '../../src/domain/holds.ts';
import { type Lane, laneKey, laneOf } from '../../src/domain/lane.ts';
import { isLive, isTerminal, type Live } from '../../src/domain/lifecycle.ts';
import type { Pauses } from '../../src/domain/pauses.ts';
import type { Amendment, Step, Task, TaskId, TaskIn, TaskSpec } from '../../src/domain/task.ts';
import type { Rules } from './rules.ts';

/** What a person may change at any time. */
export interface Settings {
  limits: Limits;
  pauses: Pauses;
  budgets: readonly Budget[];
  resume: ResumePolicy;
  diskLow: boolean;
  memoryLow: boolean;
}

/** The tasks that wait in a lane, oldest first. */
export interface LaneQueue {
  lane: Lane;
  tasks: TaskIn<'queued'>[];
}

export type Watcher = (before: Task | null, step: Pick<Step, 'event' | 'at'>, after: Task) => void;

export const NODE = 'n';

/** Everything durable, with the guards of the real stores: what survives the death of a daemon. */
export class Model {
  readonly tasks = new Map<TaskId, Task>();
  /** Those that have not ended. */
  readonly open = new Map<TaskId, Task>();
  readonly live = new Map<TaskId, TaskIn<Live>>();
  readonly lanes = new Map<string, LaneQueue>();
  readonly holds = new Map<Account, Hold>();
  readonly expenses = new Map<string, Expense>();
  readonly settings: Settings;
  readonly #ended = new Map<TaskId, EndedAttempt[]>();
  readonly #dependents = new Map<TaskId, TaskId[]>();
  readonly #children = new Map<TaskId, TaskId[]>();
  readonly #laneOf = new WeakMap<TaskSpec, { key: string; lane: Lane }>();
  readonly #rules: Rules;
  readonly #watcher: Watcher;

  constructor(settings: Settings, rules: Rules, watcher: Watcher) {
    this.settings = settings;
    this.#rules = rules;
    this.#watcher = watcher;
  }

  submit(id: TaskId, spec: TaskSpec, runAt: number | null, now: number): Task {
    const { event, next } = this.#rules.firstStep(spec, runAt, now);
    const task: Task = { id, version: 1, node: NODE, createdAt: now, spec, ...next };
    for (const { task: other } of spec.after)
      this.#dependents.set(other, [...(this.#dependents.get(other) ?? []), id]);
    const { parent } = spec;
    if (parent !== null) this.#children.set(parent, [...(this.#children.get(parent) ?? []), id]);
    this.#put(null, task);
    this.#watcher(null, { event, at: now }, task);
    return task;
  }

  /** All steps or none; null = stale. */
  commit(steps: readonly Step[]): Task | null {
    const [first] = steps;
    let task = first && this.tasks.get(first.id);
    if (first === undefined || task === undefined || !this.#rules.isNext(task, first)) return null;
    for (const step of steps) {
      const before: Task = task;
      task = this.#rules.apply(before, step);
      this.#put(before, task);
      this.#settle(task, step);
      this.#watcher(before, step, task);
    }
    return task;
  }

  amend({ id, version, next }: Amendment): Task | null {
    const task = this.tasks.get(id);
    if (task?.version !== version || task.state !== next.state) return null;
    const { node, createdAt, spec } = task;
    const amended: Task = { id, node, createdAt, spec, version: version + 1, ...next };
    this.#put(task, amended);
    return amended;
  }

  laneOf(spec: TaskSpec): { key: string; lane: Lane } {
    const known = this.#laneOf.get(spec);
    if (known !== undefined) return known;
    const lane = laneOf(spec);
    const found = { key: laneKey(lane), lane };
    this.#laneOf.set(spec, found);
    return found;
  }

  /** Ended attempts, oldest first, without the one that is now. */
  earlier({ id, attempt }: Task): EndedAttempt[] {
    return (this.#ended.get(id) ?? []).filter(({ number }) => number !== attempt?.number);
  }

  children(id: TaskId): Children {
    const ids = this.#children.get(id);
    if (ids === undefined) return NO_CHILDREN;
    const family = ids.flatMap((child) => this.tasks.get(child) ?? []);
    const ends = family.flatMap((task) => ('endedAt' in task ? [task.endedAt] : []));
    return {
      open: family.length - ends.length,
      failed: family.filter(({ state }) => state === 'failed').length,
      endedAt: ends.length === 0 ? null : Math.max(...ends),
    };
  }

  dependents(id: TaskId): readonly TaskId[] {
    return this.#rules.woken(this.#dependents.get(id) ?? []);
  }

  #put(before: Task | null, task: Task): void {
    const { id, attempt } = task;
    this.tasks.set(id, task);
    if (isTerminal(task.state)) this.open.delete(id);
    else this.open.set(id, task);
    if (isLive(task.state)) this.live.set(id, task as TaskIn<Live>);
    else this.live.delete(id);
    if (before?.state === 'queued') this.#leave(before);
    if (task.state === 'queued') this.#enter(task);
    if (attempt !== null && attempt.outcome !== null) {
      const ended = this.#ended.get(id) ?? [];
      if (ended.at(-1)?.number !== attempt.number) this.#ended.set(id, [...ended, attempt]);
    }
  }

  #enter(task: TaskIn<'queued'>): void {
    const { key, lane } = this.laneOf(task.spec);
    const queue = this.lanes.get(key) ?? { lane, tasks: [] };
    this.lanes.set(key, queue);
    const at = 1 + queue.tasks.findLastIndex((other) => other.queuedAt <= task.queuedAt);
    queue.tasks.splice(at, 0, task);
  }

  #leave(task: TaskIn<'queued'>): void {
    const { key } = this.laneOf(task.spec);
    const queue = this.lanes.get(key);
    if (queue === undefined) return;
    queue.tasks = queue.tasks.filter(({ id }) => id !== task.id);
    if (queue.tasks.length === 0) this.lanes.delete(key);
  }

  #settle({ spec }: Task, step: Step): void {
    for (const { account, after } of this.#rules.holdsBy(step, spec, (name) => this.#hold(name)))
      if (after === null) this.holds.delete(account);
      else this.holds.set(account, after);
    const change = this.#rules.expenseBy(step, spec);
    if (change === null) return;
    const key = `${change.taskId}.${change.attempt}`;
    if (change.expense === null) this.expenses.delete(key);
    else this.expenses.set(key, change.expense);
  }

  #hold(account: Account): Hold | null {
    return this.holds.get(account) ?? null;
  }
}
