import { expect, test } from 'vitest';
import { stamp } from './stamp.ts';

test.each([
  [0, '1970-01-01 00:00 UTC'],
  [1_795_222_830_000, '2026-11-21 01:00 UTC'],
  [1_795_222_859_999.5, '2026-11-21 01:00 UTC'],
])('%d is %s', (moment, expected) => {
  expect(stamp(moment)).toBe(expected);
});
