import { type DeliveryStatus, pushDelay, type Subscriber } from '../domain/delivery.ts';
import type { PushResult } from '../ports/store.ts';
import type { Ports, Report } from './context.ts';
import { LONGEST_TIMER } from './feed.ts';

/** Pushes under way at a time, and to one subscriber: a slow receiver delays nobody else. */
const PARALLEL = 32;
const PARALLEL_EACH = 4;

/** Pushes what is due to webhooks and commands, again after each failure, until it is laid aside as dead. */
export class Deliver {
  readonly #ports: Ports;
  readonly #report: Report;
  readonly #pushing = new Map<string, { subscriber: Subscriber; done: Promise<void> }>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looking: Promise<void> | null = null;
  #again = false;
  #closed = false;

  constructor(ports: Ports, report: Report) {
    this.#ports = ports;
    this.#report = report;
  }

  /** Looks for due pushes now. */
  wake(): void {
    this.#again = true;
    if (this.#looking !== null || this.#closed) return;
    this.#looking = this.#look()
      .catch((error: unknown) => {
        this.#report(error, 'deliver');
        this.#rest(LOOK_AGAIN);
      })
      .then(() => {
        this.#looking = null;
      });
  }

  /** Waits for pushes under way, at most as long as a push may take. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#looking;
    await Promise.all([...this.#pushing.values()].map(({ done }) => done));
  }

  async #look(): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false;
      const now = this.#ports.clock.now();
      // As many as may be under way, so that those which are cannot hide the others.
      const due = await this.#ports.store.duePushes(now, 2 * PARALLEL, this.#full());
      for (const delivery of due) {
        if (this.#pushing.size >= PARALLEL) return; // the next one to end looks again
        if (this.#pushing.has(delivery.id) || this.#full().includes(delivery.subscriber)) continue;
        this.#start(delivery);
        this.#again = true;
      }
    }
    const next = await this.#ports.store.nextPush();
    if (next !== null) this.#rest(Math.max(next - this.#ports.clock.now(), LOOK_AGAIN));
  }

  /** Subscribers that have as many pushes under way as one may have. */
  #full(): Subscriber[] {
    const counts = new Map<Subscriber, number>();
    for (const { subscriber } of this.#pushing.values())
      counts.set(subscriber, (counts.get(subscriber) ?? 0) + 1);
    return [...counts].filter(([, count]) => count >= PARALLEL_EACH).map(([name]) => name);
  }

  #start(delivery: DeliveryStatus): void {
    const done = this.#push(delivery)
      .catch((error: unknown) => this.#report(error, `push ${delivery.id}`))
      .then(() => {
        this.#pushing.delete(delivery.id);
        if (!this.#closed) this.wake();
      });
    this.#pushing.set(delivery.id, { subscriber: delivery.subscriber, done });
  }

  async #push(delivery: DeliveryStatus): Promise<void> {
    const { store, notifier, clock } = this.#ports;
    const task = await store.get(delivery.taskId);
    if (task === null) return;
    let result: PushResult;
    try {
      await notifier.push(delivery, task);
      result = { kind: 'delivered', at: clock.now() };
    } catch (error) {
      result = this.#refused(delivery, error instanceof Error ? error.message : String(error));
    }
    await store.settlePush(delivery.id, result);
  }

  #refused(delivery: DeliveryStatus, error: string): PushResult {
    const at = this.#ports.clock.now();
    const delay = pushDelay(delivery.tries + 1, this.#ports.chance.next());
    return delay === null
      ? { kind: 'dead', at, error }
      : { kind: 'retry', at, nextAt: at + delay, error };
  }

  #rest(wait: number): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#timer = setTimeout(() => this.wake(), Math.min(wait, LONGEST_TIMER));
    this.#timer.unref();
  }
}

/** A push that stays due (its end was not stored) is looked at again after this long (ms). */
const LOOK_AGAIN = 1_000;
