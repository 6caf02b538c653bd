import { chmodSync, closeSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';

/** How long a statement waits for another process that writes (ms). */
const BUSY_TIMEOUT = 5_000;
/** A log file that grew beyond this is cut back after its next checkpoint (bytes). */
const LOG_LIMIT = 64 * 2 ** 20;

/** Bytes of a new file's pages: a step changes little in many places, and the log takes whole pages. */
const PAGE_SIZE = 2_048;

/** Told of every statement that is run. */
export type Trace = (sql: string) => void;

/** Opens for reading and writing, durable from each commit on. */
export function connect(path: string, trace?: Trace): Database.Database {
  const verbose = trace && ((sql?: unknown) => trace(String(sql)));
  const db = new Database(path, { timeout: BUSY_TIMEOUT, verbose });
  try {
    db.pragma(`page_size = ${PAGE_SIZE}`);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma(`journal_size_limit = ${LOG_LIMIT}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

export const connectReadOnly = (path: string): Database.Database =>
  new Database(path, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT });

/** Makes the file where it is missing, and private in any case: SQLite gives its companions the same mode. */
export function makePrivate(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
}
