import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { TendError } from '../domain/errors.ts';
import type { Paths } from '../interfaces/client/index.ts';

/** A predecessor on its way out gets this long (ms); it gives requests under way 2 s. */
const PATIENCE = 10_000;
const PAUSE = 20;

/**
 * Holds the state folder for the life of this process; the answer lets go of it. Null when the process
 * that holds it answers at the socket. Throws `daemon_unreachable` when it does not in time.
 */
export async function holdLock({ lockPath, socket }: Paths): Promise<(() => void) | null> {
  const until = Date.now() + PATIENCE;
  for (;;) {
    const release = acquire(lockPath);
    if (release !== null) return release;
    if (await answers(socket)) return null;
    if (Date.now() > until)
      throw new TendError(
        'daemon_unreachable',
        `another daemon holds ${lockPath} but does not answer at ${socket}`,
        'See which process it is with: tend doctor',
      );
    await delay(PAUSE);
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
