import { LIVE_STATES, type Live, type State, TERMINAL } from '../../domain/lifecycle.ts';
import type { TaskIn } from '../../domain/task.ts';
import type { Keyed, Store } from '../../ports/store.ts';
import type { Core } from './core.ts';
import { TASK_COLUMNS, type TaskRow, toTask } from './task-row.ts';

type Verb = 'live' | 'due' | 'nextDue' | 'states' | 'keyed' | 'releasable' | 'counts';

const listed = (states: readonly State[]): string => states.map((state) => `'${state}'`).join(', ');

const SELECT = `SELECT ${TASK_COLUMNS} FROM task`;

/** Each query names its index: without statistics SQLite might prefer to sort. */
const SQL = {
  live: `${SELECT} INDEXED BY task_live
    WHERE node = ? AND state IN (${listed(LIVE_STATES)}) ORDER BY created_at, id`,
  due: `${SELECT} INDEXED BY task_due WHERE due_at <= ? ORDER BY due_at, id LIMIT ?`,
  nextDue: 'SELECT min(due_at) FROM task INDEXED BY task_due WHERE due_at IS NOT NULL',
  state: 'SELECT state FROM task WHERE id = ?',
  byKey: 'SELECT id, state, created_at AS createdAt FROM task WHERE key = ?',
  releasable: `${SELECT} INDEXED BY task_by_state
    WHERE state = 'waiting' AND check_of IS NULL AND EXISTS (
      SELECT 1 FROM dependency LEFT JOIN task AS other ON other.id = dependency.on_task
      WHERE dependency.task_id = task.id
        AND (other.id IS NULL OR other.state IN (${listed(TERMINAL)}))
    ) ORDER BY created_at, id LIMIT ?`,
  byState: `SELECT state, count(*) AS count FROM task INDEXED BY task_by_state
    WHERE check_of IS NULL GROUP BY state`,
  undelivered: `SELECT count(*) - count(dead_at) AS undelivered, count(dead_at) AS dead
    FROM delivery INDEXED BY delivery_open WHERE delivered_at IS NULL`,
};

export function scheduleVerbs({ db, read }: Core): Pick<Store, Verb> {
  const sql = SQL;
  const live = db.prepare<[string], TaskRow>(sql.live);
  const due = db.prepare<[number, number], TaskRow>(sql.due);
  const nextDue = db.prepare<[], number | null>(sql.nextDue).pluck();
  const state = db.prepare<[string], State>(sql.state).pluck();
  const releasable = db.prepare<[number], TaskRow>(sql.releasable);
  const byKey = db.prepare<[string], Keyed>(sql.byKey);
  const byState = db.prepare<[], { state: State; count: number }>(sql.byState);
  const undelivered = db.prepare<[], { undelivered: number; dead: number }>(sql.undelivered);
  const tasksIn = <S extends State>(found: TaskRow[]): TaskIn<S>[] =>
    found.map((row) => toTask(row) as TaskIn<S>);
  return {
    live: (node) => read(() => tasksIn<Live>(live.all(node))),
    due: (now, limit) => read(() => due.all(now, limit).map(toTask)),
    nextDue: () => read(() => nextDue.get() ?? null),
    releasable: (limit) => read(() => tasksIn<'waiting'>(releasable.all(limit))),
    states: (ids) =>
      read(() => {
        const found = new Map<string, State>();
        for (const id of ids) {
          const known = state.get(id);
          if (known !== undefined) found.set(id, known);
        }
        return found;
      }),
    keyed: (keys) =>
      read(() => {
        const found = new Map<string, Keyed>();
        for (const key of keys) {
          const known = byKey.get(key);
          if (known !== undefined) found.set(key, known);
        }
        return found;
      }),
    counts: () =>
      read(() => ({
        byState: Object.fromEntries(byState.all().map((row) => [row.state, row.count])),
        ...(undelivered.get() ?? { undelivered: 0, dead: 0 }),
      })),
  };
}
