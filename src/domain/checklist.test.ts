import fc from 'fast-check';
import { expect, test } from 'vitest';
import { answersIn, checklistAsk } from './checklist.ts';

const ITEMS = ['Has a test', 'Is documented', 'Handles\n  errors'];

test('the points are asked for in a form', () => {
  expect(checklistAsk([])).toBe('');
  const asked = checklistAsk(ITEMS);
  expect(asked).toContain('CHECK <number>: met — <evidence>');
  expect(asked).toContain('\n3. Handles errors');
});

const told = (answer: string) =>
  answersIn(answer, ITEMS).map(({ met, evidence }) => [met, evidence]);
const NONE = [null, ''];

test.each<[string, unknown[]]>([
  ['', [NONE, NONE, NONE]],
  [
    'I did it.\n\nCHECK 1: met — a.test.ts:12\nCHECK 2: unmet — no docs yet\nCHECK 3: met - run it',
    [
      [true, 'a.test.ts:12'],
      [false, 'no docs yet'],
      [true, 'run it'],
    ],
  ],
  [
    '- **CHECK 1: met** — `npm test` passes\n> check #2: UNMET\n* Check 3. not met: later',
    [
      [true, '`npm test` passes'.replace(/^`/, '')],
      [false, ''],
      [false, 'later'],
    ],
  ],
  ['CHECK 1: met\nsee a.ts\nCHECK 2: met\nCHECK 3: met', [[true, 'see a.ts'], NONE, NONE]],
  ['CHECK 1: met — none\nCHECK 2: met — <evidence>\nCHECK 3: met — n/a.', [NONE, NONE, NONE]],
  ['CHECK 1: met — a\r\nCHECK 1: unmet — b', [[false, 'b'], NONE, NONE]],
  ['CHECK 1: maybe\nCHECK 9: met — x\nCHECK: met — y', [NONE, NONE, NONE]],
  ['CHECK 1: metal — x\nRECHECK 2: met — y', [NONE, NONE, NONE]],
  ['CHECK 1: met — …', [NONE, NONE, NONE]],
])('%j', (answer, wanted) => {
  expect(told(answer)).toEqual(wanted);
});

test('answers keep the points, and nothing throws', () => {
  fc.assert(
    fc.property(fc.string(), (answer) => {
      expect(answersIn(answer, ITEMS).map(({ item }) => item)).toEqual(ITEMS);
    }),
  );
  const long = answersIn(`CHECK 1: met — ${'x'.repeat(9_000)}`, ITEMS)[0];
  expect(long?.evidence).toHaveLength(1_000);
});
