import { expect, test } from 'vitest';
import {
  AGENT_FAILURES,
  LIMIT_CLASSES,
  isLimit,
  LIMIT_FAILURES,
  limitFor,
} from './agent-outcome.ts';

test('limits are failures, and only these three', () => {
  expect(AGENT_FAILURES.filter(isLimit)).toEqual(['rate_limited', 'quota_exhausted', 'overloaded']);
  expect(LIMIT_FAILURES.every(isLimit)).toBe(true);
  for (const other of ['', 'ok', 'RATE_LIMITED', 'toString', 'exited'])
    expect(isLimit(other)).toBe(false);
});

test.each([
  ['rate_limited', 'transient'],
  ['overloaded', 'transient'],
  ['quota_exhausted', 'windowed'],
] as const)('%s alone is %s, and no reset is invented', (failure, expected) => {
  expect(LIMIT_CLASSES).toContain(expected);
  expect(limitFor(failure, 'as told')).toEqual({
    class: expected,
    until: null,
    message: 'as told',
  });
});
