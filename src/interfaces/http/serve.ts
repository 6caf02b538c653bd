import { chmodSync, lstatSync, renameSync, unlinkSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect, isIP } from 'node:net';
import { dirname } from 'node:path';
import { TendError } from '../../domain/errors.ts';
import { secureFolder } from '../client/folder.ts';
import { http } from '../client/node-http.ts';
import type { App } from './app.ts';
import { guard, type GuardOptions } from './guard.ts';
import { type Problem, problem } from './problem.ts';
import { type Guard, respond } from './respond.ts';

/** A server that listens. */
export interface Listener {
  /** The socket, or `http://host:port`. */
  address: string;
  /** Takes no more requests, ends streams and waits, lets the others finish for up to 2 s. */
  close(): Promise<void>;
  /** Takes no more connections; those there are go on. */
  abandon(): void;
}

/** Requests that are under way at the end may take this much longer (ms). */
const LAST_CALL = 2_000;
/** Connections that may wait to be accepted; the kernel may allow fewer. */
const BACKLOG = 4_096;
/** An idle connection is kept this long (ms). */
const KEEP_ALIVE = 60_000;

/**
 * Serves `app` at a unix socket (0600, in a folder that is ours alone) or a Windows pipe. A stale socket file is
 * replaced. Throws `daemon_unreachable` when somebody answers there, `state_unsafe`, `state_unwritable`.
 */
export async function listen(app: App, { socket }: { socket: string }): Promise<Listener> {
  const server = serverOf(app, () => null);
  if (process.platform === 'win32') {
    await bind(server, { path: socket });
    return { address: socket, close: () => close(server, app), abandon: () => server.close() };
  }
  secureFolder(dirname(socket));
  if (await isAnswered(socket)) throw inUse(socket);
  // Bound under another name and renamed: the file appears with its mode, replaces a stale one in one step,
  // and Node, which removes the name it bound when it closes, never removes a successor's socket.
  const bound = `${socket}.${process.pid}`;
  removeIfThere(bound);
  await bind(server, { path: bound });
  chmodSync(bound, 0o600);
  const { ino } = lstatSync(bound);
  renameSync(bound, socket);
  return {
    address: socket,
    close: async () => {
      if (lstatSync(socket, { throwIfNoEntry: false })?.ino === ino) removeIfThere(socket);
      await close(server, app);
    },
    abandon: () => server.close(),
  };
}

export interface TcpOptions {
  /** Address to listen at; a loopback one unless `anywhere`. */
  host: string;
  /** 0 = any free one. */
  port: number;
  token: string;
  /** Names besides the host's own under which clients may call. */
  allowedHosts?: readonly string[];
  allowedOrigins?: readonly string[];
  anywhere?: boolean;
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** Serves `app` over TCP to those who know the token. Throws `config_invalid` for an address beyond this machine. */
export async function listenTcp(app: App, options: TcpOptions): Promise<Listener> {
  const { host, port, token, allowedHosts = [], allowedOrigins = [], anywhere = false } = options;
  const name = isIP(host) === 6 ? `[${host}]` : host.toLowerCase();
  if (!anywhere && !LOOPBACK.includes(name) && !name.startsWith('127.'))
    throw new TendError(
      'config_invalid',
      `${host} is an address that other machines can reach`,
      'Listen at 127.0.0.1, or say that every machine may try.',
    );
  const hosts = [...LOOPBACK, name, ...allowedHosts.map((allowed) => allowed.toLowerCase())];
  const rules: GuardOptions = { token, hosts, origins: allowedOrigins };
  const server = serverOf(app, (headers) => guard(headers, rules));
  await bind(server, { host, port });
  const address = server.address();
  const actual = typeof address === 'object' && address !== null ? address.port : port;
  return {
    address: `http://${name}:${actual}`,
    close: () => close(server, app),
    abandon: () => server.close(),
  };
}

function serverOf(app: App, welcome: Guard): Server {
  const server = http.createServer({ keepAliveTimeout: KEEP_ALIVE }, (request, response) => {
    void respond(app, welcome, request, response);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (socket.writable) socket.end(rawRefusal(error.code ?? ''));
    else socket.destroy();
  });
  return server;
}

/** Answer to what Node could not even parse. */
function rawRefusal(code: string): string {
  const tooLong = code === 'HPE_HEADER_OVERFLOW';
  const status = tooLong ? 431 : 400;
  const detail = tooLong ? 'its head is too long' : 'it cannot be read as HTTP';
  const title = tooLong ? 'Request Header Fields Too Large' : 'Bad Request';
  const document: Problem = {
    ...problem('invalid_input', `the request is malformed: ${detail}`, 'Correct the client.'),
    status,
    title,
  };
  const body = JSON.stringify(document);
  return [
    `HTTP/1.1 ${status} ${title}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    '',
    body,
  ].join('\r\n');
}

function bind(server: Server, where: { path: string } | { host: string; port: number }) {
  return new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const place = 'path' in where ? where.path : `${where.host}:${where.port}`;
      if (error.code === 'EADDRINUSE') return reject(inUse(place));
      const hint = 'Choose another place in the configuration.';
      reject(
        new TendError('state_unwritable', `cannot listen at ${place}: ${error.message}`, hint),
      );
    });
    server.listen({ ...where, backlog: BACKLOG }, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

const inUse = (place: string): TendError =>
  new TendError(
    'daemon_unreachable',
    `somebody already listens at ${place}`,
    'Use the daemon that runs there: tend daemon status',
  );

/** Whether a live process accepts connections there. */
function isAnswered(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socket);
    const done = (answered: boolean): void => {
      probe.destroy();
      resolve(answered);
    };
    probe.once('connect', () => done(true));
    // A full queue (EAGAIN) is a sign of life, too.
    probe.once('error', (error: NodeJS.ErrnoException) => done(error.code === 'EAGAIN'));
  });
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

async function close(server: Server, app: App): Promise<void> {
  app.close();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const late = setTimeout(() => server.closeAllConnections(), LAST_CALL);
  await closed;
  clearTimeout(late);
}
