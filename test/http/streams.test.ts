import { request, type IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import type { Change, StreamEvent } from '../../src/interfaces/client/index.ts';
import { connect } from '../../src/interfaces/client/client.ts';
import { createApp } from '../../src/interfaces/http/app.ts';
import { type Listener, listen } from '../../src/interfaces/http/serve.ts';
import { ask, eventually, house } from './harness.ts';

const WORK = { command: 'make', cwd: '/' };

async function all<T>(events: AsyncIterable<StreamEvent<T>>): Promise<StreamEvent<T>[]> {
  const found: StreamEvent<T>[] = [];
  for await (const event of events) found.push(event);
  return found;
}

/** A raw stream, its text growing in `said`. */
async function open(socketPath: string, path: string, headers = {}) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ socketPath, path, headers, agent: false }, resolve).on('error', reject).end();
  });
  const stream = { response, said: '', ended: false };
  response.setEncoding('utf8').on('data', (text: string) => (stream.said += text));
  response.on('end', () => (stream.ended = true));
  return stream;
}

test("a task's events are told from its beginning to its end", async () => {
  const { engine, client } = await house();
  const { id } = await client.submit(WORK);
  const told = all(client.taskEvents({ id }));
  await engine.start(id);
  await engine.finish(id);
  const names = (await told).map(({ event, data }) => [event, data.state]);
  expect(names).toEqual([
    ['submit', 'queued'],
    ['claim', 'claimed'],
    ['start', 'running'],
    ['exit', 'finishing'],
    ['complete', 'completed'],
  ]);
});

test('on the wire an event has id, event and data, and a complete stream says so', async () => {
  const { engine, client, socket } = await house();
  const { id } = await client.submit(WORK);
  await engine.start(id);
  await engine.finish(id);
  const answer = await ask({ socketPath: socket }, { path: `/v1/tasks/${id}/events` });
  expect(answer.headers['content-type']).toBe('text/event-stream');
  const blocks = answer.body.trimEnd().split('\n\n');
  expect(blocks[1]).toMatch(/^id: \d+\nevent: submit\ndata: \{"seq":/);
  expect(blocks.at(-1)).toBe('event: end\ndata: {}');
});

test('Last-Event-ID goes on after that event', async () => {
  const { engine, client } = await house();
  const { id } = await client.submit(WORK);
  await engine.start(id);
  await engine.finish(id);
  const whole = await all(client.taskEvents({ id }));
  const rest = await all(client.taskEvents({ id }, { lastEventId: whole[2]?.id }));
  expect(rest).toEqual(whole.slice(3));
});

test('output is followed by byte, also on from a place in the middle', async () => {
  const { engine, client } = await house();
  const { id } = await client.submit(WORK);
  await engine.start(id);
  await engine.write(id, 'one ');
  const followed = all(client.follow({ id }));
  await engine.write(id, 'two');
  await engine.finish(id);
  const slices = await followed;
  expect(slices.map((slice) => slice.data.text).join('')).toBe('one two');
  expect(slices.at(-1)?.id).toBe('7');
  const rest = await all(client.follow({ id, tail: 1 }, { lastEventId: '4' }));
  expect(rest.map((slice) => slice.data.text)).toEqual(['two']);
});

test('headers come at once, though nothing has happened yet', async () => {
  const { engine, client, socket } = await house();
  const stream = await open(socket, '/v1/events');
  expect(stream.response.statusCode).toBe(200);
  await client.submit(WORK);
  await eventually(() => stream.said.includes('event: submit'));
  stream.response.destroy();
  await eventually(() => engine.feed.size === 0);
});

test('a problem in the middle of a stream is an event, and the client throws it', async () => {
  const { client, engine, faults } = await house();
  const { id } = await client.submit(WORK);
  engine.read = () => Promise.reject(new Error('broken'));
  await expect(all(client.follow({ id }))).rejects.toMatchObject({ code: 'internal' });
  expect(faults).toHaveLength(1);
});

test('an aborted call ends with interrupted', async () => {
  const { client, engine } = await house();
  const { id } = await client.submit(WORK);
  const stop = new AbortController();
  const stream = all(client.taskEvents({ id }, { signal: stop.signal }));
  const wait = client.waitOne({ id }, { signal: stop.signal });
  const ended = Promise.allSettled([stream, wait]);
  await eventually(() => engine.feed.size === 2);
  stop.abort();
  for (const result of await ended)
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'interrupted' } });
  await eventually(() => engine.feed.size === 0);
});

test('a stalled reader stops the source and costs no memory', async () => {
  const { client, engine, socket } = await house();
  const { id } = await client.submit(WORK);
  const data = Buffer.alloc(256 * 1024, 'x');
  let made = 0;
  engine.follow = async function* () {
    for (; made < 2_000; made += 1)
      yield {
        stream: 'output',
        offset: 0,
        nextOffset: 1,
        size: 1,
        truncated: false,
        ended: false,
        data,
      };
  };
  const before = process.memoryUsage.rss();
  const stream = await open(socket, `/v1/tasks/${id}/output/follow`);
  stream.response.pause();
  let last = -1;
  // Nothing else wants the loop: as soon as a few rounds bring no more, the source stands still.
  for (let same = 0; same < 200; same += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    if (made !== last) [last, same] = [made, 0];
  }
  expect(made).toBeLessThan(40);
  expect(process.memoryUsage.rss() - before).toBeLessThan(100e6);
  stream.response.destroy();
});

test('a server that ends breaks streams off, and the client goes on with the next one', async () => {
  const { client, engine, listener, socket } = await house();
  const { id } = await client.submit(WORK);
  const raw = await open(socket, `/v1/tasks/${id}/events`);
  let second: Promise<Listener> | null = null;
  const revive = async (): Promise<void> => {
    second ??= listen(createApp(engine), { socket });
    await second;
  };
  const revived = connect({ socket }, { revive });
  const events: StreamEvent<Change>[] = [];
  const reading = (async () => {
    for await (const event of revived.taskEvents({ id })) events.push(event);
  })();
  const waiting = revived.waitOne({ id });
  await eventually(() => events.length === 1 && raw.said.includes('submit'));
  await listener.close();
  await eventually(() => raw.ended);
  expect(raw.said).not.toContain('event: end');
  await eventually(() => second !== null);
  await engine.start(id);
  await engine.finish(id);
  await reading;
  expect(events.map(({ event }) => event)).toEqual([
    'submit',
    'claim',
    'start',
    'exit',
    'complete',
  ]);
  expect((await waiting).state).toBe('completed');
  revived.close();
  await (await (second as Promise<Listener> | null))?.close();
});
