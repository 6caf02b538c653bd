import { type Admitted, type Capacity, type Head, keptIn } from '../../src/domain/admission.ts';
import type { AgentFacts } from '../../src/domain/agent-work.ts';
import { countedBy } from '../../src/domain/cap.ts';
import { holdingsOf } from '../../src/domain/holdings.ts';
import { seatAt } from '../../src/domain/lane.ts';
import { countedUsd, spentIn } from '../../src/domain/spent.ts';
import { type Step, step, type TaskIn } from '../../src/domain/task.ts';
import { type Ground, windowsIn } from './evidence.ts';
import { type Model, NODE } from './model.ts';

/** What the node can take on now. */
export function capacityIn(ground: Pick<Ground, 'model' | 'rules' | 'clock'>): Capacity {
  const capacity = freeIn(ground);
  return { ...capacity, kept: keptIn(headsIn(ground.model), capacity, ground.clock.wall) };
}

function freeIn(ground: Pick<Ground, 'model' | 'rules' | 'clock'>): Capacity {
  const { model, rules } = ground;
  return {
    ...model.settings,
    busy: rules.busyOf(model.live.values()),
    holdings: holdingsOf(model.live.values()),
    holds: [...model.holds.values()],
    spendings: windowsIn(ground).map(({ budget, from, until }) => ({
      budget,
      until,
      spentUsd: countedUsd(spentIn(model.expenses.values(), countedBy({ budget, from }))),
    })),
  };
}

/** The first tasks of each lane. */
export const headsIn = ({ lanes, settings }: Model): Head[] =>
  Array.from(lanes.values()).flatMap(({ lane, tasks }) =>
    tasks.slice(0, settings.limits.slots).map(({ id, queuedAt }) => ({ id, lane, queuedAt })),
  );

export function claimOf(task: TaskIn<'queued'>, seat: Admitted['seat'], now: number): Step {
  const attempt = {
    number: (task.attempt?.number ?? 0) + 1,
    node: NODE,
    claimedAt: now,
    process: null,
    startedAt: null,
    deadlineAt: null,
    endedAt: null,
    outcome: null,
    ...factsOf(task, seat),
    ...(task.spec.workspace && { workspace: UNPREPARED }),
  };
  return step('claim', task, { state: 'claimed', attempt }, now);
}

const UNPREPARED = { path: '/w', cwd: '/w', branch: null, prepared: null };

function factsOf(
  { spec: { work } }: TaskIn<'queued'>,
  at: Admitted['seat'],
): { agent?: AgentFacts } {
  if (work.kind !== 'agent') return {};
  const seat = at === null ? undefined : seatAt(work, at);
  const facts = { sessionId: null, resumed: null, before: null, report: null, settledAt: null };
  return { agent: seat === undefined || seat === work ? facts : { ...facts, seat } };
}
