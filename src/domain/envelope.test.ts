import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { envelope, ENVELOPE_CAPS, ENVELOPES, type EnvelopeWish, TIERS } from './envelope.ts';

test.each([
  ['lite', { turns: 15, costUsd: 0.5, minutes: 10 }],
  ['standard', { turns: 40, costUsd: 2, minutes: 30 }],
  ['high', { turns: 80, costUsd: 8, minutes: 60 }],
] as const)('the tier %s alone', (tier, expected) => {
  expect(envelope(tier)).toEqual(expected);
  expect(envelope(tier, {}, {})).toEqual(expected);
});

describe('wishes', () => {
  test('each number is the first one that was asked for, then the tier’s', () => {
    const task = { turns: 7 };
    const config = { turns: 9, minutes: 3 };
    expect(envelope('lite', task, config)).toEqual({ turns: 7, costUsd: 0.5, minutes: 3 });
    expect(envelope('lite', config, task)).toEqual({ turns: 9, costUsd: 0.5, minutes: 3 });
  });

  test('zero is a wish', () => {
    expect(envelope('high', { costUsd: 0 }, { costUsd: 5 }).costUsd).toBe(0);
  });

  test('nothing goes beyond the caps', () => {
    expect(ENVELOPE_CAPS).toEqual({ turns: 120, costUsd: 15, minutes: 120 });
    expect(envelope('lite', { turns: 121, costUsd: 1e9, minutes: Infinity })).toEqual(
      ENVELOPE_CAPS,
    );
    for (const tier of TIERS) expect(envelope(tier, ENVELOPES[tier])).toEqual(ENVELOPES[tier]);
  });
});

test('whatever is asked for, it is bounded, and as asked for where it can be', () => {
  const amount = fc.double({ min: 0, noNaN: true });
  const wish: fc.Arbitrary<EnvelopeWish> = fc.record(
    { turns: amount, costUsd: amount, minutes: amount },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.constantFrom(...TIERS), wish, wish, (tier, first, second) => {
      const given = envelope(tier, first, second);
      for (const name of ['turns', 'costUsd', 'minutes'] as const)
        expect(given[name]).toBe(
          Math.min(first[name] ?? second[name] ?? ENVELOPES[tier][name], ENVELOPE_CAPS[name]),
        );
    }),
  );
});
