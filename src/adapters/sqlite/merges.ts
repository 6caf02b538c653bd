import type { Merge } from '../../domain/merge.ts';
import type { Store } from '../../ports/store.ts';
import type { Core } from './core.ts';

type Verb = 'addMerge' | 'putMerge' | 'merges' | 'openMerges';

interface Row {
  seq: number;
  facts: string;
}

const SQL = {
  // The one that is replaced goes, and the new one has the next number.
  add: `INSERT OR REPLACE INTO merge (task_id, target, ended_at, facts)
    SELECT id, ?, ?, ? FROM task WHERE id = ?`,
  put: 'UPDATE merge SET ended_at = ?, facts = ? WHERE seq = ?',
  of: `SELECT seq, facts FROM merge INDEXED BY merge_of_task
    WHERE task_id IN (SELECT value FROM json_each(?))`,
  open: `SELECT seq, facts FROM merge INDEXED BY merge_open
    WHERE ended_at IS NULL AND seq > 0 ORDER BY seq`,
};

const newestFirst = (a: Merge, b: Merge): number => b.seq - a.seq;
const toMerge = ({ seq, facts }: Row): Merge => ({ ...(JSON.parse(facts) as Merge), seq });

export function mergeVerbs({ db, read, write }: Core): Pick<Store, Verb> {
  const add = db.prepare<[string, number | null, string, string]>(SQL.add);
  const put = db.prepare<[number | null, string, number]>(SQL.put);
  const of = db.prepare<[string], Row>(SQL.of);
  const open = db.prepare<[], Row>(SQL.open);
  return {
    addMerge: (merge) =>
      write(() => {
        const { taskId, target, endedAt } = merge;
        const { changes, lastInsertRowid } = add.run(
          ...([target, endedAt, JSON.stringify(merge), taskId] as const),
        );
        return changes === 0 ? null : { ...merge, seq: Number(lastInsertRowid) };
      }),
    putMerge: (merge) =>
      write(() => put.run(merge.endedAt, JSON.stringify(merge), merge.seq).changes > 0),
    merges: (ids) => read(() => of.all(JSON.stringify(ids)).map(toMerge).sort(newestFirst)),
    openMerges: () => read(() => open.all().map(toMerge)),
  };
}
