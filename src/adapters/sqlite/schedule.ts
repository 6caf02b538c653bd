import { LIVE_STATES, type Live, type State, TERMINAL } from '../../domain/lifecycle.ts';
import type { TaskIn } from '../../domain/task.ts';
import type { Store } from '../../ports/store.ts';
import type { Core } from './core.ts';
import { TASK_COLUMNS, type TaskRow, toTask } from './task-row.ts';

type Verb =
  | 'live'
  | 'candidates'
  | 'due'
  | 'nextDue'
  | 'dependents'
  | 'states'
  | 'releasable'
  | 'counts';

const listed = (states: readonly State[]): string => states.map((state) => `'${state}'`).join(', ');

const SELECT = `SELECT ${TASK_COLUMNS} FROM task`;

/** Each query names its index: without statistics SQLite might prefer to sort. */
const SQL = {
  live: `${SELECT} INDEXED BY task_live
    WHERE node = ? AND state IN (${listed(LIVE_STATES)}) ORDER BY created_at, id`,
  candidates: `${SELECT} INDEXED BY task_to_claim
    WHERE state = 'queued' AND (account IS NULL OR NOT EXISTS (
      SELECT 1 FROM hold
      WHERE hold.account IN (task.account, substr(task.account, 1, instr(task.account, '/')) || '*') AND (retry_at IS NULL OR retry_at > ?)
    )) ORDER BY priority DESC, queued_at, rowid LIMIT ?`,
  due: `${SELECT} INDEXED BY task_due WHERE due_at <= ? ORDER BY due_at, id LIMIT ?`,
  nextDue: 'SELECT min(due_at) FROM task INDEXED BY task_due WHERE due_at IS NOT NULL',
  dependents: `${SELECT}
    WHERE id IN (SELECT task_id FROM dependency WHERE on_task = ?) AND state = 'waiting'
    ORDER BY created_at, id`,
  state: 'SELECT state FROM task WHERE id = ?',
  releasable: `${SELECT} INDEXED BY task_by_state
    WHERE state = 'waiting' AND EXISTS (
      SELECT 1 FROM dependency LEFT JOIN task AS other ON other.id = dependency.on_task
      WHERE dependency.task_id = task.id
        AND (other.id IS NULL OR other.state IN (${listed(TERMINAL)}))
    ) ORDER BY created_at, id LIMIT ?`,
  byState: 'SELECT state, count(*) AS count FROM task INDEXED BY task_by_state GROUP BY state',
  undelivered: `SELECT count(*) - count(dead_at) AS undelivered, count(dead_at) AS dead
    FROM delivery INDEXED BY delivery_open WHERE delivered_at IS NULL`,
};

export function scheduleVerbs({ db, read }: Core): Pick<Store, Verb> {
  const sql = SQL;
  const live = db.prepare<[string], TaskRow>(sql.live);
  const candidates = db.prepare<[number, number], TaskRow>(sql.candidates);
  const due = db.prepare<[number, number], TaskRow>(sql.due);
  const nextDue = db.prepare<[], number | null>(sql.nextDue).pluck();
  const dependents = db.prepare<[string], TaskRow>(sql.dependents);
  const state = db.prepare<[string], State>(sql.state).pluck();
  const releasable = db.prepare<[number], TaskRow>(sql.releasable);
  const byState = db.prepare<[], { state: State; count: number }>(sql.byState);
  const undelivered = db.prepare<[], { undelivered: number; dead: number }>(sql.undelivered);
  const tasksIn = <S extends State>(found: TaskRow[]): TaskIn<S>[] =>
    found.map((row) => toTask(row) as TaskIn<S>);
  return {
    live: (node) => read(() => tasksIn<Live>(live.all(node))),
    candidates: (limit, now) => read(() => tasksIn<'queued'>(candidates.all(now, limit))),
    due: (now, limit) => read(() => due.all(now, limit).map(toTask)),
    nextDue: () => read(() => nextDue.get() ?? null),
    dependents: (id) => read(() => tasksIn<'waiting'>(dependents.all(id))),
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
    counts: () =>
      read(() => ({
        byState: Object.fromEntries(byState.all().map((row) => [row.state, row.count])),
        ...(undelivered.get() ?? { undelivered: 0, dead: 0 }),
      })),
  };
}
