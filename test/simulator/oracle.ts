import type { Dependency } from '../../src/domain/dependencies.ts';
import type { Hold } from '../../src/domain/holds.ts';
import type { Lane, LaneSeat } from '../../src/domain/lane.ts';
import type { QueueReason, State } from '../../src/domain/lifecycle.ts';
import type { Task } from '../../src/domain/task.ts';
import type { Model } from './model.ts';

/**
 * What may be and what may not, told a second time and without any of the code under test: counts are taken anew from
 * the tasks themselves.
 */
export interface Other {
  task: Task;
  lane: Lane;
  agent: string | null;
  account: string | null;
  ceilingUsd: number;
  claimedAt: number;
  /** Its process is over: it holds nothing but its key. */
  finishing: boolean;
  /** It only waits: what it needs is kept for it, but for a slot. */
  kept?: boolean;
}

/** Everything that runs now, but for one task. */
export function others(model: Model, but: string | null): Other[] {
  const found: Other[] = [];
  for (const task of model.live.values()) {
    if (task.id === but) continue;
    const { work } = task.spec;
    const seat = work.kind === 'agent' ? (task.attempt.agent?.seat ?? work) : null;
    found.push({
      task,
      lane: model.laneOf(task.spec).lane,
      agent: seat?.agent ?? null,
      account: seat?.account ?? null,
      ceilingUsd: seat?.envelope.costUsd ?? 0,
      claimedAt: task.attempt.claimedAt,
      finishing: task.state === 'finishing',
    });
  }
  return found;
}

const DAY = 86_400_000;

/** Reasons that keep a task of the lane from its seat (null = it is a command) beside the others, with what is meant. */
export function against(
  model: Model,
  lane: Lane,
  seat: LaneSeat | null,
  beside: readonly Other[],
  now: number,
): Map<QueueReason, string | null> {
  const { limits, pauses, diskLow, memoryLow } = model.settings;
  const found = new Map<QueueReason, string | null>();
  const running = beside.filter(({ finishing }) => !finishing);
  const busy = asSeenBy(lane, running);
  const many = (matches: (other: Other) => boolean): number => busy.filter(matches).length;
  if (pauses.all || (lane.group !== null && pauses.groups.includes(lane.group)))
    found.set('paused', null);
  if (diskLow) found.set('disk', null);
  if (memoryLow) found.set('memory', null);
  if (lane.exclusive !== null && beside.some((other) => other.lane.exclusive === lane.exclusive))
    found.set('exclusive', lane.exclusive);
  const { workspace } = lane;
  if (workspace !== undefined && beside.some((other) => other.lane.workspace === workspace))
    found.set('workspace_busy', workspace);
  if (seat !== null) unusable(model, lane, seat, { running, busy }, now, found);
  if (lane.foreground) return found;
  if (busy.filter(({ kept }) => kept !== true).length >= limits.slots) found.set('slots', null);
  if (
    seat !== null &&
    many(({ agent }) => agent === seat.agent) >= (limits.agents[seat.agent] ?? Infinity)
  )
    found.set('agent_limit', seat.agent);
  const { group } = lane;
  if (group !== null) {
    const running = many((other) => other.lane.group === group);
    if (running >= (limits.groups[group] ?? Infinity) || running >= (lane.groupSlots ?? Infinity))
      found.set('group_limit', group);
  }
  for (const [label, most] of Object.entries(limits.labels))
    if (has(lane, label) && many((other) => has(other.lane, label)) >= most)
      found.set('label_limit', label);
  return found;
}

/** A child waits for nothing that its ancestors have, nor for what is kept for others that may wait for them. */
function asSeenBy({ ancestors = [] }: Lane, running: readonly Other[]): readonly Other[] {
  // One that is queued again holds nothing, and waits for nobody.
  const isAncestor = ({ task, kept }: Other): boolean =>
    kept !== true && ancestors.includes(task.id);
  return running.some(isAncestor)
    ? running.filter((one) => !isAncestor(one) && one.kept !== true)
    : running;
}

function has({ labels }: Lane, label: string): boolean {
  const [name = '', value] = label.split('=');
  return name in labels && (value === undefined || labels[name] === value);
}

function unusable(
  model: Model,
  lane: Lane,
  { agent, account, costUsd }: LaneSeat,
  { running, busy }: { running: readonly Other[]; busy: readonly Other[] },
  now: number,
  found: Map<QueueReason, string | null>,
): void {
  const { pauses, resume, budgets } = model.settings;
  if (pauses.agents.includes(agent)) found.set('paused', `agent ${agent}`);
  for (const hold of model.holds.values()) {
    if (![account, `${agent}/*`, `${agent}/drained`].includes(hold.account)) continue;
    const tries = busy.some((other) => other.account === account && other.claimedAt > hold.since);
    const isQuiet = resume.quietUntil !== null && resume.quietUntil > now;
    const isBack = hold.failure !== null && (!resume.automatic || isQuiet || tries);
    if (isOn(hold, now) || isBack) found.set('held', hold.account);
  }
  for (const budget of budgets) {
    const { name, limitUsd, window } = budget;
    const is = (name: string | null, { group, owner }: Pick<Lane, 'group' | 'owner'>): boolean =>
      [name, null].includes(budget.agent) &&
      [group, null].includes(budget.group) &&
      [owner, null].includes(budget.owner);
    if (!is(agent, lane)) continue;
    const from = window === 'day' ? now - (now % DAY) : 0;
    let spent = costUsd;
    for (const one of model.expenses.values())
      if (one.ended && is(one.agent, one) && one.at >= from)
        spent += one.costUsd ?? one.reservedUsd;
    for (const one of running)
      if (is(one.agent, one.lane) && one.claimedAt >= from) spent += one.ceilingUsd;
    if (spent > limitUsd + 1e-9) found.set('budget', name);
  }
}

/** One that waits for what is kept for it, as the others see it. */
export function keptAs(lane: Lane, task: Task): Other {
  const agent = lane.seats[0]?.agent ?? null;
  return {
    task,
    lane,
    agent,
    account: null,
    ceilingUsd: 0,
    claimedAt: 0,
    finishing: false,
    kept: true,
  };
}

export const isOn = ({ retryAt }: Hold, now: number): boolean => retryAt === null || retryAt > now;

/** Why the lane cannot start anything, seat by seat; null for one that could. */
export function refusals(
  model: Model,
  lane: Lane,
  beside: readonly Other[],
  now: number,
): Map<QueueReason, string | null>[] {
  const seats = lane.seats.length === 0 ? [null] : lane.seats;
  return seats.map((seat) => against(model, lane, seat, beside, now));
}

const USABLE: readonly QueueReason[] = ['held', 'budget', 'paused'];

/** Whether the next task of the lane should start, as its refusals are. Who takes the agents in order does not pass by one that is only busy. */
export function couldStart(
  lane: Lane,
  all: readonly ReadonlyMap<QueueReason, string | null>[],
): boolean {
  if (lane.pick === 'least_busy') return all.some(({ size }) => size === 0);
  const first = all.find((refusal) => !USABLE.some((reason) => refusal.has(reason)));
  return first?.size === 0;
}

/** Whether the dependencies are met, may be met, or cannot be met any more. */
export function dependenciesOf(
  model: Model,
  after: readonly Dependency[],
): 'met' | 'open' | 'never' {
  const MET: Record<Dependency['when'], readonly State[]> = {
    success: ['completed'],
    failure: ['failed'],
    always: ['completed', 'failed', 'cancelled', 'skipped'],
  };
  let isOpen = false;
  for (const { task, when } of after) {
    const state = model.tasks.get(task)?.state;
    if (state !== undefined && MET[when].includes(state)) continue;
    if (state === undefined || !model.open.has(task)) return 'never';
    isOpen = true;
  }
  return isOpen ? 'open' : 'met';
}
