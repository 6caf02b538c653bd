import { type Busy, isExclusiveFree, isWorkspaceFree, withTaken } from './busy.ts';
import { hasRoom, refusedBy, reserved, type Spending } from './budget.ts';
import { busyBesides, type Holding, ofAncestors } from './holdings.ts';
import { type Hold, holdOn, type ResumePolicy } from './holds.ts';
import { busyFor, type Kept, keptAfter, keptFor, limitsOn, PATIENCE } from './kept.ts';
import type { Lane, LaneSeat } from './lane.ts';
import type { QueueReason } from './lifecycle.ts';
import type { Pauses } from './pauses.ts';
import type { TaskId } from './task.ts';
import { nextOf, take, turnsOf } from './turns.ts';

/** Most tasks that hold a slot at a time, by what they have in common. */
export interface Limits {
  /** Of all together, 1..256. */
  slots: number;
  /** Of an agent; one that is not named here has no limit of its own. */
  agents: Readonly<Record<string, number>>;
  groups: Readonly<Record<string, number>>;
  /** By `name` or `name=value` of a label. */
  labels: Readonly<Record<string, number>>;
  /** Of those that check the work of others: they take no slots. */
  checks: number;
}

/** What the node can take on now. */
export interface Capacity {
  limits: Limits;
  busy: Busy;
  /** Free space is below its floor: nothing new may start. */
  diskLow: boolean;
  memoryLow: boolean;
  pauses: Pauses;
  holds: readonly Hold[];
  resume: ResumePolicy;
  spendings: readonly Spending[];
  /** What the tasks have that `busy` counts, by their ids; left out = it is not known. */
  holdings?: ReadonlyMap<TaskId, Holding>;
  /** See `kept`; left out = nothing is. */
  kept?: Kept | null;
}

/** Why a lane cannot start anything now. */
export interface Block {
  reason: QueueReason;
  /** The agent, account, group, label, key or budget that is meant; null = everything is. */
  what: string | null;
  /** When it may be over, epoch ms; null = nobody can say. */
  until: number | null;
  /** In the words of who refused; null = nobody did. */
  detail: string | null;
}

const block = (
  reason: QueueReason,
  what: string | null = null,
  until: number | null = null,
  detail: string | null = null,
): Block => ({ reason, what, until, detail });

/** Where a task of the lane would run: on a seat, or (`seat` null) as the command that it is. */
export interface Place {
  seat: LaneSeat | null;
}

/** The place of the lane's next task, or why there is none. */
export function placeFor(lane: Lane, given: Capacity, now: number): Place | Block {
  const busy = busyAsSeen(lane, given);
  const capacity = busy === given.busy ? given : { ...given, busy };
  const { limits } = capacity;
  const closed = closedBecause(capacity) ?? pausedBecause(lane, capacity.pauses);
  if (closed !== null) return closed;
  const place = lane.seats.length === 0 ? { seat: null } : seatFor(lane, capacity, now);
  if ('reason' in place) return place;
  if (!isExclusiveFree(busy, lane)) return block('exclusive', lane.exclusive);
  if (!isWorkspaceFree(busy, lane)) return block('workspace_busy', lane.workspace);
  if (lane.check === true) return busy.checks >= limits.checks ? block('checks') : place;
  if (lane.foreground) return place;
  return crowdedBecause(lane, capacity) ?? (busy.total >= limits.slots ? block('slots') : place);
}

/** Who is waited for by an ancestor is kept from nothing by what that has, or by what is kept for others. */
function busyAsSeen(lane: Lane, { busy, kept = null, holdings = NONE }: Capacity): Busy {
  const own = ofAncestors(lane, holdings);
  return own.length > 0 ? busyBesides(busy, own) : busyFor(lane, busy, kept);
}

const NONE: ReadonlyMap<TaskId, Holding> = new Map();

/** Why nothing at all starts now; null = something may. */
export function closedBecause({ pauses, diskLow, memoryLow }: Capacity): Block | null {
  if (pauses.all) return block('paused');
  if (diskLow) return block('disk');
  return memoryLow ? block('memory') : null;
}

const pausedBecause = ({ group }: Lane, { groups }: Pauses): Block | null =>
  group !== null && groups.includes(group) ? block('paused', `group ${group}`) : null;

/** Of a name that any object has, such as `constructor`, nothing is limited either. */
const mostOf = (limits: Readonly<Record<string, number>>, name: string): number =>
  (Object.hasOwn(limits, name) ? limits[name] : undefined) ?? Infinity;

/** The group or the label of which as many run as may. */
function crowdedBecause(lane: Lane, { limits, busy }: Capacity): Block | null {
  const { group, groupSlots, labels } = lane;
  if (group !== null) {
    const most = Math.min(mostOf(limits.groups, group), groupSlots ?? Infinity);
    if ((busy.groups.get(group) ?? 0) >= most) return block('group_limit', group);
  }
  for (const [name, value] of Object.entries(labels))
    for (const label of [name, `${name}=${value}`])
      if ((busy.labels.get(label) ?? 0) >= mostOf(limits.labels, label))
        return block('label_limit', label);
  return null;
}

/**
 * The seat that the lane's next task takes. In order: the first one whose account may be used, even if its agent is
 * busy. Least busy: of those that have room the one whose agent runs least, by name among equals.
 */
function seatFor(lane: Lane, capacity: Capacity, now: number): { seat: LaneSeat } | Block {
  const refusals: Block[] = [];
  const free: LaneSeat[] = [];
  for (const seat of lane.seats) {
    const refusal = unusableBecause(lane, seat, capacity, now);
    if (refusal !== null) refusals.push(refusal);
    else free.push(seat);
  }
  const [first] = free;
  if (first === undefined) return soonest(refusals);
  const crowded = (seat: LaneSeat): boolean =>
    !lane.foreground && activeOf(capacity.busy, seat) >= mostOf(capacity.limits.agents, seat.agent);
  if (lane.pick === 'in_order')
    return crowded(first) ? block('agent_limit', first.agent) : { seat: first };
  const [best] = free
    .filter((seat) => !crowded(seat))
    .toSorted(
      (a, b) =>
        activeOf(capacity.busy, a) - activeOf(capacity.busy, b) || (a.agent < b.agent ? -1 : 1),
    );
  return best === undefined ? block('agent_limit', first.agent) : { seat: best };
}

const activeOf = ({ agents }: Busy, { agent }: LaneSeat): number => agents.get(agent) ?? 0;

function unusableBecause(
  { owner, group }: Lane,
  seat: LaneSeat,
  { pauses, holds, resume, busy, spendings }: Capacity,
  now: number,
): Block | null {
  const { agent, account, costUsd } = seat;
  if (pauses.agents.includes(agent)) return block('paused', `agent ${agent}`);
  const held = holdOn(holds, account, resume, busy.accounts.get(account) ?? [], now);
  if (held !== null) return block('held', held.account, held.freeAt, held.reason);
  const spending = refusedBy(spendings, { agent, group, owner, costUsd });
  if (spending === null) return null;
  const { budget, until } = spending;
  const why = hasRoom(budget, 0, costUsd)
    ? null
    : `it may cost $${costUsd}, and the whole budget is $${budget.limitUsd}`;
  return block('budget', budget.name, until, why);
}

/** Of several the one that is over first: that is what the task waits for. */
const soonest = (refusals: readonly Block[]): Block =>
  refusals.reduce((best, one) => ((one.until ?? Infinity) < (best.until ?? Infinity) ? one : best));

/** The oldest queued task of a lane. */
export interface Head {
  id: TaskId;
  lane: Lane;
  queuedAt: number;
}

export interface Admitted {
  head: Head;
  seat: LaneSeat | null;
}

/** Reasons that are over when others end. */
const COUNTED: readonly QueueReason[] = [
  'slots',
  'agent_limit',
  'group_limit',
  'label_limit',
  'exclusive',
  'workspace_busy',
];

/** Waits for no slot. */
const passes = ({ foreground, check }: Lane): boolean => foreground || check === true;

/** What is kept for the one of the heads that has waited longest for several limits at once; null = nothing. */
export function keptIn(heads: readonly Head[], capacity: Capacity, now: number): Kept | null {
  let oldest: Head | null = null;
  for (const head of heads) {
    const { lane, queuedAt } = head;
    if (now - queuedAt < PATIENCE || queuedAt >= (oldest?.queuedAt ?? Infinity)) continue;
    if (passes(lane) || limitsOn(lane, capacity.limits) < 2) continue;
    const place = placeFor(lane, { ...capacity, kept: null }, now);
    if ('seat' in place || COUNTED.includes(place.reason)) oldest = head;
  }
  return oldest === null ? null : keptFor(oldest.lane, capacity.busy);
}

/**
 * Which of the heads start now, in their order: higher priority first, and among equals who has least running, owner
 * by owner, then group by group, then age. Waiting raises the priority, up to the highest that may start.
 */
export function admit(heads: readonly Head[], given: Capacity, now: number): Admitted[] {
  const admitted: Admitted[] = [];
  const places = new Places({ ...given, kept: keptIn(heads, given, now) }, now);
  const placeOf = (lane: Lane): Place | null => places.of(lane);
  const mayPass = ({ lane }: Head): boolean =>
    passes(lane) || ofAncestors(lane, given.holdings ?? NONE).length > 0;
  let turns = turnsOf(isFull(given) ? heads.filter(mayPass) : heads, given.busy, placeOf, now);
  for (;;) {
    const next = nextOf(turns, placeOf);
    if (next === null) return admitted;
    const { turn, seat } = next;
    admitted.push({ head: turn.head, seat });
    places.take(turn.head.lane, seat);
    take(turn);
    if (isFull(places.capacity)) turns = turns.filter(({ head }) => mayPass(head));
  }
}

const isFull = ({ busy, limits }: Capacity): boolean => busy.total >= limits.slots;

/** Which lanes have a place: asked of few lanes of many, and no more of one that has none. */
class Places {
  capacity: Capacity;
  readonly #now: number;
  readonly #shut = new Set<Lane>();

  constructor(capacity: Capacity, now: number) {
    this.capacity = capacity;
    this.#now = now;
  }

  of(lane: Lane): Place | null {
    if (this.#shut.has(lane)) return null;
    const place = placeFor(lane, this.capacity, this.#now);
    if ('seat' in place) return place;
    this.#shut.add(lane);
    return null;
  }

  take(lane: Lane, seat: LaneSeat | null): void {
    this.capacity = withPlace(this.capacity, lane, seat, this.#now);
  }
}

/** The capacity once a task of the lane runs there. */
function withPlace(capacity: Capacity, lane: Lane, seat: LaneSeat | null, now: number): Capacity {
  const busy = withTaken(capacity.busy, lane, seat, now);
  const kept = keptAfter(capacity.kept ?? null, lane, busy);
  if (seat === null) return { ...capacity, busy, kept };
  const { owner, group } = lane;
  const { agent, costUsd } = seat;
  return {
    ...capacity,
    busy,
    kept,
    spendings: reserved(capacity.spendings, { agent, group, owner, costUsd }),
  };
}
