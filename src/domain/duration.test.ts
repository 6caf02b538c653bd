import { expect, test } from 'vitest';
import { duration, written } from './duration.ts';

test.each([
  ['90s', 90_000],
  ['10m', 600_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
  ['250ms', 250],
  ['1h30m', 5_400_000],
  ['1m30s', 90_000],
  ['1.5h', 5_400_000],
  ['0.4ms', 0],
  [' 8s ', 8_000],
  ['0', 0],
  ['0s', 0],
  ['30', 30_000],
  ['0.5', 500],
  [30, 30_000],
  [0.25, 250],
])('%j is %i ms', (given, expected) => {
  expect(duration(given)).toBe(expected);
});

test.each([
  '',
  's',
  '10 m',
  '10x',
  '-5s',
  '+5s',
  '1h-30m',
  '5M',
  '1e3',
  'soon',
  '.5s',
  '5.s',
  '5,5s',
])('%j is no duration', (given) => {
  expect(duration(given)).toBeNull();
});

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 1e21])('%j is none either', (given) => {
  expect(duration(given)).toBeNull();
});

test.each([
  [0, '0ms'],
  [1, '1ms'],
  [1_500, '1500ms'],
  [10_000, '10s'],
  [90_000, '90s'],
  [600_000, '10m'],
  [5_400_000, '90m'],
  [7_200_000, '2h'],
  [86_400_000, '1d'],
])('%d ms are written %s, and read again', (ms, text) => {
  expect(written(ms)).toBe(text);
  expect(duration(text)).toBe(ms);
});
