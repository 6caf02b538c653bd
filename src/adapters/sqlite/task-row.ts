import type { State } from '../../domain/lifecycle.ts';
import { laneKey, laneOf } from '../../domain/lane.ts';
import { dueAt, type Facts, type Task, type TaskSpec } from '../../domain/task.ts';

/** The columns that a task is read from: the others exist to be searched. */
export interface TaskRow {
  id: string;
  version: number;
  state: State;
  node: string;
  created_at: number;
  facts: string;
  spec: string;
}

export const TASK_COLUMNS = 'id, version, state, node, created_at, facts, spec';

export function toTask(row: TaskRow): Task {
  const { id, version, state, node } = row;
  const spec = JSON.parse(row.spec) as TaskSpec;
  const facts = JSON.parse(row.facts) as Facts[State];
  return { id, version, state, node, createdAt: row.created_at, spec, ...facts } as Task;
}

/** The columns that a step changes. */
export function changingColumns(task: Task) {
  const { id, version, state, node: _node, createdAt: _createdAt, spec: _spec, ...facts } = task;
  return {
    id,
    version,
    state,
    queued_at: task.state === 'queued' ? task.queuedAt : null,
    due_at: dueAt(task),
    ended_at: 'endedAt' in task ? task.endedAt : null,
    facts: JSON.stringify(facts),
  };
}

/** The columns that are fixed at submit. */
export const fixedColumns = ({ id, node, createdAt, spec }: Task, contentHash: string) => ({
  node,
  created_at: createdAt,
  owner: spec.owner,
  group_name: spec.group,
  parent: spec.parent,
  retry_of: spec.retryOf,
  resume_of: spec.resumeOf,
  check_of: spec.check?.of ?? null,
  environment: spec.environment,
  lane: laneKey(laneOf(spec)),
  key: spec.key,
  content_hash: contentHash,
  priority: spec.priority,
  search: searchable(`${id}\n${spec.title}`),
  spec: JSON.stringify(spec),
});

/** SQLite folds the case of ASCII letters only. */
export const searchable = (text: string): string => text.toLowerCase();
