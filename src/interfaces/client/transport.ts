import type { Agent, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { ERRORS, type ErrorCode, TendError } from '../../domain/errors.ts';
import { http } from './node-http.ts';

/** Where a daemon listens: its unix socket (or named pipe), or TCP with a token. */
export type Endpoint = { socket: string } | { url: string; token: string };

interface RequestOptions {
  method: string;
  path: string;
  headers?: OutgoingHttpHeaders;
  /** Sent as JSON. */
  body?: unknown;
  signal?: AbortSignal | undefined;
  /** Ms until the headers of the answer must be there; none by default. */
  timeout?: number;
  /** Over a connection of its own: when the daemon has gone, it is certain that nothing was sent. */
  alone?: boolean;
}

/** One daemon, over connections that are kept. */
export interface Transport {
  /** Resolves with the answer's headers there and its body unread, whatever its status. */
  send(options: RequestOptions): Promise<IncomingMessage>;
  close(): void;
}

/** Resolves after `ms`. */
export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/** A daemon whose queue of connections is full gets this long (ms), asked again every few ms. */
const FULL_QUEUE = 5_000;
const PAUSE = 10;

export function openTransport(endpoint: Endpoint): Transport {
  const agent = new http.Agent({ keepAlive: true });
  const target = targetOf(endpoint);
  return {
    send: async (options) => {
      for (let waited = 0; ; waited += PAUSE) {
        try {
          return await sendOnce(agent, target, options);
        } catch (error) {
          // Refused before anything was sent.
          if (codeOf(error) !== 'EAGAIN' || waited >= FULL_QUEUE) throw error;
          await pause(PAUSE);
        }
      }
    },
    close: () => agent.destroy(),
  };
}

function sendOnce(
  agent: Agent,
  target: ReturnType<typeof targetOf>,
  { method, path, headers, body, signal, timeout, alone = false }: RequestOptions,
): Promise<IncomingMessage> {
  const bytes = body === undefined ? null : Buffer.from(JSON.stringify(body));
  return new Promise((resolve, reject) => {
    const sent = http.request({
      ...target.address,
      agent: alone ? false : agent,
      method,
      path,
      headers: {
        ...target.headers,
        ...(bytes !== null && {
          'content-type': 'application/json',
          'content-length': bytes.byteLength,
        }),
        ...headers,
      },
      ...(signal && { signal }),
    });
    sent.on('response', resolve);
    sent.on('error', reject);
    if (timeout !== undefined)
      sent.setTimeout(timeout, () => sent.destroy(new Error('no answer in time')));
    sent.end(bytes);
  });
}

function targetOf(endpoint: Endpoint) {
  if ('socket' in endpoint)
    return { address: { socketPath: endpoint.socket }, headers: { host: 'localhost' } };
  const { hostname, port } = new URL(endpoint.url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return {
    address: { host, port },
    headers: { authorization: `Bearer ${endpoint.token}` },
  };
}

/** The answer's JSON; throws the TendError that a problem document describes. */
export async function answer(response: IncomingMessage): Promise<unknown> {
  response.setEncoding('utf8');
  let body = '';
  for await (const chunk of response as AsyncIterable<string>) body += chunk;
  const json = parse(body);
  if ((response.statusCode ?? 500) < 400 && json !== undefined) return json;
  throw problem(json, response.statusCode ?? 500);
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const isCode = (given: unknown): given is ErrorCode =>
  typeof given === 'string' && Object.hasOwn(ERRORS, given);

/** A problem document as the error it was made from; `internal` for codes this version does not know. */
export function problem(document: unknown, status: number): TendError {
  const { code, detail, title, hint } = (document ?? {}) as Record<string, unknown>;
  const message = [detail, title].find((part) => typeof part === 'string');
  return new TendError(
    isCode(code) ? code : 'internal',
    message ?? `the daemon answered with status ${status}`,
    typeof hint === 'string' ? hint : 'See what the daemon says with: tend daemon logs',
  );
}

/** Errors of the connection itself, by which nothing is known of what became of the request. */
const LOST = ['ECONNRESET', 'ECONNREFUSED', 'ENOENT', 'EPIPE', 'ECONNABORTED'];

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

/** True when the daemon went away, or was not there. */
export const isLost = (error: unknown): boolean => LOST.includes(codeOf(error));

/** True when there was nobody to connect to: the request was not sent. */
export const isUnsent = (error: unknown): boolean =>
  isLost(error) && (error as NodeJS.ErrnoException).syscall === 'connect';
