import { TERMINAL } from '../../domain/lifecycle.ts';
import type { Store } from '../../ports/store.ts';
import type { Core } from './core.ts';
import { TASK_COLUMNS, type TaskRow, toTask } from './task-row.ts';

type Verb = 'removable' | 'workingOn' | 'remove' | 'uncleared' | 'cleared' | 'environments';

const ENDED = TERMINAL.map((state) => `'${state}'`).join(', ');

/** A delivery that reached nobody protects its task, and so does a parent, a dependent task, a check or a merge that is not over. */
const UNPROTECTED = `NOT EXISTS (
    SELECT 1 FROM delivery INDEXED BY delivery_open
    WHERE delivery.task_id = task.id AND delivered_at IS NULL
  ) AND NOT EXISTS (
    SELECT 1 FROM dependency JOIN task AS other ON other.id = dependency.task_id
    WHERE dependency.on_task = task.id AND other.state NOT IN (${ENDED})
  ) AND NOT EXISTS (
    SELECT 1 FROM task AS other WHERE other.id = task.parent AND other.state NOT IN (${ENDED})
  ) AND NOT EXISTS (
    SELECT 1 FROM task AS other INDEXED BY task_by_check
    WHERE other.check_of = task.id AND other.ended_at IS NULL
  ) AND NOT EXISTS (
    SELECT 1 FROM merge INDEXED BY merge_of_task
    WHERE merge.task_id = task.id AND merge.ended_at IS NULL
  ) AND (
    task.check_of IS NULL OR NOT EXISTS (SELECT 1 FROM task AS other WHERE other.id = task.check_of)
  )`;

const SQL = {
  removable: `SELECT ${TASK_COLUMNS} FROM task INDEXED BY task_ended
    WHERE ended_at < ? AND ${UNPROTECTED} ORDER BY ended_at, id LIMIT ?`,
  oneRemovable: `SELECT ${TASK_COLUMNS} FROM task WHERE id = ? AND ended_at < ? AND ${UNPROTECTED}`,
  workingOn: `SELECT id FROM task INDEXED BY task_by_work_tree
    WHERE spec ->> '$.workspace.kind' = 'worktree' AND spec ->> '$.workspace.repository' = ?
      AND coalesce(spec ->> '$.workspace.branch', 'tend/' || id) = ? ORDER BY id`,
  environments: `SELECT DISTINCT environment FROM task INDEXED BY task_by_environment
    WHERE environment IS NOT NULL UNION SELECT environment FROM schedule`,
  remove: `DELETE FROM task WHERE id = ? AND state IN (${ENDED}) AND ${UNPROTECTED}`,
  removeChecks: 'DELETE FROM task INDEXED BY task_by_check WHERE check_of = ? RETURNING id',
};

export function removalVerbs({ db, read, write }: Core): Pick<Store, Verb> {
  const removable = db.prepare<[number, number], TaskRow>(SQL.removable);
  const oneRemovable = db.prepare<[string, number], TaskRow>(SQL.oneRemovable);
  const workingOn = db.prepare<[string, string], string>(SQL.workingOn).pluck();
  const remove = db.prepare<[string]>(SQL.remove);
  const removeChecks = db.prepare<[string], string>(SQL.removeChecks).pluck();
  const bury = db.prepare<[string]>('INSERT INTO uncleared (id) VALUES (?)');
  const uncleared = db.prepare<[], string>('SELECT id FROM uncleared ORDER BY id').pluck();
  const clear = db.prepare<[string]>('DELETE FROM uncleared WHERE id = ?');
  const environments = db.prepare<[], string>(SQL.environments).pluck();
  return {
    environments: () => read(() => new Set(environments.all())),
    removable: (before, limit, id) =>
      read(() =>
        (id === undefined ? removable.all(before, limit) : oneRemovable.all(id, before)).map(
          toTask,
        ),
      ),
    workingOn: (repository, branch) => read(() => workingOn.all(repository, branch)),
    // The rows of attempts, dependencies, history, deliveries and merges go with their task (ON DELETE CASCADE).
    remove: (id) =>
      write(() => {
        if (remove.run(id).changes === 0) return false;
        for (const gone of [id, ...removeChecks.all(id)]) bury.run(gone);
        return true;
      }),
    uncleared: () => read(() => uncleared.all()),
    cleared: (id) => write(() => void clear.run(id)),
  };
}
