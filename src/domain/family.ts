import { type AgentWork, seated, type Seat, seatsOf } from './agent-work.ts';
import type { Attempt } from './attempt.ts';
import { isEnded, type Task, type TaskSpec } from './task.ts';

/** Levels of tasks that submit tasks: beyond this, a runaway is likelier than a plan. */
export const MAX_DEPTH = 3;
/** Children of one task that have not ended. */
export const MAX_CHILDREN = 32;

/** The place of a child in its family; null = it has no parent. */
export function childOf(
  parent: Pick<Task, 'id' | 'spec'> | null,
): Pick<TaskSpec, 'parent' | 'depth' | 'ancestors'> {
  if (parent === null) return { parent: null, depth: 0 };
  const { depth, ancestors = [] } = parent.spec;
  return { parent: parent.id, depth: depth + 1, ancestors: [parent.id, ...ancestors] };
}

/** Dollars with which an agent gets nothing done. */
const NOTHING = 0.01;

/** Why the task takes no children any more; null = it does. One that ended by itself may still leave some behind. */
export function refusalOfChildren(parent: Task): 'stopping' | 'stopped' | null {
  if (parent.state === 'stopping') return parent.stop.reason === 'settled' ? null : 'stopping';
  if (parent.state === 'cancelled') return 'stopped';
  if (parent.state !== 'failed') return null;
  return parent.attempt?.outcome.kind === 'stopped' ? 'stopped' : null;
}

/** What an attempt has spent, dollars: where it did not tell, all that it may have. */
function spentBy(work: AgentWork, attempt: Attempt): number {
  const report = attempt.agent?.report ?? null;
  if (attempt.outcome === null || attempt.startedAt === null) return 0;
  // No model was called.
  if (report !== null && report.usage === null && report.turns === 0) return 0;
  return report?.usage?.costUsd ?? seated(work, attempt.agent).envelope.costUsd;
}

/** Dollars that a child takes of what its parent may spend: what it has spent, and all that it may spend yet. */
export function takenBy(child: Task, attempts: readonly Attempt[]): number {
  const { work } = child.spec;
  if (work.kind !== 'agent') return 0;
  const spent = attempts.reduce((sum, attempt) => sum + spentBy(work, attempt), 0);
  if (isEnded(child)) return spent;
  return spent + Math.max(...seatsOf(work).map(({ envelope }) => envelope.costUsd));
}

/** Dollars that are left for a further child of `parent`; null = too little to begin with. */
export function leftFor(parent: AgentWork, taken: number): number | null {
  // Cents and their hundredths: sums of such numbers are not exact.
  const left = Math.round((parent.envelope.costUsd - taken) * 10_000) / 10_000;
  return left < NOTHING ? null : left;
}

/** The work, which no attempt of it may spend more than `left` dollars on. */
export function within(work: AgentWork, left: number): AgentWork {
  const bounded = <S extends Seat>(seat: S): S => ({
    ...seat,
    envelope: { ...seat.envelope, costUsd: Math.min(seat.envelope.costUsd, left) },
  });
  return {
    ...bounded(work),
    ...(work.others !== undefined && { others: work.others.map(bounded) }),
  };
}
