import { micros, sumUsd } from './money.ts';
import type { Spent } from './spent.ts';

export const BUDGET_WINDOWS = ['day', 'week', 'month', 'ever'] as const;
export type BudgetWindow = (typeof BUDGET_WINDOWS)[number];

/** A limit of money over a span of time. */
export interface Budget {
  name: string;
  limitUsd: number;
  window: BudgetWindow;
  /** What it counts; null = everything. */
  agent: string | null;
  group: string | null;
  owner: string | null;
  /** The part of the limit, 0..1, from which on it is warned of. */
  warn: number;
}

/** What an attempt may cost at most, and whose it is. */
export interface Cost {
  agent: string;
  group: string | null;
  owner: string;
  costUsd: number;
}

/** A budget with what is spent and reserved of it in the window that is now. */
export interface Spending {
  budget: Budget;
  spentUsd: number;
  /** When the window ends, epoch ms; null = never. */
  until: number | null;
}

/** A budget with all that its window holds. */
export interface BudgetState extends Spending {
  /** When the window began, epoch ms; 0 = it always was. */
  from: number;
  spent: Spent;
}

/** Whether the budget counts what is spent there. */
export const counts = (
  { agent, group, owner }: Budget,
  cost: Pick<Cost, 'agent' | 'group' | 'owner'>,
): boolean =>
  (agent === null || agent === cost.agent) &&
  (group === null || group === cost.group) &&
  (owner === null || owner === cost.owner);

/** Whether so much more fits, once so much is spent or reserved. */
export const hasRoom = ({ limitUsd }: Budget, spentUsd: number, costUsd: number): boolean =>
  micros(spentUsd) + micros(costUsd) <= micros(limitUsd);

/**
 * The budget that has no room for the cost, of several the one that begins anew last; null = all have. One whose whole
 * limit is too small never has (`until` null).
 */
export const refusedBy = (spendings: readonly Spending[], cost: Cost): Spending | null =>
  spendings
    .filter(
      ({ budget, spentUsd }) => counts(budget, cost) && !hasRoom(budget, spentUsd, cost.costUsd),
    )
    .map((one) => (hasRoom(one.budget, 0, cost.costUsd) ? one : { ...one, until: null }))
    .reduce<Spending | null>(
      (last, one) => (last !== null && endOf(last) >= endOf(one) ? last : one),
      null,
    );

const endOf = ({ until }: Spending): number => until ?? Infinity;

/** What is spent once the cost is reserved. */
export const reserved = (spendings: readonly Spending[], cost: Cost): Spending[] =>
  spendings.map((one) =>
    counts(one.budget, cost) ? { ...one, spentUsd: sumUsd(one.spentUsd, cost.costUsd) } : one,
  );

/** `warned` from the budget's fraction on; `spent` when nothing more fits. */
export type BudgetLevel = 'ok' | 'warned' | 'spent';

export function levelOf({ budget, spentUsd }: Spending): BudgetLevel {
  const spent = micros(spentUsd);
  const limit = micros(budget.limitUsd);
  if (spent >= limit) return 'spent';
  return spent >= limit * budget.warn ? 'warned' : 'ok';
}

/**
 * Whether more was really spent than the budget has: `settledUsd` by what has ended, `reportedUsd` by what runs. The
 * ceilings of what runs normally prevent it; they do not when the limit is lowered.
 */
export const beyondBudget = (
  { limitUsd }: Budget,
  settledUsd: number,
  reportedUsd: number,
): boolean => micros(settledUsd) + micros(reportedUsd) > micros(limitUsd);
