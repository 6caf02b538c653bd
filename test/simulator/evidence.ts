import { beyondBudget } from '../../src/domain/budget.ts';
import { windowAt } from '../../src/domain/budget-window.ts';
import { countedBy } from '../../src/domain/cap.ts';
import { UTC } from '../../src/domain/civil.ts';
import type { Evidence } from '../../src/domain/evidence.ts';
import type { State } from '../../src/domain/lifecycle.ts';
import { settledUsd, spentIn } from '../../src/domain/spent.ts';
import type { Task, TaskId, TaskIn } from '../../src/domain/task.ts';
import type { Clock } from './clock.ts';
import type { Model } from './model.ts';
import type { Random } from './random.ts';
import type { Rules } from './rules.ts';
import type { World } from './world.ts';

export interface Ground {
  random: Random;
  clock: Clock;
  model: Model;
  rules: Rules;
  /** What may happen between any two acts: death (as a throw), or somebody else's act on the task. */
  between(task: Task | null): void;
  /** Whether somebody else has decided the same, and takes the same step a moment later. */
  isTwice(): boolean;
  /** A pass is over, and nothing is left to do for now. */
  rested(): void;
}

/** Everything that a decision about the task is made from. */
export function observe(ground: Ground, world: World, task: Task): Evidence {
  const { model, random, rules } = ground;
  const isLive = task.attempt !== null && task.attempt.outcome === null;
  const states = new Map<TaskId, State>();
  for (const { task: other } of task.spec.after) {
    const state = model.tasks.get(other)?.state;
    if (state !== undefined) states.set(other, state);
  }
  return {
    ...(isLive
      ? world.evidence(task as TaskIn<'running'>)
      : { attempt: { kind: 'none' }, agent: null }),
    readiness: rules.readiness(task.spec.after, states),
    children: model.children(task.id),
    earlier: model.earlier(task),
    checks: [],
    orphaned: false,
    vitals: null,
    outputLimit: Infinity,
    overBudget: task.state === 'running' && isOverBudget(ground, world, task),
    chance: random.next(),
  };
}

/** Each budget with its window that is now. */
export const windowsIn = ({ model, clock }: Pick<Ground, 'model' | 'clock'>) =>
  model.settings.budgets.map((budget) => ({
    budget,
    ...windowAt(budget.window, clock.wall, UTC),
  }));

function isOverBudget(ground: Ground, world: World, { id, attempt }: TaskIn<'running'>): boolean {
  const { expenses } = ground.model;
  const own = expenses.get(`${id}.${attempt.number}`);
  if (own === undefined) return false;
  return windowsIn(ground).some((cap) => {
    const counted = countedBy(cap);
    if (spentIn([own], counted).attempts === 0) return false;
    const running = [...expenses.values()].filter(
      (one) => !one.ended && spentIn([one], counted).attempts > 0,
    );
    const reported = running.reduce(
      (sum, one) => sum + (world.costOf(one.taskId, one.attempt) ?? 0),
      0,
    );
    const settled = settledUsd(spentIn(expenses.values(), counted));
    return beyondBudget(cap.budget, settled, reported);
  });
}
