import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dollars, micros, sumUsd } from './money.ts';

test('tenths of a dollar add up', () => {
  expect(0.1 + 0.2).not.toBe(0.3);
  expect(sumUsd(0.1, 0.2)).toBe(0.3);
  expect(sumUsd()).toBe(0);
});

test('an amount survives in millionths, and sums do not depend on the order', () => {
  const amounts = fc.array(fc.nat({ max: 1e9 }).map(dollars));
  fc.assert(
    fc.property(amounts, (given) => {
      for (const usd of given) expect(dollars(micros(usd))).toBe(usd);
      expect(sumUsd(...given)).toBe(sumUsd(...given.toReversed()));
    }),
  );
});

test('a sum of nonsense is no nonsense', () => {
  expect(micros(1e300)).toBe(1e15);
  expect(micros(Infinity)).toBe(1e15);
});
