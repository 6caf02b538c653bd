import { describe, expect, test } from 'vitest';
import {
  DEPENDENCY_CONDITIONS,
  type Dependency,
  readiness,
  unmetBy,
  withSources,
} from './dependencies.ts';
import { STATES, type State, TERMINAL } from './lifecycle.ts';

const MET = { kind: 'ready' };
const OPEN = { kind: 'pending' };
const FAILED = { kind: 'never', reason: 'dependency_failed' };
const UNMET = { kind: 'never', reason: 'condition_not_met' };

/** One dependency in each state (null: the task was removed), under `success`, `failure` and `always`. */
// prettier-ignore
const TABLE: Record<State | 'removed', readonly [success: object, failure: object, always: object]> = {
  waiting:           [OPEN,   OPEN,  OPEN],
  queued:            [OPEN,   OPEN,  OPEN],
  claimed:           [OPEN,   OPEN,  OPEN],
  running:           [OPEN,   OPEN,  OPEN],
  stopping:          [OPEN,   OPEN,  OPEN],
  finishing:         [OPEN,   OPEN,  OPEN],
  awaiting_input:    [OPEN,   OPEN,  OPEN],
  awaiting_children: [OPEN,   OPEN,  OPEN],
  awaiting_review:   [OPEN,   OPEN,  OPEN],
  completed:         [MET,    UNMET, MET],
  failed:            [FAILED, MET,   MET],
  cancelled:         [FAILED, UNMET, MET],
  skipped:           [FAILED, UNMET, MET],
  removed:           [FAILED, UNMET, MET],
};

describe.each(DEPENDENCY_CONDITIONS)('when %s', (when) => {
  const column = DEPENDENCY_CONDITIONS.indexOf(when);

  test.each([...STATES, 'removed'] as const)('and the other task is %s', (state) => {
    const states = new Map(state === 'removed' ? [] : [['t-a', state] as const]);
    expect(readiness([{ task: 't-a', when }], states)).toEqual(TABLE[state][column]);
  });
});

describe('several dependencies', () => {
  const on = (...tasks: string[]): Dependency[] => tasks.map((task) => ({ task, when: 'success' }));
  const states = new Map<string, State>([
    ['done', 'completed'],
    ['open', 'running'],
    ['bad', 'failed'],
  ]);

  test.each([
    ['none at all', [], MET],
    ['all met', ['done', 'done'], MET],
    ['one open', ['done', 'open'], OPEN],
    ['one that cannot be met decides, before an open one', ['bad', 'open'], FAILED],
    ['one that cannot be met decides, after an open one', ['open', 'bad'], FAILED],
  ] as const)('%s', (_, tasks, expected) => {
    expect(readiness(on(...tasks), states)).toEqual(expected);
  });
});

test.each(TERMINAL)('what the end as %s does not meet is what can never be', (state) => {
  const never = DEPENDENCY_CONDITIONS.filter(
    (when) => readiness([{ task: 't-a', when }], new Map([['t-a', state]])).kind === 'never',
  );
  expect(unmetBy(state)).toEqual(never);
});

test('what is told is waited for: for its success, unless something else was said', () => {
  const after = [{ task: 't-a', when: 'always' as const }];
  expect(withSources(after, ['t-a', 't-b'])).toEqual([...after, { task: 't-b', when: 'success' }]);
  expect(withSources([], [])).toEqual([]);
});
