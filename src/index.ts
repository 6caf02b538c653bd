import { startDaemon } from './daemon/daemon.ts';
import { localClient } from './daemon/local.ts';
import { type Client, connect, type Paths, resolvePaths } from './interfaces/client/index.ts';

export interface OpenOptions {
  /** The state folder; default: the one of the environment, shared with the CLI. */
  home?: string;
}

/** Every verb as a method; `close` resolves when the engine has let go of the state folder. */
export type Tend = Omit<Client, 'close'> & { close(): Promise<void> };

/**
 * The engine in this process, serving the socket like a daemon; where a daemon already holds the state
 * folder, a client of it. Throws TendError.
 */
export async function openTend({ home }: OpenOptions = {}): Promise<Tend> {
  const env = home === undefined ? process.env : { ...process.env, TEND_HOME: home };
  const paths: Paths = resolvePaths(env);
  const daemon = await startDaemon(paths);
  if (daemon.already !== undefined) {
    const client = connect({ socket: daemon.already });
    return { ...client, close: async () => client.close() };
  }
  return { ...localClient(daemon.engine, () => undefined), close: () => daemon.close() };
}

export { TendError } from './domain/errors.ts';
export type { Client, Paths };
