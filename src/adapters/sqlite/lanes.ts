import { laneFrom, laneKey } from '../../domain/lane.ts';
import type { Store, Waiting } from '../../ports/store.ts';
import type { Core } from './core.ts';

/** Jumps from lane to lane in the index, however many tasks wait in each. */
const LANES = `
  WITH RECURSIVE known (lane) AS (
    SELECT min(lane) FROM task INDEXED BY task_to_claim WHERE state = 'queued'
    UNION ALL
    SELECT (SELECT min(lane) FROM task INDEXED BY task_to_claim
      WHERE state = 'queued' AND task.lane > known.lane)
    FROM known WHERE known.lane IS NOT NULL
  ) SELECT lane FROM known WHERE lane IS NOT NULL`;

export function laneVerbs({ db, read }: Core): Pick<Store, 'lanes' | 'waiting' | 'ahead'> {
  const all = db.prepare<[], string>(LANES).pluck();
  const first = db.prepare<[string, number], Waiting>(
    `SELECT id, queued_at AS queuedAt FROM task INDEXED BY task_to_claim
     WHERE state = 'queued' AND lane = ? ORDER BY queued_at, rowid LIMIT ?`,
  );
  const before = db
    .prepare<[string, number], number>(
      `SELECT count(*) FROM task INDEXED BY task_to_claim
       WHERE state = 'queued' AND lane = ? AND queued_at < ?`,
    )
    .pluck();
  return {
    lanes: () => read(() => all.all().map(laneFrom)),
    waiting: (lane, limit) => read(() => first.all(laneKey(lane), limit)),
    ahead: (lane, queuedAt) => read(() => before.get(laneKey(lane), queuedAt) ?? 0),
  };
}
