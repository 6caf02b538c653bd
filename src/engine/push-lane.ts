import type { DeliveryStatus, Subscriber } from '../domain/delivery.ts';

/** Messages under way to one subscriber that answers well and soon, and to any other. */
const QUICK = 4;
const CAREFUL = 1;
/** An answer later than this makes a subscriber a slow one (ms). */
const SOON = 1_000;

/** What is under way, or next, for one subscriber: nothing of it is durable. */
export interface Lane {
  readonly subscriber: Subscriber;
  /** Due, read from the store, not yet under way. */
  readonly next: DeliveryStatus[];
  /** Ids. */
  readonly underWay: Set<string>;
  /** There may be more in the store than was read. */
  more: boolean;
  reading: boolean;
  /** Something was pushed since it last came to rest. */
  moved: boolean;
  /** How many messages may be under way. */
  room: number;
  /** Nothing goes out before (epoch ms). */
  openAt: number;
  /** The last message that was remembered; null = none since the start. */
  noted: { at: number; took: boolean } | null;
}

export const newLane = (subscriber: Subscriber): Lane => ({
  subscriber,
  next: [],
  underWay: new Set(),
  more: false,
  reading: false,
  moved: false,
  room: CAREFUL,
  openAt: 0,
  noted: null,
});

/** One that fails or is slow gets one message at a time, so that it takes little of what all have in common. */
export const answered = (lane: Lane, took: boolean, ms: number): void => {
  lane.room = took && ms <= SOON ? QUICK : CAREFUL;
};

/** Of successes of a machine one in this time is remembered (ms): it may get thousands a second. */
const NOTED_EVERY = 1_000;

/** Whether what came of a message is worth a write: always, where it counts for a rate, and where it changes something. */
export function isNews({ noted }: Lane, at: number, took: boolean, counts: boolean): boolean {
  if (counts || !took || noted === null || !noted.took) return true;
  return Math.abs(at - noted.at) >= NOTED_EVERY;
}

/** A number of turns, given to who asked first. */
export function turns(count: number): { take(): Promise<void>; give(): void } {
  let free = count;
  const waiting: (() => void)[] = [];
  return {
    take: async () => {
      if (free > 0) {
        free--;
        return;
      }
      await new Promise<void>((resolve) => waiting.push(resolve));
    },
    give: () => {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    },
  };
}
