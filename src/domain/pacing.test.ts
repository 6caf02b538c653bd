import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Due, MOST_TOGETHER, paced, type Pace } from './pacing.ts';

const NOW = 1_000_000;
const PACE: Pace = {
  quiet: true,
  rate: { most: 3, within: 60_000 },
  gather: 1_000,
  coalesce: 4,
};
/** Ids `a`, `b`, … due so many ms ago. */
const due = (...ago: number[]): Due[] =>
  ago.map((ms, nth) => ({
    id: String.fromCharCode(97 + nth),
    kind: 'completion',
    nextAt: NOW - ms,
  }));
const at = { sent: [] as number[], woke: null as number | null, now: NOW };

describe('what goes out now', () => {
  test('nothing, when nothing is due', () => {
    expect(paced([], PACE, at)).toEqual({ messages: [], again: null });
  });

  test('one waits a moment for others', () => {
    expect(paced(due(400), PACE, at)).toEqual({ messages: [], again: NOW + 600 });
    expect(paced(due(1_000, 0), PACE, at)).toEqual({ messages: [['a'], ['b']], again: null });
  });

  test('many at once become one', () => {
    expect(paced(due(1_000, 900, 800), PACE, at).messages).toHaveLength(3);
    expect(paced(due(1_000, 900, 800, 0), PACE, at)).toEqual({
      messages: [['a', 'b', 'c', 'd']],
      again: null,
    });
  });

  test('but not where that is not wanted', () => {
    const never = { ...PACE, coalesce: 0, rate: null };
    expect(paced(due(9_000, 9_000, 9_000, 9_000, 9_000), never, at).messages).toHaveLength(5);
    expect(paced(due(9_000, 9_000), never, { ...at, woke: NOW - 5 }).messages).toHaveLength(2);
  });

  test('no more than the rate allows, and what is left goes together', () => {
    const sent = [NOW - 10_000, NOW - 50_000];
    expect(paced(due(2_000), PACE, { ...at, sent })).toEqual({ messages: [['a']], again: null });
    expect(paced(due(2_000, 2_000), PACE, { ...at, sent })).toEqual({
      messages: [['a', 'b']],
      again: null,
    });
    const full = [...sent, NOW - 5_000];
    expect(paced(due(2_000), PACE, { ...at, sent: full })).toEqual({
      messages: [],
      again: NOW + 10_000,
    });
  });

  test('one by one, where they do not go together, as many as there is room for', () => {
    const apart = { ...PACE, coalesce: 0 };
    expect(paced(due(2_000, 2_000), apart, { ...at, sent: [NOW - 1, NOW - 2] })).toEqual({
      messages: [['a']],
      again: NOW,
    });
  });

  test('what slept through a quiet night goes out together', () => {
    const woke = NOW - 500;
    expect(paced(due(9_000, 8_000), PACE, { ...at, woke }).messages).toEqual([['a', 'b']]);
    expect(paced(due(9_000), PACE, { ...at, woke }).messages).toEqual([['a']]);
    // Due since: nothing was waited for.
    expect(paced(due(400, 300), { ...PACE, gather: 0 }, { ...at, woke }).messages).toHaveLength(2);
  });

  test('a digest goes by itself, whatever else is due', () => {
    const [first, ...others] = due(9_000, 9_000, 9_000, 9_000, 9_000);
    const all = [{ ...(first as Due), kind: 'digest' } as const, ...others];
    const wide = { ...PACE, rate: null };
    expect(paced(all, wide, at)).toEqual({ messages: [['b', 'c', 'd', 'e'], ['a']], again: null });
    const tight = { ...PACE, rate: { most: 1, within: 60_000 } };
    expect(paced(all, tight, at)).toEqual({ messages: [['b', 'c', 'd', 'e']], again: NOW });
  });

  test('a clock that was set back silences nobody', () => {
    const sent = [NOW + 1e9, NOW + 2e9, NOW + 3e9];
    expect(paced(due(2_000), PACE, { ...at, sent })).toEqual({
      messages: [],
      again: NOW + 60_000,
    });
  });

  test('a message has a limit, and the rest follows', () => {
    const many = Array.from({ length: MOST_TOGETHER + 1 }, (_, nth): Due => ({
      id: String(nth),
      kind: 'completion',
      nextAt: NOW - 5_000,
    }));
    const { messages, again } = paced(many, PACE, at);
    expect(messages.map((ids) => ids.length)).toEqual([MOST_TOGETHER]);
    expect(again).toBe(NOW);
  });
});

test('whatever comes when, the rate holds, nothing is lost, and nothing is told twice', () => {
  const ages = fc.array(fc.integer({ min: 0, max: 200_000 }), { maxLength: 60 });
  fc.assert(
    fc.property(
      ages,
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom(0, 2, 4),
      (ages_, most, coalesce) => {
        const rate = { most, within: 10_000 };
        const waiting = ages_
          .map((ms, nth): Due => ({ id: String(nth), kind: 'completion', nextAt: NOW + ms }))
          .toSorted((a, b) => a.nextAt - b.nextAt);
        const told: string[] = [];
        const sent: number[] = [];
        let now = NOW;
        for (let turn = 0; waiting.length > 0; turn++) {
          if (turn > 2_000) throw new Error('it never ends');
          const ready = waiting.filter(({ nextAt }) => nextAt <= now);
          const { messages, again } = paced(
            ready,
            { ...PACE, rate, coalesce },
            { sent, woke: null, now },
          );
          for (const ids of messages) {
            sent.push(now);
            told.push(...ids);
            for (const id of ids)
              waiting.splice(
                waiting.findIndex((one) => one.id === id),
                1,
              );
          }
          const next = waiting.find(({ nextAt }) => nextAt > now)?.nextAt ?? now;
          if (messages.length === 0) now = Math.min(again ?? next, next > now ? next : Infinity);
        }
        expect(told.toSorted()).toEqual(ages_.map((_, nth) => String(nth)).toSorted());
        for (const moment of sent)
          expect(
            sent.filter((one) => one > moment - 10_000 && one <= moment).length,
          ).toBeLessThanOrEqual(most);
      },
    ),
  );
});
