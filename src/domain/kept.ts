import type { Limits } from './admission.ts';
import { type Busy, withTaken } from './busy.ts';
import { type Lane, laneKey } from './lane.ts';

/**
 * A task that needs several limits at once could wait for ever, one or the other of them always being taken. Once it has
 * waited so long (ms), what becomes free of them is kept for it.
 */
export const PATIENCE = 60 * 60_000;

/** What is kept for the oldest task of a lane. */
export interface Kept {
  lane: Lane;
  /** What is busy for all others. */
  busy: Busy;
}

/** Everything that the lane needs counts as taken, but for a slot: those come to all in turn. */
export const keptFor = (lane: Lane, busy: Busy): Kept => ({ lane, busy: besides(lane, busy) });

function besides(lane: Lane, busy: Busy): Busy {
  const { total, checks, accounts } = busy;
  return { ...withTaken(busy, lane, lane.seats[0] ?? null, 0), total, checks, accounts };
}

/** How many limits, slots aside, a task of the lane needs at once. */
export function limitsOn(
  { group, groupSlots, labels, exclusive, workspace, seats }: Lane,
  limits: Limits,
): number {
  const isLimited = (names: Readonly<Record<string, number>>, name: string): boolean =>
    Object.hasOwn(names, name);
  const found = [
    exclusive !== null,
    workspace !== undefined,
    group !== null && (groupSlots !== null || isLimited(limits.groups, group)),
    seats.some(({ agent }) => isLimited(limits.agents, agent)),
    ...Object.entries(labels).flatMap(([name, value]) => [
      isLimited(limits.labels, name),
      isLimited(limits.labels, `${name}=${value}`),
    ]),
  ];
  return found.filter(Boolean).length;
}

/** What is busy as a task of the lane sees it. */
export const busyFor = (lane: Lane, busy: Busy, kept: Kept | null): Busy =>
  kept === null || isSame(lane, kept.lane) ? busy : kept.busy;

/** What is kept once a task of the lane has started: nothing more for its own. */
export const keptAfter = (kept: Kept | null, lane: Lane, busy: Busy): Kept | null =>
  kept === null || isSame(lane, kept.lane) ? null : keptFor(kept.lane, busy);

/** Lanes have long names: most differ in something that is cheaper to compare. */
const isSame = (a: Lane, b: Lane): boolean =>
  a === b ||
  (a.owner === b.owner &&
    a.group === b.group &&
    a.exclusive === b.exclusive &&
    a.workspace === b.workspace &&
    a.priority === b.priority &&
    laneKey(a) === laneKey(b));
