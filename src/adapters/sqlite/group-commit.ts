import type { Database, Statement } from 'better-sqlite3';
import { TendError } from '../../domain/errors.ts';

interface Work {
  writes: boolean;
  run: () => unknown;
  resolve: (value: never) => void;
  reject: (error: unknown) => void;
}

type Result = { work: Work; value: unknown } | { work: Work; error: unknown };

/** Most calls that share a transaction: bounds how long one flush holds the event loop. */
const MAX_BATCH = 256;

/**
 * Runs the writes that are asked for in one turn of the event loop in one transaction, in the order of
 * the calls. A caller hears of its own failure alone, and of success only after the commit.
 */
export class GroupCommit {
  readonly #db: Database;
  readonly #translate: (error: unknown) => unknown;
  readonly #sql: Record<'begin' | 'commit' | 'savepoint' | 'release' | 'undo', Statement>;
  #queue: Work[] = [];
  #closed = false;

  constructor(db: Database, translate: (error: unknown) => unknown) {
    this.#db = db;
    this.#translate = translate;
    this.#sql = {
      begin: db.prepare('BEGIN IMMEDIATE'),
      commit: db.prepare('COMMIT'),
      savepoint: db.prepare('SAVEPOINT one'),
      release: db.prepare('RELEASE one'),
      undo: db.prepare('ROLLBACK TO one'),
    };
  }

  /** Durable once resolved; `run` that throws changes nothing. */
  write<T>(run: () => T): Promise<T> {
    return this.#enqueue(run, true);
  }

  /** Sees every write asked for before it, and none that is not durable when it resolves. */
  read<T>(run: () => T): Promise<T> {
    return this.#queue.length === 0 ? this.#readNow(run) : this.#enqueue(run, false);
  }

  /** Everything asked for before is done; everything after is refused. */
  close(): void {
    if (this.#closed) return;
    while (this.#queue.length > 0) this.#flush();
    this.#closed = true;
    this.#db.close();
  }

  async #readNow<T>(run: () => T): Promise<T> {
    this.#assertOpen();
    try {
      return run();
    } catch (error) {
      throw this.#translate(error);
    }
  }

  async #enqueue<T>(run: () => T, writes: boolean): Promise<T> {
    this.#assertOpen();
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ run, writes, resolve, reject });
      // After the input of this turn was read, so that requests that arrived together share an fsync.
      if (this.#queue.length === 1) setImmediate(() => this.#flush());
    });
  }

  #assertOpen(): void {
    if (this.#closed)
      throw new TendError(
        'daemon_stopping',
        `The database ${this.#db.name} is closed.`,
        'Try again once the daemon has restarted.',
      );
  }

  #flush(): void {
    const batch = this.#queue.splice(0, MAX_BATCH);
    if (this.#queue.length > 0) setImmediate(() => this.#flush());
    if (batch.length === 0) return;
    try {
      this.#sql.begin.run();
      const results = batch.map((work) => this.#run(work));
      this.#sql.commit.run();
      for (const result of results) this.#settle(result);
    } catch (error) {
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
      for (const work of batch) this.#settle({ work, error });
    }
  }

  #run(work: Work): Result {
    if (!work.writes) return attempt(work);
    this.#sql.savepoint.run();
    const result = attempt(work);
    if ('error' in result) {
      // A full disk ends the whole transaction by itself: then nobody's work is done.
      if (!this.#db.inTransaction) throw result.error;
      this.#sql.undo.run();
    }
    this.#sql.release.run();
    return result;
  }

  #settle(result: Result): void {
    if ('error' in result) result.work.reject(this.#translate(result.error));
    else result.work.resolve(result.value as never);
  }
}

function attempt(work: Work): Result {
  try {
    return { work, value: work.run() };
  } catch (error) {
    return { work, error };
  }
}
