import { admit, placeFor } from '../../src/domain/admission.ts';
import { busyOf } from '../../src/domain/busy.ts';
import { decideAll, requestStop } from '../../src/domain/decide.ts';
import { readiness } from '../../src/domain/dependencies.ts';
import { expenseBy } from '../../src/domain/expense.ts';
import { holdsBy } from '../../src/domain/hold-step.ts';
import { LIFECYCLE, type State } from '../../src/domain/lifecycle.ts';
import {
  apply,
  dueAt,
  firstStep,
  type Step,
  type Task,
  type TaskId,
} from '../../src/domain/task.ts';

/** Whether the step is still the task's next one. */
function isNext(task: Task, { version, event }: Step): boolean {
  const from: readonly State[] = LIFECYCLE[event].from;
  return task.version === version && from.includes(task.state);
}

/** Every decision that the simulator asks for, so that a test can put a wrong one in the place of one of them. */
export const RULES = {
  admit,
  placeFor,
  busyOf,
  decideAll,
  requestStop,
  readiness,
  expenseBy,
  holdsBy,
  dueAt,
  firstStep,
  apply,
  /** The guard of the store's every write. */
  isNext,
  /** Who is looked at when a task has ended, of those that depend on it. */
  woken: (dependents: readonly TaskId[]): readonly TaskId[] => dependents,
};

export type Rules = typeof RULES;
