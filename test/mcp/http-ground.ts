/** A daemon in this process with both of its doors, and clients that speak to `/mcp` through them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  Client,
  type ClientOptions,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { onTestFinished } from 'vitest';
import { type Daemon, startDaemon } from '../../src/daemon/daemon.ts';
import { resolvePaths } from '../../src/interfaces/client/index.ts';
import { tokenAt } from '../../src/interfaces/http/guard.ts';
import { MODERN } from './ground.ts';

export interface HttpHouse {
  daemon: Daemon;
  socket: string;
  url: URL;
  token: string;
}

export async function openHouse(): Promise<HttpHouse> {
  const folder = mkdtempSync(join(tmpdir(), 'tm-'));
  const paths = resolvePaths({ TEND_HOME: folder });
  const daemon = await startDaemon(paths, { listen: { host: '127.0.0.1', port: 0 } });
  if (daemon.already !== undefined) throw new Error('somebody else is here');
  onTestFinished(async () => {
    await daemon.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const [, address = ''] = daemon.addresses;
  const url = new URL('/mcp', address);
  return { daemon, socket: paths.socket, url, token: tokenAt(paths.tokenPath) };
}

/** `fetch` over the unix socket, on one connection that is kept. */
export function socketFetch(socketPath: string, agent: unknown): typeof fetch {
  return async (target, init = {}) => {
    const given = new Request(target as string, init);
    const body = given.body === null ? null : Buffer.from(await given.arrayBuffer());
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          socketPath,
          agent: agent as never,
          method: given.method,
          path: new URL(given.url).pathname,
          headers: {
            ...Object.fromEntries(given.headers),
            ...(body !== null && { 'content-length': body.byteLength }),
          },
        },
        (response) => {
          const status = response.statusCode ?? 500;
          const stream = Readable.toWeb(response) as ReadableStream<Uint8Array>;
          const headers = Object.entries(response.headers).map(
            ([name, value]): [string, string] => [name, String(value)],
          );
          resolve(new Response([202, 204].includes(status) ? null : stream, { status, headers }));
        },
      );
      sent.on('error', reject);
      given.signal.addEventListener('abort', () => sent.destroy());
      sent.end(body);
    });
  };
}

export interface HttpHostOptions {
  modern?: boolean;
  headers?: Record<string, string>;
  fetch?: typeof fetch;
  capabilities?: ClientOptions['capabilities'];
}

/** A host that has connected over HTTP; closed with the test. */
export async function connectHttp(
  url: URL,
  { modern = false, headers = {}, fetch, capabilities }: HttpHostOptions = {},
): Promise<Client> {
  const transport = new StreamableHTTPClientTransport(url, {
    requestInit: { headers },
    ...(fetch !== undefined && { fetch }),
  });
  const client = new Client(
    { name: 'test-host', version: '1.0.0' },
    {
      ...(capabilities !== undefined && { capabilities }),
      ...(modern && { versionNegotiation: { mode: { pin: MODERN } } }),
    },
  );
  await client.connect(transport);
  onTestFinished(() => client.close());
  return client;
}
