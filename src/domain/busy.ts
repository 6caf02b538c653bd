import { seated } from './agent-work.ts';
import type { Lane, LaneSeat } from './lane.ts';
import { laneOf } from './lane.ts';
import { holdsSlot } from './lifecycle.ts';
import type { Task } from './task.ts';
import { workspaceKey } from './workspace.ts';

/** What runs now, counted by everything that has a limit. */
export interface Busy {
  /** Tasks that hold a slot. */
  total: number;
  /** Tasks that check the work of others: they count nowhere else but with their agents and accounts. */
  checks: number;
  agents: ReadonlyMap<string, number>;
  /** When each attempt on the account was claimed. */
  accounts: ReadonlyMap<string, readonly number[]>;
  owners: ReadonlyMap<string, number>;
  /** Tasks of no group count under ''. */
  groups: ReadonlyMap<string, number>;
  /** By `name` and by `name=value`. */
  labels: ReadonlyMap<string, number>;
  exclusive: ReadonlySet<string>;
  /** What live tasks work in. */
  workspaces: ReadonlySet<string>;
}

interface Counts extends Busy {
  agents: Map<string, number>;
  accounts: Map<string, readonly number[]>;
  owners: Map<string, number>;
  groups: Map<string, number>;
  labels: Map<string, number>;
  exclusive: Set<string>;
  workspaces: Set<string>;
}

/** Counts the live tasks among `tasks`. A key stays taken until its task is through with all of its work. */
export function busyOf(tasks: Iterable<Task>): Busy {
  const counts = none();
  for (const task of tasks) {
    const { state, spec } = task;
    if (state === 'finishing') {
      const { exclusive = null, workspace } = spec;
      const key = workspaceKey(workspace);
      if (exclusive !== null) counts.exclusive.add(exclusive);
      if (key !== null) counts.workspaces.add(key);
    }
    if (!holdsSlot(state) || task.attempt === null) continue;
    add(counts, laneOf(spec), seatIn(task), task.attempt.claimedAt);
  }
  return counts;
}

/** The counts once a task of the lane, claimed at `now`, runs there. */
export function withTaken(busy: Busy, lane: Lane, seat: LaneSeat | null, now: number): Busy {
  const counts = {
    total: busy.total,
    checks: busy.checks,
    agents: new Map(busy.agents),
    accounts: new Map(busy.accounts),
    owners: new Map(busy.owners),
    groups: new Map(busy.groups),
    labels: new Map(busy.labels),
    exclusive: new Set(busy.exclusive),
    workspaces: new Set(busy.workspaces),
  };
  add(counts, lane, seat, now);
  return counts;
}

export const isExclusiveFree = ({ exclusive }: Busy, lane: Lane): boolean =>
  lane.exclusive === null || !exclusive.has(lane.exclusive);

export const isWorkspaceFree = ({ workspaces }: Busy, { workspace }: Lane): boolean =>
  workspace === undefined || !workspaces.has(workspace);

const none = (): Counts => ({
  total: 0,
  checks: 0,
  agents: new Map(),
  accounts: new Map(),
  owners: new Map(),
  groups: new Map(),
  labels: new Map(),
  exclusive: new Set(),
  workspaces: new Set(),
});

function seatIn({ spec: { work }, attempt }: Task): Pick<LaneSeat, 'agent' | 'account'> | null {
  return work.kind === 'agent' ? seated(work, attempt?.agent) : null;
}

function add(
  counts: Counts,
  lane: Lane,
  seat: Pick<LaneSeat, 'agent' | 'account'> | null,
  claimedAt: number,
): void {
  if (lane.check === true) counts.checks += 1;
  else addTask(counts, lane);
  if (seat === null) return;
  count(counts.agents, seat.agent);
  counts.accounts.set(seat.account, [...(counts.accounts.get(seat.account) ?? []), claimedAt]);
}

function addTask(counts: Counts, { owner, group, labels, exclusive, workspace }: Lane): void {
  counts.total += 1;
  count(counts.owners, owner);
  count(counts.groups, group ?? '');
  for (const [name, value] of Object.entries(labels)) {
    count(counts.labels, name);
    count(counts.labels, `${name}=${value}`);
  }
  if (exclusive !== null) counts.exclusive.add(exclusive);
  if (workspace !== undefined) counts.workspaces.add(workspace);
}

const count = (counts: Map<string, number>, name: string): void =>
  void counts.set(name, (counts.get(name) ?? 0) + 1);
