import { chmodSync, existsSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createApp } from '../../src/interfaces/http/app.ts';
import { listen } from '../../src/interfaces/http/serve.ts';
import { FixtureEngine } from './fixture-engine.ts';
import { ask, eventually, folder, house } from './harness.ts';

const mode = (path: string): number => statSync(path).mode & 0o777;
const serve = (socket: string) => listen(createApp(new FixtureEngine()), { socket });

test('the socket is ours alone, in a folder of our own, and gone afterwards', async () => {
  const socket = join(folder(), 'new', 'tend.sock');
  const listener = await serve(socket);
  expect([mode(socket), mode(join(socket, '..'))]).toEqual([0o600, 0o700]);
  await listener.close();
  expect(existsSync(socket)).toBe(false);
});

test('a folder that everybody may write to is refused', async () => {
  const open = join(folder(), 'open');
  mkdirSync(open);
  chmodSync(open, 0o777);
  await expect(serve(join(open, 'tend.sock'))).rejects.toMatchObject({ code: 'state_unsafe' });
});

test('a stale socket is replaced, a plain file in the way too', async () => {
  const socket = join(folder(), 'tend.sock');
  writeFileSync(socket, '');
  const first = await serve(socket);
  expect((await ask({ socketPath: socket }, { path: '/healthz' })).status).toBe(200);
  await first.close();
});

test('a socket at which somebody listens is left alone', async () => {
  const { socket } = await house();
  await expect(serve(socket)).rejects.toMatchObject({ code: 'daemon_unreachable' });
  expect((await ask({ socketPath: socket }, { path: '/healthz' })).status).toBe(200);
});

test("a displaced server does not remove its successor's socket", async () => {
  const socket = join(folder(), 'tend.sock');
  const displaced = await serve(socket);
  renameSync(socket, `${socket}.away`);
  const successor = await serve(socket);
  await displaced.close();
  expect((await ask({ socketPath: socket }, { path: '/healthz' })).status).toBe(200);
  await successor.close();
});

test('closing lets a request under way finish and takes no more', async () => {
  const { engine, listener, socket } = await house();
  let release = (): void => undefined;
  let asked = false;
  engine.doctor = () =>
    new Promise((resolve) => {
      asked = true;
      release = () => resolve([]);
    });
  const late = ask({ socketPath: socket }, { path: '/v1/doctor' });
  await eventually(() => asked);
  const closed = listener.close();
  await expect(ask({ socketPath: socket }, { path: '/healthz' })).rejects.toThrow(/ENOENT|REFUSED/);
  release();
  expect((await late).status).toBe(200);
  await closed;
});

test('closing answers a wait with daemon_stopping instead of a wrong result', async () => {
  const { engine, client, listener, socket } = await house();
  const { id } = await client.submit({ command: 'x', cwd: '/' });
  const wait = ask({ socketPath: socket }, { method: 'POST', path: `/v1/tasks/${id}/wait` });
  await eventually(() => engine.feed.size === 1);
  await listener.close();
  expect((await wait).json()['code']).toBe('daemon_stopping');
});

test('a server that hangs up on everybody does not confuse the next one', async () => {
  const socket = join(folder(), 'tend.sock');
  const rude = createServer((connection) => connection.destroy());
  await new Promise<void>((resolve) => rude.listen(socket, resolve));
  await expect(serve(socket)).rejects.toMatchObject({ code: 'daemon_unreachable' });
  await new Promise((resolve) => rude.close(resolve));
  await (await serve(socket)).close();
});
