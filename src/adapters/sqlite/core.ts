import type { Database } from 'better-sqlite3';

/** What the verbs need: the connection for statements, and `read` and `write` to run them in. */
export interface Core {
  db: Database;
  read: <T>(run: () => T) => Promise<T>;
  write: <T>(run: () => T) => Promise<T>;
}
