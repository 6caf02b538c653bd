import { type Children, NO_CHILDREN } from '../../domain/evidence.ts';
import type { Store } from '../../ports/store.ts';
import type { Core } from './core.ts';

const SQL = {
  // Looked at from the end that frees it, so that whoever waits for many costs little until the last of them.
  released: `SELECT DISTINCT this.task_id
    FROM dependency AS this CROSS JOIN task ON task.id = this.task_id
    WHERE this.on_task = ? AND task.state = 'waiting' AND (
      this.condition IN (SELECT value FROM json_each(?)) OR NOT EXISTS (
        SELECT 1 FROM dependency AS other CROSS JOIN task AS open ON open.id = other.on_task
        WHERE other.task_id = task.id AND open.ended_at IS NULL
      )) ORDER BY this.task_id`,
  children: `SELECT count(*) - count(ended_at) AS open, max(ended_at) AS endedAt,
      count(*) FILTER (WHERE state = 'failed' AND id NOT IN (
        SELECT retry_of FROM task INDEXED BY task_by_parent
        WHERE parent = @parent AND retry_of IS NOT NULL AND state NOT IN ('cancelled', 'skipped')
      )) AS failed
    FROM task INDEXED BY task_by_parent WHERE parent = @parent`,
};

export function familyVerbs({ db, read }: Core): Pick<Store, 'released' | 'children'> {
  const released = db.prepare<[string, string], string>(SQL.released).pluck();
  const children = db.prepare<[{ parent: string }], Children>(SQL.children);
  return {
    released: (id, unmet) => read(() => released.all(id, JSON.stringify(unmet))),
    children: (parent) => read(() => children.get({ parent }) ?? NO_CHILDREN),
  };
}
