import { reminder } from '../domain/delivery.ts';
import { amend, type TaskId, type TaskIn } from '../domain/task.ts';
import type { AgentWatch } from './agent-watch.ts';
import type { Ports, Report } from './context.ts';
import type { Dispatch } from './dispatch.ts';
import type { Feed } from './feed.ts';
import type { Loop } from './loop.ts';
import type { Pass } from './pass.ts';
import type { Tasks } from './tasks.ts';

/** Between two looks at clocks that no event announces: idleness, runaway output, reminders, free space (ms). */
const CALM = 5_000;
/** While some output grows: a flood must be seen before it fills the disk. */
const BUSY = 1_000;
/** A wall clock that moved this much against the monotonic one was suspended or set (ms). */
const SKEW = 2_000;

/** Watches what no event tells; sleeps while nothing runs and nothing waits for space or memory. */
export class Sweep {
  readonly #ports: Ports;
  readonly #tasks: Tasks;
  readonly #pass: Pass;
  readonly #dispatch: Dispatch;
  readonly #feed: Feed;
  readonly #watch: AgentWatch;
  readonly #report: Report;
  readonly #wake: Loop['wake'];
  readonly #sizes = new Map<TaskId, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sweeping: Promise<void> | null = null;
  #wall: number;
  #monotonic: number;
  #closed = false;

  constructor(
    ports: Ports,
    tasks: Tasks,
    pass: Pass,
    dispatch: Dispatch,
    feed: Feed,
    watch: AgentWatch,
    wake: Loop['wake'],
    report: Report,
  ) {
    this.#ports = ports;
    this.#tasks = tasks;
    this.#pass = pass;
    this.#dispatch = dispatch;
    this.#feed = feed;
    this.#watch = watch;
    this.#wake = wake;
    this.#report = report;
    this.#wall = ports.clock.now();
    this.#monotonic = ports.clock.monotonic();
  }

  /** Begins to watch; call whenever a task went live. */
  start(): void {
    if (this.#timer === undefined && this.#sweeping === null && !this.#closed) this.#rest(BUSY);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#sweeping;
  }

  #rest(wait: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#sweeping = this.sweep()
        .catch((error: unknown) => {
          this.#report(error, 'sweep');
          return false;
        })
        .then((grew) => {
          this.#sweeping = null;
          if (!this.#closed && this.#needed()) this.#rest(grew ? BUSY : CALM);
        });
    }, wait);
    this.#timer.unref();
  }

  #needed(): boolean {
    return this.#tasks.live.size > 0 || this.#dispatch.isLow;
  }

  /** One look at everything live; true when some output grew. */
  async sweep(): Promise<boolean> {
    await this.correctClocks();
    if (await this.#dispatch.checkRoom()) this.#wake();
    let grew = false;
    for (const task of this.#tasks.live.values()) {
      if (task.state !== 'running') continue;
      grew = (await this.#look(task)) || grew;
    }
    for (const id of this.#sizes.keys()) if (!this.#tasks.live.has(id)) this.#sizes.delete(id);
    return grew;
  }

  async #look(task: TaskIn<'running'>): Promise<boolean> {
    const vitals = await this.#watch.vitals(task, await this.#ports.supervisor.vitals(task));
    const before = this.#sizes.get(task.id) ?? 0;
    this.#sizes.set(task.id, vitals.bytes);
    const after = await this.#pass.advance(task.id, vitals);
    if (after !== null && after.state !== 'running') this.#wake(after.id);
    const due = reminder(task, this.#ports.clock.now());
    if (due !== null && this.#isNews(due.createdAt) && (await this.#ports.store.deliver(due)))
      this.#feed.announce(task);
    if (vitals.bytes > before) this.#feed.grew(task.id);
    return vitals.bytes > before;
  }

  /** A reminder that fell due while no daemon ran is late news: the next one is enough. */
  #isNews(dueAt: number): boolean {
    return this.#ports.clock.now() - dueAt < 2 * CALM;
  }

  /** Moves the deadlines of running tasks by the time that the machine slept or its clock was set. */
  async correctClocks(): Promise<void> {
    const wall = this.#ports.clock.now();
    const monotonic = this.#ports.clock.monotonic();
    const skew = wall - this.#wall - (monotonic - this.#monotonic);
    this.#wall = wall;
    this.#monotonic = monotonic;
    if (Math.abs(skew) < SKEW) return;
    for (const task of this.#tasks.live.values()) {
      if (task.state !== 'running') continue;
      const deadlineAt = task.attempt.deadlineAt + skew;
      await this.#tasks.amend(
        amend(task, { attempt: { ...task.attempt, deadlineAt, idleFrom: wall } }),
      );
    }
  }
}
