import type { Watch } from '../../domain/watch.ts';
import type { WatchStore } from '../../ports/watch-store.ts';
import type { Core } from './core.ts';
import { rows } from './rows.ts';

const SQL = {
  exists: 'SELECT 1 FROM task WHERE id = ?',
  count: 'SELECT count(*) FROM watch INDEXED BY watch_of_task WHERE task_id = ?',
  add: 'INSERT INTO watch (id, task_id, created_at, facts) VALUES (?, ?, ?, ?)',
  all: 'SELECT facts FROM watch ORDER BY created_at, id',
  of: 'SELECT facts FROM watch INDEXED BY watch_of_task WHERE task_id = ? ORDER BY created_at, id',
  put: 'UPDATE watch SET facts = ? WHERE id = ?',
  drop: 'DELETE FROM watch WHERE id = ?',
};

const toWatch = (facts: string): Watch => JSON.parse(facts) as Watch;

export function watchVerbs({ db, read, write }: Core): WatchStore {
  const { addDelivery } = rows(db);
  const exists = db.prepare<[string], 1>(SQL.exists).pluck();
  const count = db.prepare<[string], number>(SQL.count).pluck();
  const add = db.prepare<[string, string, number, string]>(SQL.add);
  const all = db.prepare<[], string>(SQL.all).pluck();
  const of = db.prepare<[string], string>(SQL.of).pluck();
  const put = db.prepare<[string, string]>(SQL.put);
  const drop = db.prepare<[string]>(SQL.drop);
  return {
    addWatch: (watch, most) =>
      write(() => {
        const { id, taskId, createdAt } = watch;
        if (exists.get(taskId) === undefined) return 'gone';
        if ((count.get(taskId) ?? 0) >= most) return 'full';
        add.run(id, taskId, createdAt, JSON.stringify(watch));
        return 'added';
      }),
    watches: (taskId) =>
      read(() => (taskId === undefined ? all.all() : of.all(taskId)).map(toWatch)),
    putWatch: (watch, deliveries, over) =>
      write(() => {
        const stored = over ? drop.run(watch.id) : put.run(JSON.stringify(watch), watch.id);
        if (stored.changes === 0) return false;
        for (const delivery of deliveries) addDelivery(delivery);
        return true;
      }),
    dropWatch: (id) => write(() => drop.run(id).changes > 0),
  };
}
