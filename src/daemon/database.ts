import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { openSqlite, type SqliteStore } from '../adapters/sqlite/open.ts';
import { isTendError, TendError } from '../domain/errors.ts';

/** The database file of a state folder. */
export const databaseIn = (stateFolder: string): string => join(stateFolder, 'tend.db');

/** Copies of it that were moved aside because they were damaged, oldest first. */
export function quarantinedBeside(database: string): string[] {
  const begin = `${basename(database)}.corrupt-`;
  return readdirSync(dirname(database))
    .filter((name) => name.startsWith(begin) && !/-(wal|shm)$/.test(name))
    .toSorted()
    .map((name) => join(dirname(database), name));
}

/**
 * Opens the store of a daemon. A database that was moved aside is not silently replaced by an empty one:
 * throws `database_corrupt` until it was rebuilt.
 */
export function openDatabase(database: string): SqliteStore {
  const damaged = quarantinedBeside(database).at(-1);
  if (damaged !== undefined && !existsSync(database))
    throw new TendError(
      'database_corrupt',
      `the database ${database} was damaged and moved to ${damaged}; nothing was deleted`,
      'Restore the tasks from it and from the attempt folders with: tend doctor --rebuild',
    );
  return openSqlite(database);
}

/** Opens the store to restore tasks into: a damaged database is moved aside and a new one begun. */
export function beginDatabase(database: string): SqliteStore {
  try {
    return openSqlite(database);
  } catch (error) {
    if (!isTendError(error) || error.code !== 'database_corrupt') throw error;
    return openSqlite(database);
  }
}
