import type { Change, Store } from '../../ports/store.ts';
import type { Core } from './core.ts';

const SELECT = 'SELECT seq, task_id AS taskId, version, event, state, reason, at FROM history';

export function changeVerbs({ db, read }: Core): Pick<Store, 'history' | 'changes' | 'lastSeq'> {
  const ofTask = db.prepare<[string], Change>(`${SELECT} WHERE task_id = ? ORDER BY version`);
  const after = db.prepare<[number, number], Change>(
    `${SELECT} WHERE seq > ? ORDER BY seq LIMIT ?`,
  );
  // The highest number ever given: the last row itself may have been removed with its task.
  const last = db
    .prepare<[], number>("SELECT seq FROM sqlite_sequence WHERE name = 'history'")
    .pluck();
  return {
    history: (id) => read(() => ofTask.all(id)),
    changes: (seq, limit) => read(() => after.all(seq, limit)),
    lastSeq: () => read(() => last.get() ?? 0),
  };
}
