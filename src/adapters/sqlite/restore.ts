import { expenseOf } from '../../domain/expense.ts';
import { type Event, LIFECYCLE, type State } from '../../domain/lifecycle.ts';
import type { Core } from './core.ts';
import { rows } from './rows.ts';
import type { Salvaged } from './salvage.ts';
import { expenseRows } from './spending.ts';

/** Stores rebuilt tasks as they are, all or none; those whose id or key exists are left out. Answers the ids stored. */
export type Restore = (salvaged: readonly Salvaged[]) => Promise<string[]>;

export function restoreVerb({ db, write }: Core): Restore {
  const { addTask, addHistory, keepAttempt, addDelivery } = rows(db);
  const { keepExpense } = expenseRows(db);
  const known = db.prepare<[string, string | null], 1>(
    'SELECT 1 FROM task WHERE id = ? OR key = ?',
  );
  return (salvaged) =>
    write(() =>
      salvaged.flatMap(({ task, contentHash, attempts, deliveries }) => {
        if (known.get(task.id, task.spec.key) !== undefined) return [];
        addTask(task, contentHash);
        addHistory(task, eventInto(task.state), 'endedAt' in task ? task.endedAt : task.createdAt);
        for (const attempt of [...attempts, task.attempt]) {
          keepAttempt(task.id, attempt);
          const expense = attempt === null ? null : expenseOf(task.id, task.spec, attempt);
          if (expense !== null) keepExpense(expense);
        }
        for (const delivery of deliveries) addDelivery(delivery);
        return [task.id];
      }),
    );
}

const EVENTS = Object.keys(LIFECYCLE) as Event[];

/** The history before was lost with the database: it begins again with the event that leads into the state. */
function eventInto(state: State): Event {
  const leadsHere = (event: Event): boolean =>
    (LIFECYCLE[event].to as readonly State[]).includes(state);
  return EVENTS.find(leadsHere) ?? 'submit';
}
