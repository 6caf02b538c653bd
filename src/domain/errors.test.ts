import { expect, test } from 'vitest';
import { ERRORS, type ErrorCode, isTendError, TendError } from './errors.ts';

const CODES = Object.keys(ERRORS) as ErrorCode[];

/** The exit codes of the command line; a task's own code is never among them. */
const EXIT_CODES = {
  1: 'the task did not succeed',
  2: 'usage',
  3: 'not found',
  4: 'the daemon cannot be reached or started',
  75: 'held by a limit',
  124: 'timed out',
  125: 'tend itself failed',
  130: 'interrupted',
};

test.each(CODES)('%s has a documented exit code and an error status', (code) => {
  expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
  expect(Object.keys(EXIT_CODES).map(Number)).toContain(ERRORS[code].exit);
  expect(ERRORS[code].http).toBeGreaterThanOrEqual(400);
  expect(ERRORS[code].http).toBeLessThan(600);
});

test('every exit code is used', () => {
  const used = new Set(CODES.map((code) => ERRORS[code].exit));
  expect([...used].toSorted((a, b) => a - b)).toEqual(Object.keys(EXIT_CODES).map(Number));
});

test('usage is never worth a retry, a limit always is', () => {
  for (const code of CODES) {
    const { exit, http, retryable } = ERRORS[code];
    if (exit === 2 || exit === 3 || (http >= 400 && http < 408))
      expect(retryable, code).toBe(false);
    if (exit === 75 || exit === 124) expect(retryable, code).toBe(true);
  }
});

test('statuses that mean one thing only', () => {
  expect(ERRORS.not_found).toMatchObject({ http: 404, exit: 3 });
  expect(ERRORS.limit_reached).toMatchObject({ http: 429, exit: 75 });
  expect(ERRORS.unauthorized.http).toBe(401);
});

test('an error carries its code, its hint and its cause', () => {
  const cause = new Error('ENOENT');
  const error = new TendError('not_found', 'no task t-x', 'tend ls shows all', cause);
  expect(error).toMatchObject({
    name: 'TendError',
    code: 'not_found',
    message: 'no task t-x',
    hint: 'tend ls shows all',
    cause,
  });
  expect(isTendError(error)).toBe(true);
  expect(isTendError(cause)).toBe(false);
  expect('cause' in new TendError('internal', 'm', 'h')).toBe(false);
});
