import type { AgentEventKind } from './agent-event.ts';
import { type Delivery, deliveryId } from './delivery.ts';
import type { Place } from './line-scan.ts';
import type { Task, TaskId } from './task.ts';

/** A task's own output, by the names of its streams. */
export type WatchedStream = 'output' | 'stdout' | 'stderr';

/** How far an attempt was looked through: by stream, or as far as its events were told. */
export type Places = Partial<Record<WatchedStream, Place>>;

/** What tells an owner of something that a task writes, while it writes it. */
export interface Watch {
  id: string;
  taskId: TaskId;
  /** Who is told. */
  owner: string;
  /** As it was written, see `patternOf`; null = every event of the kind. */
  match: string | null;
  /** Events of an agent, in the place of lines; null = lines. */
  on: AgentEventKind | null;
  /** Null = every stream of the task. */
  stream: WatchedStream | null;
  /** The first match ends it. */
  once: boolean;
  createdAt: number;
  /** The attempt that is looked through; 0 = none has begun. */
  attempt: number;
  /** Where that stands; a stream that is left out stands at its beginning. */
  places: Places;
  /** Lines and events that matched, so far. */
  matches: number;
  /** Nothing is told before this time: a flood is told as one. */
  hushUntil: number;
  /** The last of those that were not told yet, and how many. */
  held: { last: Found; count: number } | null;
}

/** A match: where, and what is shown of it. */
export interface Found {
  /** Names it among all of the watch: attempt, stream, position. */
  key: string;
  at: number;
  text: string;
}

/** Most watches of a task. */
export const MOST_WATCHES = 8;
/** At most one delivery of a watch in this time (ms). */
export const HUSH = 1_000;
/** What is shown around a match, bytes. */
export const BEFORE_MATCH = 100;
export const AFTER_MATCH = 500;
/** All of a stream that is over. */
export const ALL_READ: Place = { at: Number.MAX_SAFE_INTEGER, told: true };

/** A watch after a look, and what its owner is told. */
export interface Told {
  watch: Watch;
  tell: { found: Found; more: number } | null;
  over: boolean;
}

/**
 * Takes `count` new matches in, of which the first and the last are known. The first after a silence is told at once,
 * those that come too soon after it are told together, by the last of them. `ends` = nothing follows.
 */
export function told(
  watch: Watch,
  news: { first: Found; last: Found; count: number } | null,
  now: number,
  ends: boolean,
): Told {
  const count = news?.count ?? 0;
  const taken = { ...watch, matches: watch.matches + count };
  if (watch.once && news !== null)
    return {
      watch: { ...taken, matches: watch.matches + 1 },
      tell: { found: news.first, more: 0 },
      over: true,
    };
  const held = heldOf(watch, news);
  // A clock that was set back does not hush for longer.
  const isHushed = now < watch.hushUntil && watch.hushUntil - now <= HUSH && !ends;
  if (held === null || isHushed) return { watch: { ...taken, held }, tell: null, over: ends };
  const hushed = { ...taken, hushUntil: now + HUSH };
  if (ends || news === null || watch.held !== null || news.count === 1)
    return {
      watch: { ...hushed, held: null },
      tell: { found: held.last, more: held.count - 1 },
      over: ends,
    };
  return {
    watch: { ...hushed, held: { last: news.last, count: news.count - 1 } },
    tell: { found: news.first, more: 0 },
    over: false,
  };
}

function heldOf({ held }: Watch, news: { last: Found; count: number } | null): Watch['held'] {
  if (news === null) return held;
  return { last: news.last, count: (held?.count ?? 0) + news.count };
}

/** What the owner of a watch is told: of the same match always the same, by its id. */
export function matchDelivery(
  task: Task,
  watch: Watch,
  { found, more }: NonNullable<Told['tell']>,
): Delivery {
  const subscriber = `owner:${watch.owner}` as const;
  const others = more === 0 ? '' : ` (and ${more} more since the last one)`;
  return {
    id: deliveryId(task, 'match', `${watch.id.slice(2)}.${found.key}`, subscriber),
    kind: 'match',
    taskId: task.id,
    owner: watch.owner,
    subscriber,
    createdAt: found.at,
    preview: `${watch.id} found ${aim(watch)}${others}: ${found.text}`,
    truncated: false,
  };
}

/** What is looked for, in words. */
export function aim({ match, on }: Pick<Watch, 'match' | 'on'>): string {
  const what = match === null ? '' : match.startsWith('/') ? match : JSON.stringify(match);
  return on === null ? what : [on, what].filter((part) => part !== '').join(' with ');
}
