/** The one process that waits for news of a session: a file holds its mark, and whoever replaces or removes that ends it. */
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';

/** Where the waiter of an owner leaves its mark. */
export const waiterPath = (stateFolder: string, owner: string): string =>
  join(stateFolder, 'waiters', encodeURIComponent(owner));

export interface Waiter {
  /** Aborted when another one took its place, when nobody shall wait, or when the host has gone. */
  signal: AbortSignal;
  /** Nobody has taken its place. */
  isCurrent(): boolean;
  /** Resolves when a daemon may have come back. */
  daemon(socket: string): Promise<void>;
  close(): void;
}

/** How often (ms) is looked whether the host still lives: no event tells that of a parent. */
const LOOK = 30_000;
/** So soon (ms) after a daemon is gone the next one is looked for, however its folder is watched. */
const PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;

/** Takes the place of whoever waits for the same. */
export function openWaiter(path: string, interrupted: AbortSignal): Waiter {
  const mark = `${process.pid}.${Date.now()}.${Math.random().toString(36).slice(2)}`;
  const host = process.ppid;
  const ended = new AbortController();
  fs.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  fs.writeFileSync(`${path}.${mark}`, mark, { mode: 0o600 });
  fs.renameSync(`${path}.${mark}`, path);
  const isCurrent = (): boolean => read(path) === mark;
  const look = (): void => {
    if (!isCurrent() || process.ppid !== host) ended.abort();
  };
  const watcher = fs.watch(dirname(path), look);
  const timer = setInterval(look, LOOK);
  const signal = AbortSignal.any([ended.signal, interrupted]);
  let pause = PAUSE;
  return {
    signal,
    isCurrent,
    daemon: async (socket) => {
      await comesBack(socket, pause, signal);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    },
    close: () => {
      watcher.close();
      clearInterval(timer);
      if (isCurrent()) fs.rmSync(path, { force: true });
    },
  };
}

/** Ends who waits there. */
export const dropWaiterAt = (path: string): void => fs.rmSync(path, { force: true });

function read(path: string): string | null {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** Resolves with the first change beside the socket, after `pause`, or when aborted. */
function comesBack(socket: string, pause: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      watcher?.close();
      resolve();
    };
    const timer = setTimeout(done, pause);
    let watcher: fs.FSWatcher | null = null;
    try {
      watcher = fs.watch(dirname(socket), (_, name) => {
        if (name !== null && socket.endsWith(name)) done();
      });
    } catch {
      // Its folder is not there: the pause alone counts.
    }
    signal.addEventListener('abort', done, { once: true });
  });
}
