import { TERMINAL } from '../../domain/lifecycle.ts';
import type { Store } from '../../ports/store.ts';
import type { Core } from './core.ts';
import { TASK_COLUMNS, type TaskRow, toTask } from './task-row.ts';

type Verb = 'removable' | 'remove' | 'uncleared' | 'cleared' | 'environments';

const ENDED = TERMINAL.map((state) => `'${state}'`).join(', ');

/** A delivery that reached nobody protects its task, and so does a parent or a dependent task that is not over. */
const UNPROTECTED = `NOT EXISTS (
    SELECT 1 FROM delivery INDEXED BY delivery_open
    WHERE delivery.task_id = task.id AND delivered_at IS NULL
  ) AND NOT EXISTS (
    SELECT 1 FROM dependency JOIN task AS other ON other.id = dependency.task_id
    WHERE dependency.on_task = task.id AND other.state NOT IN (${ENDED})
  ) AND NOT EXISTS (
    SELECT 1 FROM task AS other WHERE other.id = task.parent AND other.state NOT IN (${ENDED})
  )`;

const SQL = {
  removable: `SELECT ${TASK_COLUMNS} FROM task INDEXED BY task_ended
    WHERE ended_at < ? AND ${UNPROTECTED} ORDER BY ended_at, id LIMIT ?`,
  environments: `SELECT DISTINCT environment FROM task INDEXED BY task_by_environment
    WHERE environment IS NOT NULL UNION SELECT environment FROM schedule`,
  remove: `DELETE FROM task WHERE id = ? AND state IN (${ENDED}) AND ${UNPROTECTED}`,
};

export function removalVerbs({ db, read, write }: Core): Pick<Store, Verb> {
  const removable = db.prepare<[number, number], TaskRow>(SQL.removable);
  const remove = db.prepare<[string]>(SQL.remove);
  const bury = db.prepare<[string]>('INSERT INTO uncleared (id) VALUES (?)');
  const uncleared = db.prepare<[], string>('SELECT id FROM uncleared ORDER BY id').pluck();
  const clear = db.prepare<[string]>('DELETE FROM uncleared WHERE id = ?');
  const environments = db.prepare<[], string>(SQL.environments).pluck();
  return {
    environments: () => read(() => new Set(environments.all())),
    removable: (before, limit) => read(() => removable.all(before, limit).map(toTask)),
    // The rows of attempts, dependencies, history and deliveries go with their task (ON DELETE CASCADE).
    remove: (id) =>
      write(() => {
        if (remove.run(id).changes === 0) return false;
        bury.run(id);
        return true;
      }),
    uncleared: () => read(() => uncleared.all()),
    cleared: (id) => write(() => void clear.run(id)),
  };
}
