import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, renameSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connectOrStart, resolvePaths } from '../../src/interfaces/client/index.ts';
import { ask, eventually, folder } from './harness.ts';

const ENTRY = join(import.meta.dirname, '../fixtures/bin/fake-daemon.ts');

/** A state folder of its own, and a way to start fake daemons there that end with the test. */
function place(home = folder()) {
  const pids: number[] = [];
  const start = (fake = '', more: Record<string, string> = {}) => {
    const env = { ...process.env, TEND_HOME: home, TEND_FAKE: fake, ...more };
    const paths = resolvePaths(env);
    const onStarted = (pid: number): void => void pids.push(pid);
    return connectOrStart(paths, { env, onStarted, entry: ENTRY, patience: 10_000 });
  };
  onTestFinished(() => pids.forEach((pid) => isAlive(pid) && process.kill(pid)));
  return { home, pids, start, socket: resolvePaths({ TEND_HOME: home }).socket };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A daemon of another version, started by somebody else. */
async function startOther(home: string, fake: string): Promise<void> {
  const env = { ...process.env, TEND_HOME: home, TEND_FAKE: fake };
  const child = spawn(process.execPath, [ENTRY], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill());
  await once(child.stdout, 'data');
}

const protocolAt = async (socketPath: string) =>
  Number((await ask({ socketPath }, { path: '/healthz' })).headers['tend-protocol']);

test('nobody there: a daemon is started, once, and outlives its starter', async () => {
  const { start, pids, socket } = place();
  const client = await start();
  client.close();
  expect(pids).toHaveLength(1);
  (await start()).close();
  expect(pids).toHaveLength(1);
  expect(await protocolAt(socket)).toBe(1);
});

test('a stale socket is no trap', async () => {
  const { start, pids, socket } = place();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${socket}.x`, resolve));
  renameSync(`${socket}.x`, socket);
  await new Promise((resolve) => server.close(resolve));
  expect(existsSync(socket)).toBe(true);
  (await start()).close();
  expect(pids).toHaveLength(1);
});

test.each([
  ['quick', ''],
  ['slow', 'slow'],
])('of %s racing starters one starts it, all get connected', async (_, fake) => {
  const { start, pids, socket } = place();
  const clients = await Promise.all([start(fake), start(fake), start(fake)]);
  expect(pids).toHaveLength(1);
  clients.forEach((client) => client.close());
  expect(await protocolAt(socket)).toBe(1);
});

test('the daemon gets what it needs of the environment, in a folder that nobody wants to remove', async () => {
  const { start, home } = place();
  (await start('', { SECRET_TOKEN: 'x', TEND_ATTEMPT_ID: 'a', TEND_TASK_ID: 't' })).close();
  const env = JSON.parse(readFileSync(join(home, 'env.json'), 'utf8')) as Record<string, string>;
  expect(env).toMatchObject({ TEND_HOME: home, PATH: process.env['PATH'], cwd: '/' });
  for (const name of ['SECRET_TOKEN', 'TEND_ATTEMPT_ID', 'TEND_TASK_ID', 'NODE_OPTIONS', 'VITEST'])
    expect(env).not.toHaveProperty(name);
});

test('an older daemon makes room for a new one', async () => {
  const { home, start, pids, socket } = place();
  await startOther(home, 'protocol=0');
  (await start()).close();
  expect(pids).toHaveLength(1);
  expect(await protocolAt(socket)).toBe(1);
});

test('a newer daemon is left alone', async () => {
  const { home, start, socket, pids } = place();
  await startOther(home, 'protocol=2');
  await expect(start()).rejects.toMatchObject({
    code: 'daemon_unreachable',
    message: expect.stringContaining('newer') as string,
    hint: expect.stringMatching(/update this tend/i) as string,
  });
  expect(pids).toEqual([]);
  expect(await protocolAt(socket)).toBe(2);
});

test('a daemon that cannot start says why, in its own words', async () => {
  const { start } = place();
  await expect(start('error')).rejects.toMatchObject({
    code: 'schema_newer',
    message: 'the database is newer',
    hint: 'Update tend.',
  });
});

test.each([
  ['exit', /exit code 3/],
  ['noise', /unexpected: \{"hello"/],
])('a daemon that starts wrongly (%s) is reported with its log', async (fake, words) => {
  const { start, home } = place();
  await expect(start(fake)).rejects.toMatchObject({
    code: 'daemon_unreachable',
    message: expect.stringMatching(words) as string,
    hint: expect.stringContaining(join(home, 'daemon.log')) as string,
  });
});

test('a daemon that says nothing is given up', async () => {
  const { home } = place();
  const env = { ...process.env, TEND_HOME: home, TEND_FAKE: 'silent' };
  const started = connectOrStart(resolvePaths(env), { env, entry: ENTRY, patience: 1_000 });
  await expect(started).rejects.toMatchObject({ code: 'daemon_unreachable' });
  await eventually(() => existsSync(join(home, 'env.json')), 10_000);
  process.kill((JSON.parse(readFileSync(join(home, 'env.json'), 'utf8')) as { pid: number }).pid);
});

test('what listens there but is no daemon is reported', async () => {
  const { start, socket } = place();
  const other = createHttpServer((_, response) => response.end('hello'));
  await new Promise<void>((resolve) => other.listen(socket, resolve));
  onTestFinished(() => void other.close());
  await expect(start()).rejects.toMatchObject({
    message: expect.stringContaining('no tend daemon') as string,
  });
});

test('a folder that everybody may write to is not trusted', async () => {
  const { start, home } = place();
  chmodSync(home, 0o777);
  await expect(start()).rejects.toMatchObject({ code: 'state_unsafe' });
});

test('a daemon that dies under a waiting call is started again, and the call goes on', async () => {
  const { start, pids, socket } = place();
  const client = await start();
  const [first = 0] = pids;
  process.kill(first, 'SIGKILL');
  await eventually(() => !isAlive(first));
  expect(await client.status()).toEqual({ status: 'ok' });
  expect(pids).toHaveLength(2);
  expect(await protocolAt(socket)).toBe(1);
  client.close();
});

test('the real daemon: racing starters share one, and it ends when asked', async () => {
  const { home, pids } = place();
  const env = { ...process.env, TEND_HOME: home };
  const options = { env, onStarted: (pid: number) => void pids.push(pid) };
  const starts = Array.from({ length: 3 }, () => connectOrStart(resolvePaths(env), options));
  const clients = await Promise.all(starts);
  const answers = await Promise.all(clients.map((client) => client.status()));
  expect(pids).toHaveLength(1);
  expect(new Set(answers.map(({ pid }) => pid))).toEqual(new Set(pids));
  await clients[0]?.shutdown();
  clients.forEach((client) => client.close());
  await eventually(() => pids.every((pid) => !isAlive(pid)), 10_000);
});
