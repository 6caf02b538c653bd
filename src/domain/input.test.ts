import { expect, test } from 'vitest';
import {
  type Fed,
  fedRefusal,
  inputId,
  inputRefusal,
  inputsOf,
  MOST_WAITING_INPUT,
  NOTHING_FED,
} from './input.ts';
import type { Task } from './task.ts';

const FED: Fed = {
  accepted: [
    { number: 1, at: 10, bytes: 3, end: false },
    { number: 2, at: 20, bytes: 4, end: false },
    { number: 3, at: 30, bytes: 0, end: false },
  ],
  written: 2,
  times: new Map([[1, 1_000]]),
  closed: false,
};

const states = (fed: Fed, over: boolean): string[] => inputsOf(fed, over).map((one) => one.state);

test('what is written stays so, what is not is dropped with the end or with a closed stdin', () => {
  expect(inputsOf(FED, false)).toEqual([
    { number: 1, at: 10, bytes: 3, end: false, state: 'written', writtenAt: 1_000 },
    { number: 2, at: 20, bytes: 4, end: false, state: 'written', writtenAt: null },
    { number: 3, at: 30, bytes: 0, end: false, state: 'accepted', writtenAt: null },
  ]);
  expect(states(FED, true)).toEqual(['written', 'written', 'dropped']);
  expect(states({ ...FED, closed: true }, false)).toEqual(['written', 'written', 'dropped']);
  expect(inputsOf(NOTHING_FED, true)).toEqual([]);
  expect(inputId('t-1', 2, { number: 3 })).toBe('t-1.2.i3');
});

const task = (state: Task['state'], kind: 'command' | 'agent' = 'command', input = true): Task =>
  ({ id: 't-1', state, spec: { work: { kind }, ...(input && { input }) } }) as unknown as Task;

test.each([
  [task('running'), null, ''],
  [task('completed'), 'already_ended', 'tend retry t-1'],
  [task('failed', 'agent'), 'already_ended', 'tend resume t-1'],
  [task('running', 'agent', false), 'unsupported', 'tend answer t-1'],
  [task('running', 'command', false), 'unsupported', 'tend run --input'],
  [task('stopping'), 'unsupported', 'tend retry'],
  [task('awaiting_review'), 'unsupported', 'Look at it with: tend show t-1'],
  [task('queued'), 'unsupported', 'tend show t-1'],
])('%o takes text, or says why not', (given, code, hint) => {
  const refusal = inputRefusal(given);
  expect(refusal?.code ?? null).toBe(code);
  expect(refusal?.hint ?? '').toContain(hint);
});

test('an attempt takes no more after its end, when it has closed, and when it does not read', () => {
  expect(fedRefusal('t-1', FED, 10)).toBeNull();
  expect(fedRefusal('t-1', { ...FED, closed: true }, 1)?.message).toContain('closed its stdin');
  const ended = { ...FED, accepted: [{ number: 1, at: 1, bytes: 1, end: true }] };
  expect(fedRefusal('t-1', ended, 1)?.message).toContain('ended before');
  const full = { ...FED, accepted: [{ number: 3, at: 1, bytes: MOST_WAITING_INPUT, end: false }] };
  expect(fedRefusal('t-1', full, 1)?.code).toBe('limit_reached');
  expect(fedRefusal('t-1', { ...full, written: 3 }, 1)).toBeNull();
});
