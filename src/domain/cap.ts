import { type Budget, counts, hasRoom } from './budget.ts';
import { type Expense, expenseBy } from './expense.ts';
import type { ExpenseQuery } from './spent.ts';
import type { Step, TaskSpec } from './task.ts';

/** A budget as a claim is checked against it: what was claimed from `from` (epoch ms) on counts. */
export interface Cap {
  budget: Budget;
  from: number;
}

/** The expenses that a budget counts from `from` on. */
export const countedBy = ({ budget: { agent, group, owner }, from }: Cap): ExpenseQuery => ({
  from,
  ...(agent !== null && { agent }),
  ...(group !== null && { group }),
  ...(owner !== null && { owner }),
});

/** Whether the steps claim more than one of the caps has room for; `spentUsd` = what counts against it so far. */
export const isCapped = (
  steps: readonly Step[],
  spec: TaskSpec,
  caps: readonly Cap[],
  spentUsd: (cap: Cap) => number,
): boolean =>
  caps.length > 0 &&
  claimedIn(steps, spec).some((claimed) =>
    caps.some(
      (cap) =>
        counts(cap.budget, claimed) && !hasRoom(cap.budget, spentUsd(cap), claimed.reservedUsd),
    ),
  );

const claimedIn = (steps: readonly Step[], spec: TaskSpec): Expense[] =>
  steps
    .filter(({ event }) => event === 'claim')
    .flatMap((claim) => expenseBy(claim, spec)?.expense ?? []);
