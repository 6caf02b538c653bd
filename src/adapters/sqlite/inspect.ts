import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { TendError } from '../../domain/errors.ts';
import { connectReadOnly } from './connect.ts';
import { SCHEMA_VERSION, schemaVersion } from './migrate.ts';

const MAGIC = Buffer.from('SQLite format 3\0');
/** Where the file format keeps `user_version`. */
const VERSION_OFFSET = 60;
const HEADER_SIZE = 100;

export const size = (path: string): number => (existsSync(path) ? statSync(path).size : 0);

/**
 * Refuses a database of a newer Tend without touching it, companions included. Answers false when the
 * file is no database at all. Throws TendError `schema_newer`.
 */
export function inspect(path: string): boolean {
  if (size(path) === 0) return true;
  const header = readHeader(path);
  if (header === null) return false;
  refuseNewer(path, header.readUInt32BE(VERSION_OFFSET));
  // A daemon that was killed during its first start may have left the migration in the log only.
  if (size(`${path}-wal`) > 0) refuseNewer(path, loggedVersion(path));
  return true;
}

function readHeader(path: string): Buffer | null {
  const header = Buffer.alloc(HEADER_SIZE);
  const file = openSync(path, 'r');
  try {
    readSync(file, header, 0, HEADER_SIZE, 0);
  } finally {
    closeSync(file);
  }
  return header.subarray(0, MAGIC.length).equals(MAGIC) ? header : null;
}

function loggedVersion(path: string): number {
  const db = connectReadOnly(path);
  try {
    return schemaVersion(db);
  } finally {
    db.close();
  }
}

function refuseNewer(path: string, version: number): void {
  if (version <= SCHEMA_VERSION) return;
  throw new TendError(
    'schema_newer',
    `The database ${path} was written by a newer Tend (schema ${version}, this one knows ${SCHEMA_VERSION}).`,
    'Nothing was changed. Install the newer version again, or use another TEND_HOME.',
  );
}
