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
}

/** Looks on while a daemon works, without asking it. */
export class Observer {
  readonly #db: Database.Database;

  constructor(home: Home) {
    this.#db = new Database(join(home.state, DATABASE), { readonly: true });
  }

  /** Tasks that have not ended. */
  open(): number {
    return this.#count('SELECT count(*) FROM task WHERE ended_at IS NULL');
  }

  /** Deliveries to be pushed. */
  due(): number {
    return this.#count('SELECT count(*) FROM delivery WHERE next_at IS NOT NULL');
  }

  #count(sql: string): number {
    return this.#db.prepare<[], number>(sql).pluck().get() ?? 0;
  }

  close(): void {
    this.#db.close();
  }
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
  return tasks.map(({ id, key, state, facts }) => ({
    id,
    key,
    state,
    reason: (JSON.parse(facts) as { reason?: Reason }).reason ?? null,
    attempts: attempts.all(id).map((one) => JSON.parse(one) as EndedAttempt),
    history: history.all(id),
  }));
}
