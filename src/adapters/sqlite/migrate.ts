import type { Database } from 'better-sqlite3';
import { MIGRATIONS } from './migrations/index.ts';

export const SCHEMA_VERSION = MIGRATIONS.length;

export const schemaVersion = (db: Database): number =>
  Number(db.pragma('user_version', { simple: true }));

/** Brings the schema up to date, each migration in a transaction of its own. */
export function migrate(db: Database): void {
  for (const [index, change] of MIGRATIONS.entries()) {
    const version = index + 1;
    db.transaction(() => {
      if (schemaVersion(db) >= version) return;
      if (typeof change === 'string') db.exec(change);
      else change(db);
      db.pragma(`user_version = ${version}`);
    }).immediate();
  }
}
