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
  /** Orders the changes of all tasks. */
  seq: number;
}

/** One task with all that is stored of it. */
export interface StoredTask {
  id: string;
  key: string;
  parent: string | null;
  state: State;
  reason: Reason | null;
  /** Whose limits count; null = it is no agent's task. */
  account: string | null;
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
export const readDatabase = (home: Home): StoredTask[] => reading(home, readAll);

/** The state of a task now; undefined = there is none. */
export const stateOf = (home: Home, id: string): State | undefined =>
  reading(home, (db) =>
    db.prepare<[string], State>('SELECT state FROM task WHERE id = ?').pluck().all(id),
  )[0];

/** The accounts that a refusal, or a person, has laid aside. */
export const readHolds = (home: Home): string[] =>
  reading(home, (db) => db.prepare<[], string>('SELECT account FROM hold').pluck().all());

/** What stands in the ledger for an attempt, in millionths of a dollar. */
export interface StoredExpense {
  task: string;
  attempt: number;
  agent: string;
  ended: 0 | 1;
  reserved: number;
  cost: number | null;
}

export const readExpenses = (home: Home): StoredExpense[] =>
  reading(home, (db) =>
    db
      .prepare<[], StoredExpense>(
        'SELECT task_id AS task, attempt, agent, ended, reserved, cost FROM spending ORDER BY task_id, attempt',
      )
      .all(),
  );

/** Everything that somebody was, or is to be, told. */
export interface StoredDelivery {
  task: string;
  kind: string;
  subscriber: string;
}

export const readDeliveries = (home: Home): StoredDelivery[] =>
  reading(home, (db) =>
    db.prepare<[], StoredDelivery>('SELECT task_id AS task, kind, subscriber FROM delivery').all(),
  );

function reading<T>(home: Home, read: (db: Database.Database) => T[]): T[] {
  const path = join(home.state, DATABASE);
  if (!existsSync(path)) return [];
  const db = new Database(path, { readonly: true });
  try {
    // Killed while the tables were made: nothing is in them.
    return db.transaction(() => (isComplete(db) ? read(db) : []))();
  } finally {
    db.close();
  }
}

const isComplete = (db: Database.Database): boolean =>
  db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'hold'").get() !== undefined;

function readAll(db: Database.Database): StoredTask[] {
  const tasks = db
    .prepare<[], Omit<StoredTask, 'reason' | 'attempts' | 'history'> & { facts: string }>(
      "SELECT id, key, parent, state, spec ->> '$.work.account' AS account, facts FROM task ORDER BY created_at, id",
    )
    .all();
  const attempts = db
    .prepare<[string], string>('SELECT facts FROM attempt WHERE task_id = ? ORDER BY number')
    .pluck();
  const history = db.prepare<[string], StoredChange>(
    'SELECT version, event, state, seq FROM history WHERE task_id = ? ORDER BY seq',
  );
  return tasks.map(({ facts, ...task }) => ({
    ...task,
    reason: (JSON.parse(facts) as { reason?: Reason }).reason ?? null,
    attempts: attempts.all(task.id).map((one) => JSON.parse(one) as EndedAttempt),
    history: history.all(task.id),
  }));
}
