import { type Cap, countedBy, isCapped } from '../../domain/cap.ts';
import { expenseBy } from '../../domain/expense.ts';
import { countedUsd, sharesIn, spentIn } from '../../domain/spent.ts';
import type { Step, TaskSpec } from '../../domain/task.ts';
import type { Store } from '../../ports/store.ts';
import type { Records } from './records.ts';

export const spendingVerbs = ({ expenses }: Records): Pick<Store, 'spent' | 'costs'> => ({
  spent: async (query) => spentIn(expenses.values(), query),
  costs: async (query) => sharesIn(expenses.values(), query),
});

/** What the step does to the expense of its attempt. */
export function settleExpense({ expenses }: Records, spec: TaskSpec, step: Step): void {
  const change = expenseBy(step, spec);
  if (change === null) return;
  const key = `${change.taskId}.${change.attempt}`;
  if (change.expense === null) expenses.delete(key);
  else expenses.set(key, change.expense);
}

export const isOverdrawn = (
  { expenses }: Records,
  steps: readonly Step[],
  spec: TaskSpec,
  caps: readonly Cap[],
): boolean =>
  isCapped(steps, spec, caps, (cap) => countedUsd(spentIn(expenses.values(), countedBy(cap))));
