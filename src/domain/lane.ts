import { type AgentWork, type Seat, usableSeats } from './agent-work.ts';
import type { TaskId, TaskSpec } from './task.ts';
import { workspaceKey } from './workspace.ts';

/** An agent that a task of the lane may use, and the most that an attempt of it may spend there. */
export interface LaneSeat {
  agent: string;
  account: string;
  costUsd: number;
}

/** Everything about a task that decides whether it may start, but for its age: in a lane the oldest goes first. */
export interface Lane {
  owner: string;
  group: string | null;
  groupSlots: number | null;
  labels: Readonly<Record<string, string>>;
  exclusive: string | null;
  priority: number;
  foreground: boolean;
  /** The preferred one first; none = a command. */
  seats: readonly LaneSeat[];
  pick: 'in_order' | 'least_busy';
  /** Names the files that a task of the lane works in, nobody else meanwhile; left out = it has none to itself. */
  workspace?: string;
  /** Its tasks check the work of others: they take no slot, and wait for none but those of checks; left out = not. */
  check?: true;
  /** Tasks that may be waiting for a task of the lane; left out = none. */
  ancestors?: readonly TaskId[];
}

/** The lane in which a task waits: fixed with its spec. */
export function laneOf(spec: TaskSpec): Lane {
  const { ancestors = [] } = spec;
  const { owner, group, groupSlots = null, labels, exclusive = null, priority, work } = spec;
  const workspace = workspaceKey(spec.workspace);
  const pick = work.kind === 'agent' ? (work.pick ?? 'in_order') : 'in_order';
  return {
    owner,
    group,
    groupSlots: group === null ? null : groupSlots,
    labels: Object.fromEntries(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    exclusive,
    priority,
    foreground: spec.foreground ?? false,
    seats: seatsIn(spec),
    pick,
    ...(workspace !== null && { workspace }),
    ...((spec.check ?? null) !== null && { check: true }),
    ...(ancestors.length > 0 && { ancestors }),
  };
}

const seatsIn = ({ work }: TaskSpec): LaneSeat[] =>
  work.kind === 'agent' ? usableSeats(work).map(inLane) : [];

const inLane = ({ agent, account, envelope }: Seat): LaneSeat => ({
  agent,
  account,
  costUsd: envelope.costUsd,
});

/** The seat of the work that is meant by one of its lane; undefined = none is. */
export const seatAt = (work: AgentWork, { agent, account, costUsd }: LaneSeat): Seat | undefined =>
  usableSeats(work)
    .filter((seat) => seat.agent === agent && seat.account === account)
    // The same agent may do it twice, for less money the second time.
    .find((seat) => seat.envelope.costUsd === costUsd);

/** A lane's name in the store: equal for equal lanes, and the lane can be read from it. */
export const laneKey = (lane: Lane): string => JSON.stringify(lane);
export const laneFrom = (key: string): Lane => JSON.parse(key) as Lane;
