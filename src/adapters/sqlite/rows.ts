import type { Database } from 'better-sqlite3';
import type { Attempt } from '../../domain/attempt.ts';
import {
  type Delivery,
  type DeliveryStatus,
  type PushTargets,
  reasonOf,
} from '../../domain/delivery.ts';
import type { Event } from '../../domain/lifecycle.ts';
import { changeByAttempt } from '../../domain/agent-change.ts';
import { questions } from '../../domain/agent-question.ts';
import { holdsBy } from '../../domain/hold-step.ts';
import type { Step, Task } from '../../domain/task.ts';
import { toColumns, untold } from './delivery-row.ts';
import { agentChangeRow } from './agent-history.ts';
import { holdRows } from './holds.ts';
import { changingColumns, fixedColumns } from './task-row.ts';

/** The statements that more than one verb writes rows with. */
export interface Rows {
  addTask: (task: Task, contentHash: string) => void;
  /** False when the stored task is no longer at `before`. */
  updateTask: (before: Task, after: Task) => boolean;
  addHistory: (task: Task, event: Event, at: number) => void;
  keepAttempt: (taskId: string, attempt: Attempt | null) => void;
  /** What the step does to the holds of the task's agent, with its history and what a person is asked. */
  settleHolds: (task: Task, step: Step, targets: PushTargets) => void;
  /** False when its id is known. */
  addDelivery: (delivery: Delivery | DeliveryStatus) => boolean;
}

const INSERT_TASK = `INSERT INTO task (
  id, version, state, node, created_at, owner, group_name, parent, retry_of, resume_of,
  check_of, environment, lane, key,
  content_hash, priority, queued_at, due_at, ended_at, search, facts, spec
) VALUES (
  @id, @version, @state, @node, @created_at, @owner, @group_name, @parent, @retry_of, @resume_of,
  @check_of, @environment, @lane, @key,
  @content_hash, @priority, @queued_at, @due_at, @ended_at, @search, @facts, @spec
)`;

const UPDATE_TASK = `UPDATE task
  SET version = @version, state = @state, queued_at = @queued_at, due_at = @due_at,
    ended_at = @ended_at, facts = @facts
  WHERE id = @id AND version = @from_version AND state = @from_state`;

const INSERT_DELIVERY = `INSERT INTO delivery (
  id, kind, task_id, owner, subscriber, created_at, preview, truncated,
  tries, next_at, delivered_at, acked_at, dead_at, last_error
) VALUES (
  @id, @kind, @task_id, @owner, @subscriber, @created_at, @preview, @truncated,
  @tries, @next_at, @delivered_at, @acked_at, @dead_at, @last_error
) ON CONFLICT (id) DO NOTHING`;

export function rows(db: Database): Rows {
  const insertTask = db.prepare(INSERT_TASK);
  const updateTask = db.prepare(UPDATE_TASK);
  const insertDependency = db.prepare('INSERT OR IGNORE INTO dependency VALUES (?, ?, ?)');
  const insertHistory = db.prepare(
    'INSERT INTO history (task_id, version, event, state, reason, at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const upsertAttempt = db.prepare(
    `INSERT INTO attempt (task_id, number, facts) VALUES (?, ?, ?)
     ON CONFLICT (task_id, number) DO UPDATE SET facts = excluded.facts`,
  );
  const insertDelivery = db.prepare(INSERT_DELIVERY);
  const { get, put, drop } = holdRows(db);
  const addAgentChange = agentChangeRow(db);
  const addDelivery: Rows['addDelivery'] = (delivery) =>
    insertDelivery.run(toColumns('tries' in delivery ? delivery : untold(delivery))).changes === 1;
  return {
    addTask: (task, contentHash) => {
      insertTask.run({ ...changingColumns(task), ...fixedColumns(task, contentHash) });
      for (const { task: on, when } of task.spec.after) insertDependency.run(task.id, on, when);
    },
    updateTask: (before, after) => {
      const guard = { from_version: before.version, from_state: before.state };
      return updateTask.run({ ...changingColumns(after), ...guard }).changes === 1;
    },
    addHistory: (task, event, at) => {
      insertHistory.run(task.id, task.version, event, task.state, reasonOf(task), at);
    },
    keepAttempt: (taskId, attempt) => {
      if (attempt !== null) upsertAttempt.run(taskId, attempt.number, JSON.stringify(attempt));
    },
    settleHolds: (task, step, targets) => {
      const changes = holdsBy(step, task.spec, get);
      for (const change of changes) {
        const { account, after } = change;
        if (after === null) drop(account);
        else put(after);
        const line = changeByAttempt(change, task.id, step.at);
        if (line !== null) addAgentChange(line);
      }
      for (const question of questions(task, step, changes, targets)) addDelivery(question);
    },
    addDelivery,
  };
}
