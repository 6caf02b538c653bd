import { expect, test } from 'vitest';
import { NO_RETRY } from './retry.ts';
import type { Task } from './task.ts';
import { aim, type Found, HUSH, matchDelivery, told, type Watch } from './watch.ts';

const NOON = 1_000_000;
const WATCH: Watch = {
  id: 'w-1a',
  taskId: 't-1',
  owner: 'cli:1000',
  match: 'ready',
  on: null,
  stream: null,
  once: false,
  createdAt: NOON,
  attempt: 1,
  places: {},
  matches: 0,
  hushUntil: 0,
  held: null,
};
const found = (at: number): Found => ({ key: `1o${at}`, at: NOON, text: `line ${at}` });
const news = (from: number, count = 1) => ({
  first: found(from),
  last: found(from + count - 1),
  count,
});

test('the first match is told at once, what comes too soon after it together', () => {
  const first = told(WATCH, news(1), NOON, false);
  expect(first).toMatchObject({ tell: { found: found(1), more: 0 }, over: false });
  expect(first.watch).toMatchObject({ matches: 1, hushUntil: NOON + HUSH, held: null });
  const flood = told(first.watch, news(2, 40), NOON + 1, false);
  expect(flood).toMatchObject({ tell: null, watch: { held: { last: found(41), count: 40 } } });
  const more = told(flood.watch, news(42), NOON + HUSH - 1, false);
  expect(more).toMatchObject({ tell: null, watch: { matches: 42, held: { count: 41 } } });
  const later = told(more.watch, null, NOON + HUSH, false);
  expect(later).toMatchObject({ tell: { found: found(42), more: 40 }, over: false });
  expect(later.watch).toMatchObject({ held: null, hushUntil: NOON + 2 * HUSH, matches: 42 });
  expect(told(later.watch, null, NOON + 9 * HUSH, false).tell).toBeNull();
});

test('of several after a silence the first is told, the others a moment later', () => {
  const first = told(WATCH, news(1, 5), NOON, false);
  expect(first).toMatchObject({
    tell: { found: found(1), more: 0 },
    watch: { matches: 5, held: { last: found(5), count: 4 } },
  });
  const next = told(first.watch, news(6, 2), NOON + HUSH, false);
  expect(next).toMatchObject({ tell: { found: found(7), more: 5 }, watch: { held: null } });
});

test('the end tells what was held back, however soon it comes', () => {
  const { watch } = told(WATCH, news(1, 3), NOON, false);
  expect(told(watch, null, NOON + 1, true)).toMatchObject({
    tell: { found: found(3), more: 1 },
    over: true,
  });
  expect(told(WATCH, null, NOON, true)).toMatchObject({ tell: null, over: true });
});

test('one that is to tell once is over with the first match', () => {
  expect(told({ ...WATCH, once: true }, news(3, 9), NOON, false)).toMatchObject({
    tell: { found: found(3), more: 0 },
    over: true,
    watch: { matches: 1 },
  });
});

test('a clock that was set back hushes nobody', () => {
  const hushed = { ...WATCH, hushUntil: NOON + 3_600_000 };
  expect(told(hushed, news(1), NOON, false)).toMatchObject({ tell: { more: 0 } });
});

test('the same match is told under the same id', () => {
  const task = { id: 't-1', createdAt: 36, spec: { retry: NO_RETRY } } as unknown as Task;
  const first = matchDelivery(task, WATCH, { found: found(7), more: 0 });
  expect(first).toEqual({
    id: 'd-t-1.10.m1a.1o7',
    kind: 'match',
    taskId: 't-1',
    owner: 'cli:1000',
    subscriber: 'owner:cli:1000',
    createdAt: NOON,
    preview: 'w-1a found "ready": line 7',
    truncated: false,
  });
  expect(matchDelivery(task, WATCH, { found: found(7), more: 3 })).toMatchObject({
    id: first.id,
    preview: 'w-1a found "ready" (and 3 more since the last one): line 7',
  });
});

test('what is looked for, in words', () => {
  expect(aim({ match: 'a "b"', on: null })).toBe('"a \\"b\\""');
  expect(aim({ match: '/a+/i', on: null })).toBe('/a+/i');
  expect(aim({ match: null, on: 'tool_finished' })).toBe('tool_finished');
  expect(aim({ match: 'npm', on: 'tool_finished' })).toBe('tool_finished with "npm"');
});
