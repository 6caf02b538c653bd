import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TendError } from '../../domain/errors.ts';
import { eventStream, type Item } from './sse.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const item = (id: string): Item => ({ id, event: 'e', data: { id } });
const none = (): void => undefined;

async function all(stream: AsyncIterable<string>): Promise<string[]> {
  const texts: string[] = [];
  for await (const text of stream) texts.push(text);
  return texts;
}

test('items, then the end', async () => {
  async function* source() {
    yield item('1');
    yield item('2');
  }
  expect(await all(eventStream(source(), new AbortController().signal, none))).toEqual([
    ': tend\n\n',
    'id: 1\nevent: e\ndata: {"id":"1"}\n\n',
    'id: 2\nevent: e\ndata: {"id":"2"}\n\n',
    'event: end\ndata: {}\n\n',
  ]);
});

test('a silent source is heard of every 15 s, and loses no item by it', async () => {
  let release = none;
  async function* source() {
    await new Promise<void>((resolve) => (release = resolve));
    yield item('1');
  }
  const stream = eventStream(source(), new AbortController().signal, none);
  await stream.next();
  for (let beats = 0; beats < 3; beats += 1) {
    const said = stream.next();
    await vi.advanceTimersByTimeAsync(15_000);
    expect((await said).value).toBe(': still here\n\n');
  }
  const said = stream.next();
  release();
  expect((await said).value).toContain('id: 1');
  await stream.return();
  expect(vi.getTimerCount()).toBe(0);
});

test('an abort ends it without the last event, though the source does not listen', async () => {
  const stop = new AbortController();
  async function* source() {
    await new Promise<never>(none);
    yield item('1');
  }
  const texts = all(eventStream(source(), stop.signal, none));
  await vi.advanceTimersByTimeAsync(1);
  stop.abort();
  expect(await texts).toEqual([': tend\n\n']);
});

test('what goes wrong is the last event; only what is no TendError is a fault', async () => {
  const faults: unknown[] = [];
  async function* source(error: Error) {
    yield item('1');
    throw error;
  }
  const told = async (error: Error) => {
    const signal = new AbortController().signal;
    return (await all(eventStream(source(error), signal, (fault) => faults.push(fault)))).at(-1);
  };
  expect(await told(new TendError('not_found', 'gone', 'Look.'))).toMatch(
    /^event: error\n.*not_found/s,
  );
  expect(faults).toEqual([]);
  expect(await told(new Error('a secret'))).toMatch(/^event: error\n(?!.*secret).*internal/s);
  expect(faults).toHaveLength(1);
});

test('one item is taken only when the one before it was', async () => {
  let taken = 0;
  async function* source() {
    for (;;) yield item(String(++taken));
  }
  const stream = eventStream(source(), new AbortController().signal, none);
  await stream.next();
  await stream.next();
  await vi.advanceTimersByTimeAsync(1);
  expect(taken).toBeLessThanOrEqual(2);
  await stream.return();
});
