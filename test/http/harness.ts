import { mkdtempSync, rmSync } from 'node:fs';
import { request, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { connect } from '../../src/interfaces/client/client.ts';
import { createApp } from '../../src/interfaces/http/app.ts';
import { listen } from '../../src/interfaces/http/serve.ts';
import { FixtureEngine } from './fixture-engine.ts';

/** A folder that goes with the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'tend-http-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A real server on a real socket, its engine, and a client; all closed with the test. */
export async function house(socket = join(folder(), 'tend.sock')) {
  const engine = new FixtureEngine();
  const faults: unknown[] = [];
  const app = createApp(engine, { onFault: (error) => faults.push(error) });
  const listener = await listen(app, { socket });
  const client = connect({ socket });
  onTestFinished(async () => {
    client.close();
    await listener.close();
  });
  return { engine, app, listener, client, socket, faults };
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  json: () => Record<string, unknown>;
}

export interface Ask {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}

/** One request over a connection of its own. */
export function ask(place: { socketPath: string } | { port: number }, given: Ask): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        ...place,
        method: given.method ?? 'GET',
        path: given.path,
        agent: false,
        headers: given.headers ?? {},
      },
      (response) => {
        text(response).then(
          (body) =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body,
              json: () => JSON.parse(body) as Record<string, unknown>,
            }),
          reject,
        );
      },
    );
    sent.on('error', reject);
    sent.end(given.body);
  });
}

const JSON_BODY = { 'content-type': 'application/json' };

export const post = (socketPath: string, path: string, body: unknown, headers = {}) =>
  ask(
    { socketPath },
    { method: 'POST', path, headers: { ...JSON_BODY, ...headers }, body: JSON.stringify(body) },
  );

/** Resolves when `check` is true; fails after `cap` ms. */
export async function eventually(check: () => boolean, cap = 5_000): Promise<void> {
  const until = Date.now() + cap;
  while (!check()) {
    if (Date.now() > until) throw new Error('it did not become true in time');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
