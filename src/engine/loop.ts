import { unmetBy } from '../domain/dependencies.ts';
import { isTerminal } from '../domain/lifecycle.ts';
import type { Task, TaskId } from '../domain/task.ts';
import type { Ports, Report } from './context.ts';
import type { Dispatch } from './dispatch.ts';
import { LONGEST_TIMER } from './feed.ts';
import type { Pass } from './pass.ts';

/** Tasks looked at in one pass: bounds the memory of a pass over a long list of due tasks. */
const BATCH = 500;
/** A due task that did not move is looked at again after this long (ms), not at once. */
const STILL_DUE = 250;
/** Between two passes (ms): what moves meanwhile is looked at together and shares its commits. */
const PACE = 2;
/** A timer stands still while the machine is suspended, and the time of day goes on (ms). */
const LONGEST_REST = 60_000;
const FIRST_BACKOFF = 500;
const LONGEST_BACKOFF = 30_000;

/** Runs passes one at a time, over the tasks that something has moved. */
export class Loop {
  readonly #ports: Ports;
  readonly #pass: Pass;
  readonly #dispatch: Dispatch;
  readonly #report: Report;
  readonly #before: () => Promise<void>;
  readonly #woken = new Set<TaskId>();
  #running: Promise<void> | null = null;
  #lastEnd = Number.NEGATIVE_INFINITY;
  #hurried = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Looked at in vain: tried again after a growing wait, while everything else goes on. */
  readonly #troubled = new Set<TaskId>();
  #failures = 0;
  /** When the next account may be used again, epoch ms. */
  #released = Infinity;
  #storeFailed = false;
  #closed = false;

  constructor(
    ports: Ports,
    pass: Pass,
    dispatch: Dispatch,
    report: Report,
    before: () => Promise<void>,
  ) {
    this.#ports = ports;
    this.#pass = pass;
    this.#dispatch = dispatch;
    this.#report = report;
    this.#before = before;
  }

  /** Hurries a pass over these tasks, and over the queue. */
  wake(...ids: TaskId[]): void {
    for (const id of ids) this.#woken.add(id);
    this.#hurried = true;
    if (this.#running === null && !this.#closed && !this.#storeFailed) this.#start();
  }

  /** Resolves when nothing is left to do for now. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.idle();
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#running = this.#turn()
      .then(() => this.#run())
      .then(
        (wait) => this.#ended(wait),
        (error: unknown) => this.#failed(error),
      );
  }

  /** At once after a rest, but one turn later, so that all that one event moved is looked at together. */
  #turn(): Promise<void> {
    const wait = this.#lastEnd + PACE - this.#ports.clock.monotonic();
    return new Promise((resolve) => {
      if (wait > 0) setTimeout(resolve, Math.min(wait, PACE));
      else setImmediate(resolve);
    });
  }

  #ended(wait: number | null): void {
    this.#running = null;
    this.#storeFailed = false;
    if (this.#troubled.size === 0) this.#failures = 0;
    else wait = Math.min(wait ?? LONGEST_TIMER, this.#backoff());
    this.#rest(this.#hurried ? 0 : wait);
  }

  /** The queue itself could not be read or written: nothing else can be done before it can. */
  #failed(error: unknown): void {
    this.#running = null;
    this.#storeFailed = true;
    this.#hurried = true;
    this.#report(error, 'pass');
    this.#rest(this.#backoff());
  }

  #backoff(): number {
    this.#failures += 1;
    return Math.min(FIRST_BACKOFF * 2 ** (this.#failures - 1), LONGEST_BACKOFF);
  }

  #rest(wait: number | null): void {
    if (this.#closed || wait === null) return;
    this.#timer = setTimeout(() => this.#start(), Math.min(wait, LONGEST_REST));
    this.#timer.unref();
  }

  /** Ms until a pass is due again; null = not before something happens. */
  async #run(): Promise<number | null> {
    await this.#before();
    // An account that may be used again frees queued tasks, none of which is due by itself.
    if (this.#ports.clock.now() >= this.#released) this.#hurried = true;
    let due = [...(await this.#due()), ...this.#troubled];
    while (this.#hurried || due.length > 0) {
      this.#hurried = false;
      const ids = new Set([...this.#woken, ...due]);
      this.#woken.clear();
      await this.#advance(ids);
      await this.#advance(new Set(await this.#dispatch.claim()));
      this.#lastEnd = this.#ports.clock.monotonic();
      due = [];
      if (this.#hurried) await this.#turn();
      if (this.#closed) return null;
    }
    this.#released = (await this.#dispatch.nextRelease()) ?? Infinity;
    const next = Math.min((await this.#ports.store.nextDue()) ?? Infinity, this.#released);
    return next === Infinity ? null : Math.max(next - this.#ports.clock.now(), STILL_DUE);
  }

  async #due(): Promise<TaskId[]> {
    return (await this.#ports.store.due(this.#ports.clock.now(), BATCH)).map((task) => task.id);
  }

  /** One task that fails delays no other: it is put aside, and the error reported. */
  async #advance(ids: ReadonlySet<TaskId>): Promise<void> {
    await Promise.all(
      Array.from(ids, async (id) => {
        try {
          await this.#release(await this.#pass.advance(id));
          this.#troubled.delete(id);
        } catch (error) {
          if (!this.#troubled.has(id)) this.#report(error, `task ${id}`);
          this.#troubled.add(id);
        }
      }),
    );
  }

  /** An end frees a slot, may release or skip what waited for it, and may be the last that its parent waited for. */
  async #release(task: Task | null): Promise<void> {
    if (task === null) return;
    if (task.state === 'queued') this.#hurried = true;
    if (!isTerminal(task.state)) return;
    this.#hurried = true;
    if (task.spec.parent !== null) this.#woken.add(task.spec.parent);
    if (task.spec.check) this.#woken.add(task.spec.check.of);
    // Nobody needs what is still being found out about it.
    if (task.spec.checks)
      for (const check of await this.#ports.store.checksOf(task.id))
        if (!isTerminal(check.state)) this.#woken.add(check.id);
    for (const id of await this.#ports.store.released(task.id, unmetBy(task.state)))
      this.#woken.add(id);
  }
}
