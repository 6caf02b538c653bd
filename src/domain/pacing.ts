import type { DeliveryKind } from './delivery.ts';

/** What may pass while it is quiet. */
export const LET_THROUGH = ['question', 'failure'] as const;
export type LetThrough = (typeof LET_THROUGH)[number];

/** How a receiver bears to be told. */
export interface Pace {
  /** Waits through the quiet hours. */
  quiet: boolean;
  /** At most this many messages within any span of `within` ms; null = any number. */
  rate: { most: number; within: number } | null;
  /** A delivery waits this long (ms) for others to go with it. */
  gather: number;
  /** This many that are due at once become one message; 0 = never. */
  coalesce: number;
}

/** The bounds of what configuration may ask. */
export const MOST_OF_A_RATE = 100;
/** Most deliveries of one message. */
export const MOST_TOGETHER = 200;

/** What is due for one receiver, the oldest first. */
export interface Due {
  id: string;
  kind: DeliveryKind;
  /** When it became due, epoch ms. */
  nextAt: number;
}

/** The ids of each message that goes out now, and when to look again (epoch ms); null = when something is due. */
export interface Paced {
  messages: string[][];
  again: number | null;
}

/**
 * What goes out now to a receiver that got messages at `sent` (epoch ms, in any order). What waited for a quiet night or for
 * its turn goes together; nothing is dropped.
 */
export function paced(
  due: readonly Due[],
  pace: Pace,
  { sent, woke, now }: { sent: readonly number[]; woke: number | null; now: number },
): Paced {
  const [oldest] = due;
  if (oldest === undefined) return { messages: [], again: null };
  const ripe = oldest.nextAt + pace.gather;
  if (ripe > now) return { messages: [], again: ripe };
  const room = roomIn(pace.rate, sent, now);
  if (room.left === 0) return { messages: [], again: room.at };
  const ready = due.slice(0, MOST_TOGETHER);
  const groups = grouped(ready, pace.coalesce, {
    // What became due before the quiet hours ended has slept through them.
    slept: woke !== null && oldest.nextAt < woke,
    room: room.left,
  });
  const messages = groups.slice(0, room.left);
  const told = messages.reduce((sum, ids) => sum + ids.length, 0);
  return { messages, again: told < due.length ? now : null };
}

/** The deliveries of each message; a digest is one by itself, since it tells of many already. */
function grouped(
  ready: readonly Due[],
  coalesce: number,
  { slept, room }: { slept: boolean; room: number },
): string[][] {
  const alone = ready.filter(({ kind }) => coalesce === 0 || kind === 'digest');
  const others = ready.filter((one) => !alone.includes(one));
  const enough = others.length >= (slept ? 2 : coalesce) || others.length > room;
  const single = ({ id }: Due): string[] => [id];
  if (others.length < 2 || !enough) return ready.map(single);
  return [others.map(({ id }) => id), ...alone.map(single)];
}

/** How many messages may go now, and when the next one may. */
function roomIn(
  rate: Pace['rate'],
  sent: readonly number[],
  now: number,
): { left: number; at: number } {
  if (rate === null) return { left: Infinity, at: now };
  // A clock that was set back must not silence a channel: what lies ahead counts as now.
  const recent = sent
    .map((at) => Math.min(at, now))
    .filter((at) => at > now - rate.within)
    .toSorted((a, b) => b - a);
  const left = Math.max(0, rate.most - recent.length);
  return { left, at: (recent[rate.most - 1] ?? now - rate.within) + rate.within };
}
