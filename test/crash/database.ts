import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { EndedAttempt } from '../../src/domain/attempt.ts';
import type { Event, Reason, State } from '../../src/domain/lifecycle.ts';
import { DATABASE, type Home } from './home.ts';

export interface StoredChange {
  version: number;
  event: Event;
  state: State;
}

/** One task with all that is stored of it. */
export interface StoredTask {
  id: string;
  key: string;
  state: State;
  reason: Reason | null;
  attempts: EndedAttempt[];
  history: StoredChange[];
  /** Ids of its deliveries, by subscriber. */
  deliveries: { id: string; subscriber: string }[];
  /** Deliveries still to be pushed. */
  due: string[];
}

/** What is durable now, read from beside the daemon. */
export function readDatabase(home: Home): StoredTask[] {
  const path = join(home.state, DATABASE);
  if (!existsSync(path)) return [];
  const db = new Database(path, { readonly: true });
  try {
    return db.transaction(() => readAll(db))();
  } finally {
    db.close();
  }
}

function readAll(db: Database.Database): StoredTask[] {
  const tasks = db
    .prepare<[], { id: string; key: string; state: State; facts: string }>(
      'SELECT id, key, state, facts FROM task ORDER BY created_at, id',
    )
    .all();
  const attempts = db
    .prepare<[string], string>('SELECT facts FROM attempt WHERE task_id = ? ORDER BY number')
    .pluck();
  const history = db.prepare<[string], StoredChange>(
    'SELECT version, event, state FROM history WHERE task_id = ? ORDER BY seq',
  );
  const deliveries = db.prepare<[string], { id: string; subscriber: string; next_at: number }>(
    'SELECT id, subscriber, next_at FROM delivery WHERE task_id = ? ORDER BY id',
  );
  return tasks.map(({ id, key, state, facts }) => ({
    id,
    key,
    state,
    reason: (JSON.parse(facts) as { reason?: Reason }).reason ?? null,
    attempts: attempts.all(id).map((one) => JSON.parse(one) as EndedAttempt),
    history: history.all(id),
    deliveries: deliveries.all(id).map(({ id: one, subscriber }) => ({ id: one, subscriber })),
    due: deliveries.all(id).flatMap(({ id: one, next_at: at }) => (at === null ? [] : [one])),
  }));
}
