import { expect, test } from 'vitest';
import { checkKey, type CheckOf } from './checks.ts';

const check: CheckOf = { of: 't-1', attempt: 2, what: 'verify', nth: 1, commit: 'c0ffee' };

test('a check has one key, and no other check has it', () => {
  const others: CheckOf[] = [
    { ...check, of: 't-2' },
    { ...check, attempt: 1 },
    { ...check, what: 'honest' },
    { ...check, nth: 2 },
  ];
  const key = checkKey(check, 40.5);
  expect(key).toBe('check t-1.14.2 verify 1');
  expect(checkKey({ ...check }, 40.5)).toBe(key);
  expect(new Set([key, ...others.map((one) => checkKey(one, 40.5))]).size).toBe(5);
  // A removed task had the same id.
  expect(checkKey(check, 41)).not.toBe(key);
});
