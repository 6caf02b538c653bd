import Database from 'better-sqlite3';
import type { Store } from '../../ports/store.ts';
import { agentHistoryVerbs } from './agent-history.ts';
import { changeVerbs } from './changes.ts';
import { connect, makePrivate, type Trace } from './connect.ts';
import type { Core } from './core.ts';
import { deliveryVerbs } from './deliveries.ts';
import { isCorrupt, translate } from './errors.ts';
import { GroupCommit } from './group-commit.ts';
import { groupVerbs } from './groups.ts';
import { check, distrust, isDoubted, trust } from './doubt.ts';
import { holdVerbs } from './holds.ts';
import { inspect } from './inspect.ts';
import { familyVerbs } from './family.ts';
import { laneVerbs } from './lanes.ts';
import { listingVerbs } from './listing.ts';
import { memoryVerbs } from './memories.ts';
import { mergeVerbs } from './merges.ts';
import { migrate } from './migrate.ts';
import { noticeVerbs, pushVerbs } from './notices.ts';
import { quarantine, quarantined } from './quarantine.ts';
import { questionVerbs } from './questions.ts';
import { removalVerbs } from './removal.ts';
import { restoreVerb, type Restore } from './restore.ts';
import { scheduleRowVerbs } from './schedule-rows.ts';
import { scheduleVerbs } from './schedule.ts';
import { settingVerbs } from './settings.ts';
import { spendingVerbs } from './spending.ts';
import { taskVerbs } from './tasks.ts';
import { watchVerbs } from './watches.ts';

export interface SqliteStore extends Store {
  restore: Restore;
}

/**
 * Opens the database file, made if missing, in an existing folder. A damaged one is moved aside first.
 * Throws TendError `database_corrupt`, `schema_newer` (nothing is touched), `state_unwritable`,
 * `database_busy` or `disk_full`.
 */
export function openSqlite(path: string, options: { trace?: Trace } = {}): SqliteStore {
  const db = openSound(path, options.trace);
  const commits = new GroupCommit(db, (error) => {
    if (isCorrupt(error)) distrust(path);
    return translate(error, path);
  });
  const core: Core = {
    db,
    read: (run) => commits.read(run),
    write: (run) => commits.write(run),
  };
  return {
    ...taskVerbs(core),
    ...listingVerbs(core),
    ...changeVerbs(core),
    ...scheduleVerbs(core),
    ...familyVerbs(core),
    ...laneVerbs(core),
    ...deliveryVerbs(core),
    ...pushVerbs(core),
    ...noticeVerbs(core),
    ...removalVerbs(core),
    ...settingVerbs(core),
    ...holdVerbs(core),
    ...spendingVerbs(core),
    ...agentHistoryVerbs(core),
    ...scheduleRowVerbs(core),
    ...mergeVerbs(core),
    ...watchVerbs(core),
    ...questionVerbs(core),
    ...groupVerbs(core),
    ...memoryVerbs(core),
    restore: restoreVerb(core),
    close: async () => commits.close(),
  };
}

function openSound(path: string, trace?: Trace): Database.Database {
  try {
    if (!inspect(path)) throw new Database.SqliteError('file is not a database', 'SQLITE_NOTADB');
    makePrivate(path);
    const doubted = isDoubted(path);
    const db = connect(path, trace);
    try {
      if (doubted) check(db);
      migrate(db);
    } catch (error) {
      db.close();
      throw error;
    }
    trust(path);
    return db;
  } catch (error) {
    if (!isCorrupt(error)) throw translate(error, path);
    throw quarantined(path, quarantine(path), error);
  }
}
