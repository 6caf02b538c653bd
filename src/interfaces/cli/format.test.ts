import { expect, test } from 'vitest';
import { age, bytes, clock, count, quoted, relative, span } from './format.ts';

test.each([
  [0, '0ms'],
  [-5, '0ms'],
  [420, '420ms'],
  [1_999, '1s'],
  [12_400, '12s'],
  [59_999, '59s'],
  [185_000, '3m05s'],
  [7_800_000, '2h10m'],
  [3 * 86_400_000 + 4 * 3_600_000, '3d4h'],
])('%d ms last %s', (ms, text) => expect(span(ms)).toBe(text));

test.each([
  [0, 'now'],
  [999, 'now'],
  [1_000, '1s'],
  [90_000, '1m'],
  [3 * 3_600_000, '3h'],
  [50 * 3_600_000, '2d'],
])('%d ms are %s old', (ms, text) => expect(age(ms)).toBe(text));

test('a moment is before, after or now', () => {
  expect(relative(1_000, 61_000)).toBe('1m ago');
  expect(relative(61_000, 1_000)).toBe('in 1m');
  expect(relative(5, 5)).toBe('now');
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 KB'],
  [1_449, '1.4 KB'],
  [20_000_000, '20 MB'],
  [999_960, '1.0 MB'],
  [5e15, '5000 TB'],
])('%d bytes are %s', (size, text) => expect(bytes(size)).toBe(text));

test('another day is named with its date', () => {
  const noon = new Date(2026, 10, 21, 12, 3, 4).getTime();
  expect(clock(noon, noon)).toBe('12:03:04');
  expect(clock(noon, noon + 86_400_000)).toBe('2026-11-21 12:03:04');
});

test('one is singular', () => {
  expect([count(1, 'task'), count(2, 'task')]).toEqual(['1 task', '2 tasks']);
});

test.each([
  ['make', 'make'],
  ['a b', "'a b'"],
  ["it's", "'it'\\''s'"],
  ['', "''"],
])('%s is quoted as %s', (given, text) => expect(quoted(given)).toBe(text));
