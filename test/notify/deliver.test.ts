/** One bad subscriber delays nobody else, and nothing is lost or told as something else, whatever receivers do. */
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { PUSH_TRIES } from '../../src/domain/delivery.ts';
import { HOUR, openPushing, type Pushing } from './pushing.ts';
import { closedPort, receiver, until } from './receiver.ts';

const hook = (url: string) => ({ url, secret: null, events: 'all', publicOnly: false }) as const;

const delivered = async ({ store }: Pushing, id: string): Promise<string[]> =>
  (await store.deliveries(id))
    .filter(({ deliveredAt }) => deliveredAt !== null)
    .map(({ subscriber }) => subscriber)
    .toSorted();

describe('one bad subscriber', () => {
  test('delays nobody, whether it hangs, refuses, closes or floods', async () => {
    const pushing = openPushing();
    const [good, better, hangs, floods] = await Promise.all([
      receiver(),
      receiver(),
      receiver(() => undefined),
      receiver((response) => {
        response.writeHead(500);
        response.end('x'.repeat(1_000_000));
      }),
    ]);
    const closes = await receiver((response) => response.destroy());
    pushing.receivers.webhooks = {
      a: hook(hangs.url),
      b: hook(good.url),
      c: hook(`http://127.0.0.1:${await closedPort()}/`),
      d: hook(closes.url),
      e: hook(floods.url),
      f: hook(better.url),
    };
    const ids = Array.from({ length: 40 }, (_, nth) => `t-${nth}`);
    for (const id of ids) await pushing.end(id);
    const from = performance.now();
    pushing.wake();
    await until(() => good.received.length === 40 && better.received.length === 40);
    expect(performance.now() - from).toBeLessThan(9_000); // the one that hangs is waited for longer
    expect(hangs.received).toHaveLength(1);
    for (const { received } of [good, better]) {
      const told = received.map(({ headers }) => headers['tend-delivery']);
      expect(new Set(told).size).toBe(40);
    }
    expect(pushing.faults).toEqual([]);
  });

  test('nor do forty that hang', async () => {
    const pushing = openPushing();
    const [good, hangs] = await Promise.all([receiver(), receiver(() => undefined)]);
    const bad = Array.from({ length: 40 }, (_, nth) => [`a${nth}`, hook(hangs.url)] as const);
    pushing.receivers.webhooks = { ...Object.fromEntries(bad), z: hook(good.url) };
    for (let nth = 0; nth < 10; nth++) await pushing.end(`t-${nth}`);
    pushing.wake();
    await until(() => good.received.length === 10, 9_000);
    await until(() => hangs.received.length === 40);
  });

  test('that does not answer in the end is dead, and is shown, and can be sent again', async () => {
    const pushing = openPushing();
    let up = false;
    const { url, received } = await receiver((response) =>
      response.writeHead(up ? 200 : 500).end(),
    );
    pushing.receivers.webhooks = { ci: hook(url) };
    await pushing.end('t-1');
    pushing.wake();
    for (let nth = 1; nth <= PUSH_TRIES; nth++) {
      await until(() => received.length === nth);
      let tries = 0;
      await until(() => {
        void pushing.store.deliveries('t-1').then((all) => (tries = all.at(-1)?.tries ?? 0));
        return tries === nth;
      });
      pushing.later(5 * HOUR);
    }
    expect(await pushing.verbs.dead(9)).toMatchObject([
      { subscriber: 'webhook:ci', tries: PUSH_TRIES, lastError: expect.stringContaining('500') },
    ]);
    const ids = new Set(received.map(({ headers }) => headers['tend-delivery']));
    expect(ids.size).toBe(1);
    await expect(pushing.verbs.resend(['d-none'])).rejects.toMatchObject({ code: 'not_found' });
    up = true;
    const [id = ''] = ids;
    expect(await pushing.verbs.resend('all')).toEqual([id]);
    await until(() => received.length === PUSH_TRIES + 1);
    expect(await pushing.verbs.dead(9)).toEqual([]);
  });
});

describe('a connection', () => {
  test('is used for many messages, and closed when nobody needs it', async () => {
    const pushing = openPushing();
    const { url, received, server } = await receiver();
    let connections = 0;
    server.on('connection', () => connections++);
    pushing.receivers.webhooks = { ci: hook(url) };
    for (let nth = 0; nth < 40; nth++) await pushing.end(`t-${nth}`);
    pushing.wake();
    await until(() => received.length === 40);
    expect(connections).toBeLessThanOrEqual(5);
    let open = -1;
    await until(() => {
      server.getConnections((_, count) => (open = count));
      return open === 0;
    });
  });

  test('that its receiver closes when it is used again costs no try', async () => {
    const pushing = openPushing();
    // Answers once for each connection, says that it keeps it, and closes it at the next request.
    let requests = 0;
    const server = createServer((socket) => {
      let first = true;
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        if (!chunk.includes('POST')) return;
        requests++;
        if (!first) socket.resetAndDestroy();
        else socket.write('HTTP/1.1 204 No Content\r\nconnection: keep-alive\r\n\r\n');
        first = false;
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    pushing.receivers.webhooks = { ci: hook(`http://127.0.0.1:${port}/`) };
    for (const id of ['t-1', 't-2', 't-3']) {
      await pushing.end(id);
      pushing.wake();
      let told: string[] = [];
      await until(() => {
        void delivered(pushing, id).then((all) => (told = all));
        return told.length === 1;
      });
      expect((await pushing.store.deliveries(id)).at(-1)).toMatchObject({ tries: 1 });
    }
    expect(requests).toBeGreaterThan(3);
  });
});

test('what could not be marked as delivered is sent again under the same id', async () => {
  let broken = true;
  const pushing = openPushing((store) => ({
    ...store,
    settlePush: async (ids, result) => {
      if (!broken) return store.settlePush(ids, result);
      broken = false;
      throw new Error('the disk is full');
    },
  }));
  const { url, received } = await receiver();
  pushing.receivers.webhooks = { ci: hook(url) };
  await pushing.end('t-1');
  pushing.wake();
  await until(() => received.length === 2);
  const [first, second] = received.map(({ headers }) => headers['tend-delivery']);
  expect(second).toBe(first);
  expect(pushing.faults).toMatchObject([{ message: 'the disk is full' }]);
  let told: string[] = [];
  await until(() => {
    void delivered(pushing, 't-1').then((all) => (told = all));
    return told.length === 1;
  });
});

test('a push that comes due later is seen, also behind one that comes due earlier', async () => {
  const pushing = openPushing();
  let refused = 0;
  const { url, received } = await receiver((response) =>
    response.writeHead(refused++ < 2 ? 500 : 200).end(),
  );
  pushing.receivers.webhooks = { ci: hook(url) };
  await pushing.end('t-1');
  pushing.wake();
  await until(() => refused === 1);
  pushing.later(2_000);
  await pushing.end('t-2');
  pushing.wake();
  await until(() => refused === 2);
  // Both are due again by the clock alone: nobody wakes the deliverer.
  await until(() => received.length === 4, 15_000);
});
