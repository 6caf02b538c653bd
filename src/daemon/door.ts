import { lstatSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { App } from '../interfaces/http/app.ts';
import { listen, type Listener } from '../interfaces/http/serve.ts';

/**
 * Listens at the socket for as long as the daemon lives: a socket file that somebody removed is made
 * again, or nobody could reach a daemon that still holds the state folder.
 */
export async function openDoor(
  app: App,
  socket: string,
  report: (error: unknown, what: string) => void,
): Promise<{ close(): Promise<void> }> {
  let listener: Listener = await listen(app, { socket });
  if (process.platform === 'win32') return listener;
  let mending: Promise<void> | null = null;
  const mend = async (): Promise<void> => {
    if (lstatSync(socket, { throwIfNoEntry: false }) !== undefined) return;
    const lost = listener;
    listener = await listen(app, { socket });
    lost.abandon();
  };
  const watcher = watch(dirname(socket), { persistent: false }, (_, name) => {
    if (name !== null && name !== basename(socket)) return;
    mending ??= mend()
      .catch((error: unknown) => report(error, 'socket'))
      .then(() => {
        mending = null;
      });
  });
  watcher.on('error', (error) => report(error, 'socket folder'));
  return {
    close: async () => {
      watcher.close();
      await mending;
      await listener.close();
    },
  };
}
