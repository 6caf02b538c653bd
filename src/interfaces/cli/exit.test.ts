import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FAIL_REASONS, type Reason, type State, STATES } from '../../domain/lifecycle.ts';
import { verdict } from '../../domain/verdict.ts';
import { type Ended, exitCodeOf, exitCodeOfAll, hasEnded } from './exit.ts';

function task(state: State, reason: Reason | null = null, exitCode: number | null = null): Ended {
  return { kind: 'command', state, reason, exitCode, verdict: verdict(state, reason, 'none') };
}

test.each([
  ['completed', null, 0, 0],
  ['failed', 'exit_code', 1, 1],
  ['failed', 'exit_code', 7, 7],
  ['failed', 'exit_code', 123, 123],
  ['failed', 'exit_code', 124, 1],
  ['failed', 'exit_code', 255, 1],
  ['failed', 'timed_out', 143, 124],
  ['failed', 'timed_out', 3, 124],
  ['failed', 'idle', null, 124],
  ['failed', 'queue_timeout', null, 124],
  ['failed', 'signal', null, 1],
  ['failed', 'spawn_failed', null, 1],
  ['failed', 'lost_vanished', null, 1],
  ['cancelled', 'user', 3, 1],
  ['skipped', 'dependency_failed', null, 1],
] as const)('%s (%s, exit %s) ends with %d', (state, reason, code, exit) => {
  expect(exitCodeOf(task(state, reason, code))).toBe(exit);
});

test('one task has its own code, several have 0 or 1', () => {
  const [good, bad] = [task('completed', null, 0), task('failed', 'exit_code', 7)];
  expect(exitCodeOfAll([bad])).toBe(7);
  expect(exitCodeOfAll([good, good])).toBe(0);
  expect(exitCodeOfAll([good, bad])).toBe(1);
  expect(exitCodeOfAll([])).toBe(0);
});

test('whatever a task came to, the exit code is a documented one', () => {
  const ended = fc.constantFrom(...STATES.filter((state) => hasEnded({ state })));
  const reason = fc.constantFrom(...FAIL_REASONS, null);
  const code = fc.option(fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(ended, reason, code, (state, why, exitCode) => {
      const exit = exitCodeOf(task(state, why, exitCode));
      expect(exit === 124 || (exit >= 0 && exit <= 123)).toBe(true);
      expect(exit === 0).toBe(state === 'completed');
    }),
  );
});
