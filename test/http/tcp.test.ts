import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../src/interfaces/client/client.ts';
import { createApp } from '../../src/interfaces/http/app.ts';
import { tokenAt } from '../../src/interfaces/http/guard.ts';
import { listenTcp } from '../../src/interfaces/http/serve.ts';
import { FixtureEngine } from './fixture-engine.ts';
import { ask, folder } from './harness.ts';

const TOKEN = 'a-token-of-some-length';
const RIGHT = { authorization: `Bearer ${TOKEN}` };

async function house(options: { allowedHosts?: string[]; allowedOrigins?: string[] } = {}) {
  const app = createApp(new FixtureEngine());
  const listener = await listenTcp(app, { host: '127.0.0.1', port: 0, token: TOKEN, ...options });
  onTestFinished(() => listener.close());
  const port = Number(new URL(listener.address).port);
  const status = (headers: Record<string, string>) =>
    ask({ port }, { path: '/v1/status', headers }).then((answer) => answer.status);
  return { listener, port, status };
}

test('only the right token opens', async () => {
  const { status } = await house();
  expect(await status(RIGHT)).toBe(200);
  expect(await status({})).toBe(401);
  for (const wrong of ['', TOKEN, 'Bearer', 'Bearer ', `Bearer ${TOKEN}x`, `Basic ${TOKEN}`])
    expect(await status({ authorization: wrong })).toBe(401);
});

test('the client brings it', async () => {
  const { listener } = await house();
  const client = connect({ url: listener.address, token: TOKEN });
  expect((await client.status()).protocol).toBe(1);
  client.close();
  const stranger = connect({ url: listener.address, token: 'wrong' });
  await expect(stranger.status()).rejects.toMatchObject({ code: 'unauthorized' });
  stranger.close();
});

test('other names and foreign pages are refused even with the token', async () => {
  const { status, port } = await house();
  expect(await status({ ...RIGHT, host: `evil.example:${port}` })).toBe(403);
  expect(await status({ ...RIGHT, host: `LOCALHOST:${port}` })).toBe(200);
  expect(await status({ ...RIGHT, origin: 'http://evil.example' })).toBe(403);
  expect(await status({ ...RIGHT, origin: 'null' })).toBe(403);
  expect(await status({ ...RIGHT, origin: `http://localhost:${port}` })).toBe(200);
});

test('more names and pages can be allowed', async () => {
  const { status } = await house({
    allowedHosts: ['tend.test'],
    allowedOrigins: ['http://page.test'],
  });
  expect(await status({ ...RIGHT, host: 'tend.test' })).toBe(200);
  expect(await status({ ...RIGHT, origin: 'http://page.test' })).toBe(200);
});

test('an address beyond this machine needs to be asked for', async () => {
  const app = createApp(new FixtureEngine());
  const given = { host: '0.0.0.0', port: 0, token: TOKEN };
  await expect(listenTcp(app, given)).rejects.toMatchObject({ code: 'config_invalid' });
  await (await listenTcp(app, { ...given, anywhere: true })).close();
});

test('a port in use is said to be', async () => {
  const { port } = await house();
  const app = createApp(new FixtureEngine());
  await expect(listenTcp(app, { host: '127.0.0.1', port, token: TOKEN })).rejects.toMatchObject({
    code: 'daemon_unreachable',
  });
});

test('the token is made once, 0600, and not trusted when others may read it', () => {
  const path = join(folder(), 'token');
  const token = tokenAt(path);
  expect(token).toMatch(/^[\w-]{43}$/);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(tokenAt(path)).toBe(token);
  chmodSync(path, 0o644);
  expect(() => tokenAt(path)).toThrow(/others may read it/);
  expect(readFileSync(path, 'utf8').trim()).toBe(token);
  chmodSync(path, 0o600);
  writeFileSync(path, 'short');
  expect(() => tokenAt(path)).toThrow(/cannot be trusted/);
});
