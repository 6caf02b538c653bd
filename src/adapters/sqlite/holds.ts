import type { Database } from 'better-sqlite3';
import { changeByHand, changeByPerson } from '../../domain/agent-change.ts';
import type { Hold } from '../../domain/holds.ts';
import type { Store } from '../../ports/store.ts';
import { agentChangeRow } from './agent-history.ts';
import type { Core } from './core.ts';

const toHold = (facts: string): Hold => JSON.parse(facts) as Hold;

/** The statements on holds. */
export function holdRows(db: Database) {
  const get = db.prepare<[string], string>('SELECT facts FROM hold WHERE account = ?').pluck();
  const put = db.prepare<[string, number | null, string]>(
    'INSERT OR REPLACE INTO hold (account, retry_at, facts) VALUES (?, ?, ?)',
  );
  const drop = db.prepare<[string]>('DELETE FROM hold WHERE account = ?');
  return {
    get: (account: string): Hold | null => {
      const facts = get.get(account);
      return facts === undefined ? null : toHold(facts);
    },
    put: (hold: Hold): void => void put.run(hold.account, hold.retryAt, JSON.stringify(hold)),
    drop: (account: string): void => void drop.run(account),
  };
}

export function holdVerbs({
  db,
  read,
  write,
}: Core): Pick<Store, 'holds' | 'setHold' | 'dropHolds'> {
  const { get, put, drop } = holdRows(db);
  const addChange = agentChangeRow(db);
  const all = db.prepare<[], string>('SELECT facts FROM hold ORDER BY account').pluck();
  return {
    holds: () => read(() => all.all().map(toHold)),
    setHold: (hold) =>
      write(() => {
        put(hold);
        addChange(changeByHand(hold));
      }),
    dropHolds: (accounts, kind, at) =>
      write(() => {
        for (const account of accounts) {
          const hold = get(account);
          if (hold === null) continue;
          drop(account);
          const change = changeByPerson(hold, kind, at);
          if (change !== null) addChange(change);
        }
      }),
  };
}
