import { type DeliveryStatus, pushDelay, type Subscriber } from '../domain/delivery.ts';
import { MOST_OF_A_RATE, MOST_TOGETHER, paced, type Pace } from '../domain/pacing.ts';
import type { Refusal, Told } from '../ports/notifier.ts';
import type { PushResult } from '../ports/notice-store.ts';
import type { Ports, Report, Settings } from './context.ts';
import { NO_NOTICES, paceOf, quietNow } from './notice-settings.ts';
import { answered, isNews, type Lane, newLane, turns } from './push-lane.ts';

/** Messages under way at a time, to all together. */
const PARALLEL = 64;
/** Deliveries of a subscriber that are read at once. */
const READ = 32;
/** A push stays due when its end cannot be stored; it is looked at again after this long (ms). */
const LOOK_AGAIN = 1_000;
/** A timer stands still while the machine is suspended, and the time of day goes on (ms). */
const LONGEST_REST = 60_000;
/** A receiver's own wish is followed up to here (ms). */
const LONGEST_WISH = 4 * 3_600_000;

type Pushing = Pick<Ports, 'store' | 'notifier' | 'clock' | 'chance'>;

/**
 * Pushes what is due, again after each failure, until it is laid aside as dead. Each subscriber has a lane of its own: one
 * that is slow, down or quiet delays nobody else.
 */
export class Deliver {
  readonly #ports: Pushing;
  readonly #settings: Pick<Settings, 'notices'>;
  readonly #report: Report;
  readonly #lanes = new Map<Subscriber, Lane>();
  readonly #turns = turns(PARALLEL);
  readonly #pushing = new Set<Promise<void>>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = Infinity;
  #looking: Promise<void> | null = null;
  #again = false;
  #closed = false;

  constructor(ports: Pushing, report: Report, settings: Pick<Settings, 'notices'> = {}) {
    this.#ports = ports;
    this.#report = report;
    this.#settings = settings;
  }

  /** Looks for due pushes now. */
  wake(): void {
    this.#again = true;
    if (this.#looking !== null || this.#closed) return;
    this.#looking = this.#look()
      .catch((error: unknown) => {
        this.#report(error, 'deliver');
        this.#restUntil(this.#ports.clock.now() + LOOK_AGAIN);
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
    while (this.#pushing.size > 0) await Promise.all(this.#pushing);
  }

  /** Costs by the number of subscribers with something to come, however much that is. */
  async #look(): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false;
      const queues = await this.#ports.store.pushQueues();
      const now = this.#ports.clock.now();
      for (const { subscriber, nextAt } of queues)
        if (nextAt > now) this.#restUntil(nextAt);
        else this.#go(this.#lane(subscriber));
    }
  }

  #lane(subscriber: Subscriber): Lane {
    const lane = this.#lanes.get(subscriber) ?? newLane(subscriber);
    this.#lanes.set(subscriber, lane);
    return lane;
  }

  get #notices() {
    return this.#settings.notices?.() ?? NO_NOTICES;
  }

  #go(lane: Lane): void {
    lane.more = true;
    const pace = paceOf(this.#notices, lane.subscriber);
    if (pace === null) this.#pump(lane);
    else if (!lane.reading) this.#keep(lane, this.#goPaced(lane, pace));
  }

  /** Starts as many pushes as the subscriber has room for. */
  #pump(lane: Lane): void {
    if (this.#closed || lane.reading) return;
    if (lane.openAt > this.#ports.clock.now()) return this.#restUntil(lane.openAt);
    while (lane.underWay.size < lane.room) {
      const next = lane.next.shift();
      if (next === undefined) {
        if (lane.more) this.#keep(lane, this.#read(lane));
        else if (lane.underWay.size === 0) this.#rested(lane);
        return;
      }
      this.#keep(
        lane,
        this.#send(lane, [next]).then(() => this.#pump(lane)),
      );
    }
  }

  async #read(lane: Lane): Promise<void> {
    lane.reading = true;
    lane.more = false;
    const { store, clock } = this.#ports;
    const limit = READ + lane.underWay.size;
    const due = await store
      .duePushes(lane.subscriber, clock.now(), limit)
      .finally(() => (lane.reading = false));
    if (due.length === limit) lane.more = true;
    lane.next.push(...due.filter(({ id }) => !lane.underWay.has(id)));
    this.#pump(lane);
  }

  /** To people one message after the other goes out, as their channel, the hour and each other allow. */
  async #goPaced(lane: Lane, pace: Pace): Promise<void> {
    lane.reading = true;
    try {
      while (lane.more && !this.#closed) {
        lane.more = false;
        const now = this.#ports.clock.now();
        if (lane.openAt > now) return this.#restUntil(lane.openAt);
        const due = await this.#duePaced(lane, pace, now);
        const { woke, until } = quietNow(this.#notices, now);
        if (pace.quiet && until !== null) this.#restUntil(until);
        const sent = pace.rate === null ? [] : await this.#ports.store.pushTimes(lane.subscriber);
        const { messages, again } = paced(due, pace, { sent, woke: pace.quiet ? woke : null, now });
        if (again !== null && again > now) this.#restUntil(again);
        for (const ids of messages) {
          if (lane.openAt > this.#ports.clock.now()) break;
          await this.#send(
            lane,
            due.filter(({ id }) => ids.includes(id)),
          );
        }
        if (messages.length > 0) lane.more = true;
      }
    } finally {
      lane.reading = false;
      this.#rested(lane);
    }
  }

  async #duePaced(lane: Lane, pace: Pace, now: number) {
    const { until, letThrough } = quietNow(this.#notices, now);
    const only = pace.quiet && until !== null ? letThrough : undefined;
    if (only?.length === 0) return [];
    const { store } = this.#ports;
    const due = await store.duePushes(lane.subscriber, now, MOST_TOGETHER + 1, only);
    return due.map((one) => ({ ...one, nextAt: one.nextAt ?? now }));
  }

  /** What comes after the last one that was due is seen in another look. */
  #rested(lane: Lane): void {
    if (!lane.moved) return;
    lane.moved = false;
    if (!this.#closed) this.wake();
  }

  async #send(lane: Lane, deliveries: readonly DeliveryStatus[]): Promise<void> {
    const ids = deliveries.map(({ id }) => id);
    for (const id of ids) lane.underWay.add(id);
    await this.#turns.take();
    try {
      if (!this.#closed) await this.#push(lane, deliveries);
    } catch (error) {
      lane.openAt = this.#ports.clock.now() + LOOK_AGAIN;
      this.#restUntil(lane.openAt);
      this.#report(error, `push ${ids.join(' ')}`);
    } finally {
      this.#turns.give();
      for (const id of ids) lane.underWay.delete(id);
    }
  }

  async #push(lane: Lane, deliveries: readonly DeliveryStatus[]): Promise<void> {
    const { store, notifier, clock } = this.#ports;
    const tasks = await Promise.all(deliveries.map(({ taskId }) => store.get(taskId)));
    const told = deliveries.flatMap((delivery, index): Told[] => {
      const task = tasks[index] ?? null;
      return task === null ? [] : [{ delivery, task }];
    });
    const [first, ...others] = told;
    if (first === undefined) return; // removed meanwhile, with its deliveries
    const from = clock.monotonic();
    const refusal = await notifier.push([first, ...others]).then(
      (answer) => (answer === undefined ? NOT_SENT : null),
      (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
    );
    answered(lane, !(refusal instanceof Error), clock.monotonic() - from);
    lane.moved = true;
    if (refusal instanceof Error) return this.#refused(lane, told, refusal);
    const at = clock.now();
    await Promise.all([
      store.settlePush(idsOf(told), { kind: 'delivered', at }),
      refusal !== NOT_SENT && this.#record(lane, at, null),
    ]);
  }

  async #refused(lane: Lane, told: readonly Told[], refusal: Refusal): Promise<void> {
    const { store, clock, chance } = this.#ports;
    const at = clock.now();
    const wish = Math.min(refusal.retryAfter ?? 0, LONGEST_WISH);
    if (wish > 0) lane.openAt = at + wish;
    const error = refusal.message;
    // Each has its own count of tries; those with the same one come due together again.
    const jitter = chance.next();
    const results = told.map(({ delivery }): [string, PushResult] => {
      const delay = pushDelay(delivery.tries + 1, jitter);
      return [
        delivery.id,
        delay === null
          ? { kind: 'dead', at, error }
          : { kind: 'retry', at, nextAt: at + Math.max(delay, wish), error },
      ];
    });
    await Promise.all([
      ...results.map(([id, result]) => store.settlePush(id, result)),
      this.#record(lane, at, error),
    ]);
  }

  async #record(lane: Lane, at: number, error: string | null): Promise<void> {
    const { subscriber } = lane;
    const counts = (paceOf(this.#notices, subscriber)?.rate ?? null) !== null;
    if (!isNews(lane, at, error === null, counts)) return;
    lane.noted = { at, took: error === null };
    await this.#ports.store.recordPush({ subscriber, at, error }, counts ? MOST_OF_A_RATE : 0);
  }

  /** Remembers what is under way until it is over. */
  #keep(lane: Lane, doing: Promise<void>): void {
    const done = doing
      .catch((error: unknown) => {
        lane.openAt = this.#ports.clock.now() + LOOK_AGAIN;
        this.#restUntil(lane.openAt);
        this.#report(error, `push to ${lane.subscriber}`);
      })
      .finally(() => this.#pushing.delete(done));
    this.#pushing.add(done);
  }

  /** Looks again at that time (epoch ms), or earlier. */
  #restUntil(at: number): void {
    if (this.#closed || at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    const wait = Math.min(Math.max(at - this.#ports.clock.now(), 0), LONGEST_REST);
    this.#timer = setTimeout(() => {
      this.#timerAt = Infinity;
      this.wake();
    }, wait);
    this.#timer.unref();
  }
}

/** The receiver did not want to hear of it. */
const NOT_SENT = 'not sent';

const idsOf = (told: readonly Told[]): string[] => told.map(({ delivery }) => delivery.id);
