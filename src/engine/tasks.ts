import type { Cap } from '../domain/cap.ts';
import { NO_TARGETS } from '../domain/delivery.ts';
import { isLive, isTerminal, type Live } from '../domain/lifecycle.ts';
import { type Amendment, type Step, type Task, type TaskId, type TaskIn } from '../domain/task.ts';
import type { Ports, Settings } from './context.ts';
import type { Feed } from './feed.ts';

/** The only way the engine changes a task, and the live ones as they were last seen durable. */
export class Tasks {
  readonly live = new Map<TaskId, TaskIn<Live>>();
  readonly #store: Ports['store'];
  readonly #settings: Settings;
  readonly #feed: Feed;

  constructor(store: Ports['store'], settings: Settings, feed: Feed) {
    this.#store = store;
    this.#settings = settings;
    this.#feed = feed;
  }

  /** The task as it is durable now; null when there is none. */
  async get(id: TaskId): Promise<Task | null> {
    return this.live.get(id) ?? this.#store.get(id);
  }

  /** Commits a chain of steps of `task`; null when it moved on, or claims more than the caps have room for. */
  async commit(
    { id, spec }: Task,
    steps: readonly [Step, ...Step[]],
    caps: readonly Cap[] = [],
  ): Promise<Task | null> {
    // The end of an attempt may raise a question, and so does work that a person has to look at.
    const tells = steps.some(
      ({ event, next }) => event === 'exit' || event === 'awaitReview' || isTerminal(next.state),
    );
    const targets = tells ? this.#settings.targets(spec.cwd) : NO_TARGETS;
    return this.#settle(id, await this.#store.commit(steps, targets, caps));
  }

  /** `cwd` = where the configuration of who is told stands, of an amendment by which somebody is asked. */
  async amend(amendment: Amendment, cwd: string | null = null): Promise<Task | null> {
    const targets = cwd === null ? NO_TARGETS : this.#settings.targets(cwd);
    return this.#settle(amendment.id, await this.#store.amend(amendment, targets));
  }

  /** Takes note of a task that the store has just told of. */
  saw(task: Task): void {
    if (isLive(task.state)) this.live.set(task.id, task as TaskIn<Live>);
    else this.live.delete(task.id);
    this.#feed.announce(task);
  }

  async #settle(id: TaskId, task: Task | null): Promise<Task | null> {
    const durable = task ?? (await this.#store.get(id));
    if (durable === null) this.live.delete(id);
    else this.saw(durable);
    return task;
  }
}
