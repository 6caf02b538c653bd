import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

export interface Received {
  method: string | undefined;
  path: string | undefined;
  headers: http.IncomingHttpHeaders;
  body: string;
}

export interface Receiver {
  url: string;
  port: number;
  received: Received[];
  server: http.Server;
}

type Answer = (response: http.ServerResponse) => void;

const ok: Answer = (response) => response.writeHead(204).end();

/** A real receiver on the loopback; closed, with all its connections, when the test is over. */
export async function receiver(
  answer: Answer = ok,
  { host = '127.0.0.1', tls }: { host?: string; tls?: { key: Buffer; cert: Buffer } } = {},
): Promise<Receiver> {
  const received: Received[] = [];
  const handle: http.RequestListener = (request, response) => {
    const { method, url: path, headers } = request;
    text(request).then(
      (body) => {
        received.push({ method, path, headers, body });
        answer(response);
      },
      () => undefined,
    );
  };
  const server = tls === undefined ? http.createServer(handle) : https.createServer(tls, handle);
  server.listen(0, host);
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://${host}:${port}/hook?key=path-secret`, port, received, server };
}

/** What `receiver.test` shows; nobody vouches for it. */
export const certificate = () => ({
  key: readFileSync(join(import.meta.dirname, 'receiver-key.pem')),
  cert: readFileSync(join(import.meta.dirname, 'receiver-certificate.pem')),
});

/** A port of the loopback on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = http.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Polls until `holds`; fails after `limit` ms. */
export async function until(holds: () => boolean, limit = 5_000): Promise<void> {
  const end = performance.now() + limit;
  while (!holds()) {
    if (performance.now() > end) throw new Error('what was waited for did not come');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
