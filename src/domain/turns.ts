import type { Head, Place } from './admission.ts';
import type { Busy } from './busy.ts';
import type { Lane } from './lane.ts';

/** A point of priority is worth this much waiting (ms): whatever keeps coming, nothing waits for ever. */
export const AGING = 10 * 60_000;

type PlaceOf = (lane: Lane) => Place | null;

interface Next extends Place {
  turn: Turn;
}

/** How many of one owner or group run: one object that all of its turns look at. */
interface Running {
  running: number;
}

export interface Turn {
  head: Head;
  /** The priority that waiting has raised it to. */
  level: number;
  owner: Running;
  group: Running;
  /** It has started, or cannot. */
  isOver: boolean;
}

/** The turns of those heads that may start, if any may; `placeOf` = the place of a lane, null where it has none. */
export function turnsOf(
  heads: readonly Head[],
  { owners, groups }: Pick<Busy, 'owners' | 'groups'>,
  placeOf: PlaceOf,
  now: number,
): Turn[] {
  let top = -Infinity;
  for (const { lane } of heads)
    if (lane.priority > top && placeOf(lane) !== null) top = lane.priority;
  const ofOwner = runningIn(owners);
  const ofGroup = runningIn(groups);
  return top === -Infinity
    ? []
    : heads.map((head) => ({
        head,
        level: levelOf(head, top, now),
        owner: ofOwner(head.lane.owner),
        group: ofGroup(head.lane.group ?? ''),
        isOver: false,
      }));
}

function runningIn(counts: ReadonlyMap<string, number>): (name: string) => Running {
  const all = new Map<string, Running>();
  return (name) => {
    const known = all.get(name);
    if (known !== undefined) return known;
    const found = { running: counts.get(name) ?? 0 };
    all.set(name, found);
    return found;
  };
}

const levelOf = ({ lane, queuedAt }: Head, top: number, now: number): number =>
  Math.min(top, lane.priority + Math.max(0, Math.floor((now - queuedAt) / AGING)));

/** Whose turn it is, and the seat that it takes; null = nobody's. */
export function nextOf(turns: readonly Turn[], placeOf: PlaceOf): Next | null {
  let best: Next | null = null;
  for (const turn of turns) {
    if (turn.isOver || (best !== null && !goesFirst(turn, best.turn))) continue;
    const place = placeOf(turn.head.lane);
    if (place === null) turn.isOver = true;
    else best = { turn, seat: place.seat };
  }
  return best;
}

/** The turn is taken: from now on one more of its owner and group runs. */
export function take(turn: Turn): void {
  turn.isOver = true;
  turn.owner.running += 1;
  turn.group.running += 1;
}

const goesFirst = (a: Turn, b: Turn): boolean =>
  (b.level - a.level ||
    a.owner.running - b.owner.running ||
    a.group.running - b.group.running ||
    a.head.queuedAt - b.head.queuedAt) < 0;
