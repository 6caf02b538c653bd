import type { Database } from 'better-sqlite3';
import { laneKey, laneOf } from '../../../domain/lane.ts';
import type { TaskSpec } from '../../../domain/task.ts';

const COLUMNS = `
DROP INDEX task_to_claim;
ALTER TABLE task DROP COLUMN account;
ALTER TABLE task ADD COLUMN lane TEXT NOT NULL DEFAULT '';
CREATE INDEX task_to_claim ON task (lane, queued_at) WHERE state = 'queued';
`;

/** Tasks wait in lanes: what decides about their start is read once for each lane, and not for each task. */
export function lanes(db: Database): void {
  db.exec(COLUMNS);
  const open = db.prepare<[], { row: number; spec: string }>(
    'SELECT rowid AS row, spec FROM task WHERE ended_at IS NULL',
  );
  const set = db.prepare<[string, number]>('UPDATE task SET lane = ? WHERE rowid = ?');
  for (const { row, spec } of open.all())
    set.run(laneKey(laneOf(JSON.parse(spec) as TaskSpec)), row);
}
