import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { ERRORS, type ErrorCode, TendError } from '../../domain/errors.ts';
import { http } from './node-http.ts';

/** Where a daemon listens: its unix socket (or named pipe), or TCP with a token. */
export type Endpoint = { socket: string } | { url: string; token: string };

export interface RequestOptions {
  method: string;
  path: string;
  headers?: OutgoingHttpHeaders;
  /** Sent as JSON. */
  body?: unknown;
  signal?: AbortSignal | undefined;
  /** Ms until the headers of the answer must be there; none by default. */
  timeout?: number;
}

/** One daemon, over connections that are kept. */
export interface Transport {
  /** Resolves with the answer's headers there and its body unread, whatever its status. */
  send(options: RequestOptions): Promise<IncomingMessage>;
  close(): void;
}

export function openTransport(endpoint: Endpoint): Transport {
  const agent = new http.Agent({ keepAlive: true });
  const target = targetOf(endpoint);
  return {
    send: (options) =>
      new Promise((resolve, reject) => {
        const body = options.body === undefined ? null : Buffer.from(JSON.stringify(options.body));
        const sent = http.request({
          ...target.address,
          agent,
          method: options.method,
          path: options.path,
          headers: {
            ...target.headers,
            ...(body !== null && {
              'content-type': 'application/json',
              'content-length': body.byteLength,
            }),
            ...options.headers,
          },
          ...(options.signal && { signal: options.signal }),
        });
        sent.on('response', resolve);
        sent.on('error', reject);
        if (options.timeout !== undefined)
          sent.setTimeout(options.timeout, () => sent.destroy(new Error('no answer in time')));
        sent.end(body);
      }),
    close: () => agent.destroy(),
  };
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
  const body = await text(response);
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
const LOST = ['ECONNRESET', 'ECONNREFUSED', 'ENOENT', 'EPIPE', 'EAGAIN', 'ECONNABORTED'];

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

/** True when the daemon went away, or was not there. */
export const isLost = (error: unknown): boolean => LOST.includes(codeOf(error));
