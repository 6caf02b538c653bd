import type { Database } from 'better-sqlite3';
import type { Attempt } from '../../domain/attempt.ts';
import type { Delivery, DeliveryStatus } from '../../domain/delivery.ts';
import { ID_PATTERN } from '../../domain/ids.ts';
import { STATES } from '../../domain/lifecycle.ts';
import type { Task } from '../../domain/task.ts';
import { connectReadOnly } from './connect.ts';
import { type DeliveryRow, toDelivery } from './delivery-row.ts';
import { TASK_COLUMNS, type TaskRow, toTask } from './task-row.ts';

/** A task as `restore` takes it; a rebuild from attempt folders leaves out what it cannot know. */
export interface Salvaged {
  task: Task;
  contentHash: string;
  attempts: readonly Attempt[];
  deliveries: readonly (Delivery | DeliveryStatus)[];
}

/** Reads every task that can still be read from a damaged database, row by row. The file is not changed. */
export function salvage(path: string): Salvaged[] {
  const db = ifReadable(() => connectReadOnly(path));
  if (db === null) return [];
  try {
    return ifReadable(() => readAll(db)) ?? [];
  } finally {
    db.close();
  }
}

/** What cannot be read any more is left out: that is what salvaging is. */
function ifReadable<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

function readAll(db: Database): Salvaged[] {
  const at = db.prepare<[number], TaskRow & { content_hash: string }>(
    `SELECT ${TASK_COLUMNS}, content_hash FROM task WHERE rowid = ?`,
  );
  const attempts = db
    .prepare<[string], string>('SELECT facts FROM attempt WHERE task_id = ? ORDER BY number')
    .pluck();
  const deliveries = db.prepare<[string], DeliveryRow>('SELECT * FROM delivery WHERE task_id = ?');
  const found: Salvaged[] = [];
  for (let rowid = 1, last = lastRow(db); rowid <= last; rowid++) {
    const salvaged = ifReadable(() => {
      const row = at.get(rowid);
      return row === undefined ? null : { task: sound(toTask(row)), contentHash: row.content_hash };
    });
    if (salvaged === null) continue;
    const { id } = salvaged.task;
    found.push({
      ...salvaged,
      attempts:
        ifReadable(() => attempts.all(id).map((facts) => JSON.parse(facts) as Attempt)) ?? [],
      deliveries: ifReadable(() => deliveries.all(id).map(toDelivery)) ?? [],
    });
  }
  return found;
}

/** Every task ever stored has a line of history, so the last line's number bounds the rows, too. */
function lastRow(db: Database): number {
  const bounds = [
    'SELECT max(rowid) FROM task',
    "SELECT seq FROM sqlite_sequence WHERE name = 'history'",
  ];
  for (const sql of bounds) {
    const bound = ifReadable(() => db.prepare<[], number | null>(sql).pluck().get());
    if (typeof bound === 'number') return bound;
  }
  return 0;
}

function sound(task: Task): Task {
  if (ID_PATTERN.test(task.id) && STATES.includes(task.state)) return task;
  throw new RangeError('no task');
}
