import type { Delivery, DeliveryStatus, Subscriber } from '../domain/delivery.ts';
import type { LetThrough } from '../domain/pacing.ts';
import type { EndedTask } from '../domain/task.ts';

/** What a push came to. */
export type PushResult =
  | { kind: 'delivered'; at: number }
  | { kind: 'retry'; at: number; nextAt: number; error: string }
  | { kind: 'dead'; at: number; error: string };

/** A subscriber of whom something is to be told, and when first. */
export interface PushQueue {
  subscriber: Subscriber;
  nextAt: number;
}

/** What is known of a subscriber that is pushed to. */
export interface Receiver {
  subscriber: Subscriber;
  /** Deliveries that it has not been told yet, and dead ones. */
  pending: number;
  dead: number;
  /** Of the last messages that it took and did not take; null = there was none. */
  deliveredAt: number | null;
  failedAt: number | null;
  lastError: string | null;
}

/** A message that was tried, whatever it was about. */
interface Tried {
  subscriber: Subscriber;
  at: number;
  /** Null = the receiver took it. */
  error: string | null;
}

/** The part of the store that knows of pushes; each verb is atomic and durable, as those of `Store`. */
export interface NoticeStore {
  /** Every subscriber with a push to come, in the order of their names: costs by their number, not by that of deliveries. */
  pushQueues(): Promise<PushQueue[]>;
  /** What is due for one subscriber at `now`, the oldest first; `only` = of what may pass while it is quiet. */
  duePushes(
    subscriber: Subscriber,
    now: number,
    limit: number,
    only?: readonly LetThrough[],
  ): Promise<DeliveryStatus[]>;
  /** Stores what a message with these deliveries came to; those that are settled already stay as they are. */
  settlePush(ids: string | readonly string[], result: PushResult): Promise<void>;
  /** Remembers a message to a subscriber: the times of the last `keep` of those, and what came of the last. */
  recordPush(tried: Tried, keep: number): Promise<void>;
  /** Times (epoch ms) of the last messages to a subscriber, as many as were kept. */
  pushTimes(subscriber: Subscriber): Promise<number[]>;
  /** Subscribers that were pushed to, or will be, in the order of their names. */
  receivers(): Promise<Receiver[]>;
  dead(limit: number): Promise<DeliveryStatus[]>;
  /** Pushes these again from `now` on with all of their tries, `all` = every dead one; answers those that were not settled otherwise. */
  resend(ids: readonly string[] | 'all', now: number): Promise<string[]>;
  /** Tasks that ended in `from` <= at < `to`, of an owner or (null) of all, the newest first; no checks. */
  endedIn(
    span: { from: number; to: number; owner: string | null },
    limit: number,
  ): Promise<EndedTask[]>;
  /** Stores the deliveries of the digest of `at`; false when that one, or a later one, was stored before. */
  putDigest(at: number, deliveries: readonly Delivery[]): Promise<boolean>;
  /** Until when the latest digest told everything, epoch ms. */
  digestedAt(): Promise<number | null>;
}
