import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { TendError } from '../domain/errors.ts';
import type { Paths } from '../interfaces/client/index.ts';

/** A predecessor on its way out gets this long (ms); it gives requests under way 2 s. */
const PATIENCE = 10_000;
const PAUSE = 20;

/** The state folder is ours until `release`, or somebody else's, who answers at `socket`. */
export type Hold = { release: () => void; socket?: never } | { release?: never; socket: string };

/**
 * Holds the state folder for the life of this process, unless the process that holds it answers. Throws
 * `daemon_unreachable` when it does not in time.
 */
export async function holdLock({ lockPath, socket, stateFolder }: Paths): Promise<Hold> {
  const until = Date.now() + PATIENCE;
  for (;;) {
    const release = acquire(lockPath);
    if (release !== null) return { release };
    for (const place of new Set([socket, recordedSocket(stateFolder) ?? socket]))
      if (await answers(place)) return { socket: place };
    if (Date.now() > until)
      throw new TendError(
        'daemon_unreachable',
        `another daemon holds ${lockPath} but does not answer at ${socket}`,
        'See which process it is with: tend doctor',
      );
    await delay(PAUSE);
  }
}

const record = (stateFolder: string): string => join(stateFolder, 'daemon.socket');

/** Tells callers whose runtime folder is another one, such as cron jobs, where this daemon listens. */
export const recordSocket = (stateFolder: string, socket: string): void =>
  writeFileSync(record(stateFolder), `${socket}\n`, { mode: 0o600 });

function recordedSocket(stateFolder: string): string | null {
  try {
    return readFileSync(record(stateFolder), 'utf8').trim() || null;
  } catch {
    return null;
  }
}

/** The kernel drops an SQLite lock with its process, so there is nothing stale to break. */
function acquire(path: string): (() => void) | null {
  const lock = new Database(path, { timeout: 0 });
  try {
    lock.pragma('journal_mode = MEMORY');
    lock.pragma('locking_mode = EXCLUSIVE');
    lock.exec('BEGIN EXCLUSIVE');
    return () => void lock.close();
  } catch (error) {
    lock.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return null;
    throw error;
  }
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socket);
    const done = (answer: boolean): void => {
      probe.destroy();
      resolve(answer);
    };
    probe.once('connect', () => done(true));
    probe.once('error', (error: NodeJS.ErrnoException) => done(error.code === 'EAGAIN'));
  });
}
