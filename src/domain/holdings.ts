import { seated } from './agent-work.ts';
import type { Busy } from './busy.ts';
import { type Lane, laneOf, type LaneSeat } from './lane.ts';
import { holdsSlot } from './lifecycle.ts';
import type { Task, TaskId } from './task.ts';

/** What a live task has of everything that is limited. */
export interface Holding {
  lane: Lane;
  seat: Pick<LaneSeat, 'agent' | 'account'> | null;
  claimedAt: number;
}

/** What each of the tasks that hold a slot has. */
export function holdingsOf(tasks: Iterable<Task>): Map<TaskId, Holding> {
  const found = new Map<TaskId, Holding>();
  for (const { id, state, spec, attempt } of tasks) {
    if (!holdsSlot(state) || attempt === null) continue;
    const { work } = spec;
    const seat = work.kind === 'agent' ? seated(work, attempt.agent) : null;
    found.set(id, { lane: laneOf(spec), seat, claimedAt: attempt.claimedAt });
  }
  return found;
}

/** What the ancestors of a lane's tasks have. */
export const ofAncestors = (
  { ancestors = [] }: Lane,
  holdings: ReadonlyMap<TaskId, Holding>,
): Holding[] => ancestors.flatMap((id) => holdings.get(id) ?? []);

/**
 * What is busy as a child sees it: what its ancestors have does not count. They may wait for it, and would wait for
 * ever, were it to wait for what they have. A key is theirs alone all the same: that is what it is for.
 */
export function busyBesides(busy: Busy, holdings: readonly Holding[]): Busy {
  const tasks = holdings.filter(({ lane }) => lane.check !== true);
  const labels = tasks.flatMap(({ lane }) =>
    Object.entries(lane.labels).flatMap(([name, value]) => [name, `${name}=${value}`]),
  );
  const seats = holdings.flatMap(({ seat }) => seat ?? []);
  return {
    total: busy.total - tasks.length,
    checks: busy.checks,
    owners: busy.owners,
    agents: less(
      busy.agents,
      seats.map(({ agent }) => agent),
    ),
    groups: less(
      busy.groups,
      tasks.map(({ lane }) => lane.group ?? ''),
    ),
    labels: less(busy.labels, labels),
    exclusive: busy.exclusive,
    workspaces: busy.workspaces,
    accounts: new Map(
      Array.from(busy.accounts, ([account, claims]) => [
        account,
        claimsBesides(account, claims, holdings),
      ]),
    ),
  };
}

function less(counts: ReadonlyMap<string, number>, names: readonly string[]): Map<string, number> {
  const left = new Map(counts);
  for (const name of names) left.set(name, (left.get(name) ?? 0) - 1);
  return left;
}

/** One claim for each of the holdings: others may have been made in the same moment. */
function claimsBesides(
  account: string,
  claims: readonly number[],
  holdings: readonly Holding[],
): number[] {
  const left = [...claims];
  for (const { seat, claimedAt } of holdings)
    if (seat?.account === account) left.splice(left.indexOf(claimedAt), 1);
  return left;
}
