import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../src/interfaces/client/client.ts';
import { folder, house } from './harness.ts';

const WORK = { command: 'make', cwd: '/' };

/** A server that destroys the first `drops` connections after it has read the request. */
async function flaky(drops: number) {
  const socket = join(folder(), 's');
  const bodies: unknown[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      bodies.push(body === '' ? null : JSON.parse(body));
      if (bodies.length <= drops) request.socket.destroy();
      else response.end('{"id":"t"}');
    });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => void server.close());
  let revived = 0;
  const client = connect({ socket }, { revive: async () => void (revived += 1) });
  onTestFinished(() => client.close());
  return { client, bodies, revived: () => revived };
}

test('a submit whose answer was lost is sent again under the same key', async () => {
  const { client, bodies, revived } = await flaky(2);
  expect(await client.submit(WORK)).toEqual({ id: 't' });
  expect(bodies).toHaveLength(3);
  expect(bodies[0]).toMatchObject({ ...WORK, key: expect.stringMatching(/^once-/) as string });
  expect(bodies[1]).toEqual(bodies[0]);
  expect(revived()).toBe(2);
});

test.each(['retry', 'remove', 'shutdown'] as const)('%s is not sent twice', async (verb) => {
  const { client, bodies } = await flaky(1);
  await expect(client[verb]({ id: 't' })).rejects.toMatchObject({ code: 'daemon_unreachable' });
  expect(bodies).toHaveLength(1);
});

test('nobody there is said with the next step', async () => {
  const socket = join(folder(), 'none');
  const client = connect({ socket });
  await expect(client.list()).rejects.toMatchObject({
    code: 'daemon_unreachable',
    message: expect.stringContaining(socket) as string,
    hint: 'Start it with: tend daemon start',
  });
  for (const stream of [client.events(), client.follow({ id: 't' })])
    await expect(stream.next()).rejects.toMatchObject({ code: 'daemon_unreachable' });
});

test('a daemon that goes away for good ends the tries', async () => {
  const { client, bodies } = await flaky(1_000);
  await expect(client.list()).rejects.toMatchObject({ code: 'daemon_unreachable' });
  expect(bodies.length).toBeLessThan(10);
});

test('ids with odd characters stay one part of the path', async () => {
  const { client } = await house();
  await expect(client.show({ id: '../status' })).rejects.toMatchObject({ code: 'invalid_input' });
  await expect(client.show({ id: 'a/b?c#d' })).rejects.toMatchObject({ code: 'invalid_input' });
});

test('a waiting call keeps no other one from its answer', async () => {
  const { client, engine } = await house();
  const { id } = await client.submit(WORK);
  const waits = Array.from({ length: 50 }, () => client.waitOne({ id }));
  expect((await client.status()).pid).toBe(process.pid);
  await engine.start(id);
  await engine.finish(id);
  const ended = await Promise.all(waits);
  expect(new Set(ended.map((task) => task.state))).toEqual(new Set(['completed']));
});

test('more connections at once than the kernel queues are all answered', async () => {
  const { client } = await house();
  const calls = Array.from({ length: 1_500 }, () => client.list());
  for (const { tasks } of await Promise.all(calls)) expect(tasks).toEqual([]);
});

test('inputs are typed: what is required cannot be left out', async () => {
  const { client } = await house();
  // @ts-expect-error an id is needed
  await expect(client.show()).rejects.toMatchObject({ code: 'invalid_input' });
  // @ts-expect-error there is no such state of mind
  await expect(client.submit({ ...WORK, notify: 'maybe' })).rejects.toThrow(/notify/);
  expect((await client.list({ limit: 1 })).nextCursor).toBeNull();
});
