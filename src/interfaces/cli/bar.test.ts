import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bar, gauge, legend } from './bar.ts';
import type { Cell } from './table.ts';

const plain = (cell: Cell): string => cell.map(({ text }) => text).join('');
const drawn = (known: number, unknown = 0, reserved = 0, whole = 10, symbols = true): string =>
  plain(bar({ known, unknown, reserved }, whole, 10, 'green', { symbols }));

test.each([
  [0, ''],
  [0.01, '▏'],
  [0.5, '▌'],
  [2.5, '██▌'],
  [10, '██████████'],
  [12, '██████████'],
])('%d of 10 is %s', (known, expected) => {
  expect(drawn(known)).toBe(expected);
});

test('what is unknown and what is reserved follows', () => {
  expect(drawn(4, 2, 3)).toBe('████▒▒░░░');
  expect(drawn(0, 0.1, 0.1)).toBe('▒░');
  expect(drawn(9, 9, 9)).toBe('█████████▒');
  expect(drawn(0, 0, 0, 0)).toBe('');
});

test('without symbols it is made of letters', () => {
  expect(drawn(4, 2, 3, 10, false)).toBe('####??+++');
  expect(drawn(0.01, 0, 0, 10, false)).toBe('#');
  expect(legend({ symbols: false })).toMatch(/^# known/);
});

test('a gauge is as wide as it is asked to be, whatever it shows', () => {
  const amount = fc.double({ min: 0, max: 30, noNaN: true });
  const cases = fc.property(
    amount,
    amount,
    amount,
    fc.integer({ min: 1, max: 40 }),
    fc.boolean(),
    (known, unknown, reserved, columns, symbols) => {
      const cell = gauge({ known, unknown, reserved }, 10, columns, 'green', { symbols });
      expect(plain(cell)).toHaveLength(columns);
    },
  );
  fc.assert(cases);
  expect(
    plain(gauge({ known: 2.5, unknown: 0, reserved: 0 }, 10, 10, 'green', { symbols: true })),
  ).toBe('██▌·······');
});
