import { TendError } from '../../domain/errors.ts';
import { connect } from './client.ts';
import { verifySocket } from './folder.ts';
import type { Env, Paths } from './paths.ts';
import { IF_PROTOCOL_HEADER, PROTOCOL, PROTOCOL_HEADER } from './protocol.ts';
import type { Client } from './shapes.ts';
import { isLost, openTransport, pause, type Transport } from './transport.ts';

export interface StartOptions {
  /** Called with the pid when this call started the daemon. */
  onStarted?: (pid: number) => void;
  /** The daemon's main module; default: the one that belongs to this client. */
  entry?: string;
  /** Of which the daemon gets what it needs; must be the one the paths were made from. */
  env?: Env;
  /** Ms to get a daemon that answers. */
  patience?: number;
  /** The daemon shall not be a child of this process: for one that lives long and may be ended with its children. */
  apart?: boolean;
}

const PATIENCE = 20_000;
/** A daemon that does not answer this soon (ms) hangs or is stopped. */
const ANSWER = 5_000;
const PAUSE = 25;

/**
 * A client of the daemon at `paths`, which is started when nobody listens there, and replaced when it is
 * older than this client. Throws `daemon_unreachable`, or what the daemon says it cannot start for.
 */
export async function connectOrStart(paths: Paths, options: StartOptions = {}): Promise<Client> {
  const socket = await ensureRunning(paths, options);
  const revive = async (): Promise<void> => {
    await ensureRunning({ ...paths, socket }, options);
  };
  return connect({ socket }, { revive });
}

/** A client of the daemon at `socket` that starts none: whatever stands there is waited for, also when it went away. */
export async function connectWhenThere(socket: string): Promise<Client> {
  const revive = async (): Promise<void> => {
    for (const until = Date.now() + PATIENCE; Date.now() < until; await pause(PAUSE)) {
      const transport = openTransport({ socket });
      try {
        verifySocket(socket);
        const ask = { method: 'GET', path: '/healthz', timeout: ANSWER };
        (await transport.send(ask)).resume();
        return;
      } catch (error) {
        if (!isLost(error)) throw error;
      } finally {
        transport.close();
      }
    }
  };
  return connect({ socket }, { revive });
}

/** Resolves with the socket at which a daemon of our protocol answers. */
async function ensureRunning(paths: Paths, options: StartOptions): Promise<string> {
  const until = Date.now() + (options.patience ?? PATIENCE);
  let socket = paths.socket;
  while (Date.now() < until) {
    const transport = openTransport({ socket });
    try {
      verifySocket(socket);
      const protocol = await protocolOf(transport, socket, paths);
      if (protocol === PROTOCOL) return socket;
      if (protocol !== null && protocol > PROTOCOL) throw newer(protocol);
      if (protocol !== null) await replace(transport, protocol);
      else {
        // Seldom needed, and costly to load.
        const { launch } = await import('./launch.ts');
        const found = await launch({ ...paths, socket }, until, options);
        if (found.already) await pause(PAUSE);
        else options.onStarted?.(found.pid);
        socket = found.socket;
      }
    } finally {
      transport.close();
    }
  }
  throw unreachable(socket, 'no daemon answers there, and none could be started in time', paths);
}

/** The protocol of the daemon that answers; null when nobody does. */
async function protocolOf(
  transport: Transport,
  socket: string,
  paths: Paths,
): Promise<number | null> {
  try {
    const response = await transport.send({ method: 'GET', path: '/healthz', timeout: ANSWER });
    response.resume();
    const protocol = response.headers[PROTOCOL_HEADER];
    if (typeof protocol === 'string' && /^\d+$/.test(protocol)) return Number(protocol);
  } catch (error) {
    if (isLost(error)) return null;
    throw unreachable(socket, (error as Error).message, paths, error);
  }
  throw unreachable(socket, 'what answers there is no tend daemon', paths);
}

/** Asks an older daemon to make room; tasks go on meanwhile. Returns when it is gone, or has not gone in time. */
async function replace(transport: Transport, protocol: number): Promise<void> {
  // The header keeps a daemon that somebody else has just put in its place out of harm's way.
  const headers = { [IF_PROTOCOL_HEADER]: protocol };
  const ask = { method: 'POST', path: '/v1/shutdown', body: {}, headers, timeout: ANSWER };
  try {
    const response = await transport.send(ask);
    response.resume();
    if (response.statusCode !== 202) return;
    for (let waited = 0; waited < ANSWER; waited += PAUSE) {
      await pause(PAUSE);
      const probe = await transport.send({ method: 'GET', path: '/healthz', timeout: ANSWER });
      probe.resume();
      if (Number(probe.headers[PROTOCOL_HEADER]) !== protocol) return;
    }
  } catch (error) {
    if (!isLost(error)) throw error;
  }
}

const newer = (protocol: number): TendError =>
  new TendError(
    'daemon_unreachable',
    `the running daemon is newer than this tend (protocol ${protocol}, this one speaks ${PROTOCOL})`,
    'Update this tend, or run the one that started the daemon.',
  );

const unreachable = (
  socket: string,
  detail: string,
  { logPath }: Paths,
  cause?: unknown,
): TendError =>
  new TendError(
    'daemon_unreachable',
    `the daemon at ${socket} cannot be reached: ${detail}`,
    `See its log: ${logPath}`,
    cause,
  );
