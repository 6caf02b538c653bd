import type { Zone } from '../domain/civil.ts';
import type { Subscriber } from '../domain/delivery.ts';
import type { LetThrough, Pace } from '../domain/pacing.ts';
import { type QuietHours, quietEnded, quietUntil } from '../domain/quiet.ts';

/** A receiver as the configuration describes it; nothing here is a secret. */
export interface ConfiguredReceiver {
  subscriber: Subscriber;
  /** `webhook`, `command`, `slack`, … */
  kind: string;
  /** Whom it reaches, without what has to be kept secret; '' = nothing can be said. */
  where: string;
  events: 'all' | 'failures';
}

/** What configuration says of how people are told. */
export interface NoticeSettings {
  quiet: { hours: QuietHours; zone: Zone; letThrough: readonly LetThrough[] } | null;
  /** By the name of a channel; a receiver without one is a machine: it is told each fact by itself, at once. */
  paces: Readonly<Record<string, Pace>>;
  /** `at` = minutes since midnight. */
  digest: { at: number; zone: Zone; channels: readonly string[] } | null;
  receivers: readonly ConfiguredReceiver[];
}

export const NO_NOTICES: NoticeSettings = { quiet: null, paces: {}, digest: null, receivers: [] };

const CHANNEL = 'channel:';

export const paceOf = ({ paces }: NoticeSettings, subscriber: Subscriber): Pace | null => {
  const name = subscriber.startsWith(CHANNEL) ? subscriber.slice(CHANNEL.length) : null;
  return name !== null && Object.hasOwn(paces, name) ? (paces[name] ?? null) : null;
};

/** Until when it is quiet, or when the last quiet hours ended; null = there are none, or no end is known. */
export function quietNow(
  { quiet }: NoticeSettings,
  now: number,
): { until: number | null; woke: number | null; letThrough: readonly LetThrough[] } {
  if (quiet === null) return { until: null, woke: null, letThrough: [] };
  const { hours, zone, letThrough } = quiet;
  const until = quietUntil(hours, zone, now);
  return { until, woke: until === null ? quietEnded(hours, zone, now) : null, letThrough };
}
