import { sinceOf } from '../domain/budget-window.ts';
import { DAY, type Zone } from '../domain/civil.ts';
import { type Delivery, deliveryId, type Subscriber } from '../domain/delivery.ts';
import { type Digest, digestText } from '../domain/digest.ts';
import { TendError } from '../domain/errors.ts';
import { nextAt } from '../domain/quiet.ts';
import type { Task } from '../domain/task.ts';
import type { Ports, Report, Settings } from './context.ts';
import type { Feed } from './feed.ts';
import type { DigestQuery } from './notice-facade.ts';

/** Most tasks that a digest looks at, of those that ended and of those that wait. */
const MOST = 1_000;
/** A digest looks back no further (ms): nobody reads what was a month ago. */
const LONGEST = 7 * DAY;
/** A timer stands still while the machine is suspended, and the time of day goes on (ms). */
const LONGEST_REST = 60_000;
/** Longest text of a digest that is delivered, in characters. */
const LONGEST_TEXT = 4_000;
/** After a fault it is tried again (ms). */
const AGAIN = 10_000;

type Reads = Pick<Ports, 'store' | 'clock'>;

interface Span {
  from: number;
  to: number;
  owner: string | null;
}

/** Throws TendError `invalid_input` when `since` is no time that has been. */
export async function askedDigest(
  ports: Reads,
  zone: Zone,
  { since, owner }: DigestQuery,
): Promise<Digest> {
  const now = ports.clock.now();
  const from = sinceOf(since, now, zone);
  if (from === null)
    throw new TendError(
      'invalid_input',
      `${JSON.stringify(since)} is no time that has been`,
      'Write how long ago, such as 12h or 7d, or a date such as 2026-11-01.',
    );
  return digestOf(ports, { from, to: now + 1, owner });
}

async function digestOf({ store }: Reads, { from, to, owner }: Span): Promise<Digest> {
  const states = ['awaiting_input', 'awaiting_review'] as const;
  const [ended, page, cost] = await Promise.all([
    store.endedIn({ from, to, owner }, MOST + 1),
    store.list({ states, limit: MOST, ...(owner !== null && { owner }) }),
    store.spent({ from, to, ...(owner !== null && { owner }) }),
  ]);
  const more = ended.length > MOST;
  return { from, to, owner, ended: ended.slice(0, MOST), more, waiting: page.tasks, cost };
}

/** Delivers the digest of each day at its time, once; what was missed while no daemon ran is made up for by one. */
export class Digests {
  readonly #ports: Reads;
  readonly #settings: Pick<Settings, 'notices'>;
  readonly #feed: Feed;
  readonly #owner: string;
  readonly #report: Report;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looking: Promise<void> | null = null;
  #closed = false;

  /** `owner` = the person, whose inbox gets it too. */
  constructor(
    ports: Reads,
    settings: Pick<Settings, 'notices'>,
    feed: Feed,
    owner: string,
    report: Report,
  ) {
    this.#ports = ports;
    this.#settings = settings;
    this.#feed = feed;
    this.#owner = owner;
    this.#report = report;
  }

  /** Looks whether one is due: at the start, and when the configuration may have changed. */
  wake(): void {
    if (this.#closed || this.#looking !== null) return;
    this.#looking = this.#look()
      .catch((error: unknown) => {
        this.#report(error, 'digest');
        return AGAIN;
      })
      .then((wait) => {
        this.#looking = null;
        this.#rest(wait);
      });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  #rest(wait: number | null): void {
    clearTimeout(this.#timer);
    if (this.#closed || wait === null) return;
    this.#timer = setTimeout(() => this.wake(), Math.min(wait, LONGEST_REST));
    this.#timer.unref();
  }

  /** Ms until the next look; null = none is asked for. */
  async #look(): Promise<number | null> {
    const asked = this.#settings.notices?.().digest ?? null;
    if (asked === null) return null;
    const { store, clock } = this.#ports;
    const now = clock.now();
    const last = await store.digestedAt();
    // The first one tells what comes from now on.
    if (last === null) await store.putDigest(now, []);
    const from = Math.max(last ?? now, now - LONGEST);
    const due = nextAt(asked.at, asked.zone, from);
    if (due > now) return due - now;
    await this.#deliver({ from, to: now, owner: null }, asked.channels);
    return Math.max(nextAt(asked.at, asked.zone, now) - clock.now(), 0);
  }

  /** Of a span in which nothing was, nothing is told. */
  async #deliver(span: Span, channels: readonly string[]): Promise<void> {
    const digest = await digestOf(this.#ports, span);
    const about: Task | undefined = digest.ended[0] ?? digest.waiting[0];
    const subscribers: Subscriber[] = [
      `owner:${this.#owner}`,
      ...channels.map((name) => `channel:${name}` as const),
    ];
    const deliveries =
      about === undefined
        ? []
        : subscribers.map((subscriber) => this.#delivery(about, digest, subscriber));
    if (!(await this.#ports.store.putDigest(span.to, deliveries)) || about === undefined) return;
    this.#feed.announce(about);
  }

  /** A delivery stands with a task, so that it goes when all is forgotten: the newest that it tells of. */
  #delivery(about: Task, digest: Digest, subscriber: Subscriber): Delivery {
    const text = digestText(digest);
    return {
      id: deliveryId(about, 'digest', Math.floor(digest.to).toString(36), subscriber),
      kind: 'digest',
      taskId: about.id,
      owner: this.#owner,
      subscriber,
      createdAt: digest.to,
      preview: text.slice(0, LONGEST_TEXT),
      truncated: text.length > LONGEST_TEXT,
    };
  }
}
