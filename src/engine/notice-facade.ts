import type { DeliveryStatus, Subscriber } from '../domain/delivery.ts';
import type { Digest } from '../domain/digest.ts';
import type { Pace } from '../domain/pacing.ts';

/** Somebody who is pushed to, as configured and as it went. */
export interface ChannelStatus {
  subscriber: Subscriber;
  /** `slack`, `webhook`, `command` …; null = no configuration knows it any more, or a project's does. */
  kind: string | null;
  /** Whom it reaches, without what is secret; '' = nothing can be said. */
  where: string;
  events: 'all' | 'failures';
  /** Null = a machine: told each fact by itself and at once. */
  pace: Pace | null;
  /** Deliveries that it has not been told yet, and dead ones. */
  pending: number;
  dead: number;
  deliveredAt: number | null;
  failedAt: number | null;
  /** Of the last failure, also where a later message arrived. */
  lastError: string | null;
  /** It waits until then, because it is quiet; null = it does not. */
  quietUntil: number | null;
}

/** What came of a test message. */
export interface TestResult {
  subscriber: Subscriber;
  took: boolean;
  /** What the receiver answered, or why it was not reached. */
  answer: string;
}

export interface DigestQuery {
  /** `1d`, or a date such as `2026-11-01`. */
  since: string;
  /** Null = everybody's. */
  owner: string | null;
}

/** What is told to whom, and whether it arrives. */
export interface NoticeVerbs {
  channels(): Promise<ChannelStatus[]>;
  /** Sends a message to the channel or webhook of this name, or (null) to all, one after the other. Throws `not_found`. */
  test(name: string | null): Promise<TestResult[]>;
  /** Throws `invalid_input` for a `since` that is no time. */
  digest(query: DigestQuery): Promise<Digest>;
  dead(limit: number): Promise<DeliveryStatus[]>;
  /** Something is yet to be told: a push waits for its next try or for the morning, or a digest is asked for each day. */
  awaited(): Promise<boolean>;
  /** Pushes these again, or all dead ones, with all of their tries; answers those. Throws `not_found` when one of them cannot be. */
  resend(ids: readonly string[] | 'all'): Promise<string[]>;
}
