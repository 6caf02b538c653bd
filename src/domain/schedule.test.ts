import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MINUTE } from './civil.ts';
import {
  type Calendar,
  CATCH_UPS,
  DONE_KEPT,
  failed,
  fired,
  firingAfter,
  isDone,
  isForgettable,
  keyOf,
  left,
  meets,
  MOST_MISSED,
  OVERLAPS,
  paused,
  plan,
  PUNCTUAL,
  type Schedule,
  unpaused,
  upcoming,
  type When,
} from './schedule.ts';

/** "N" fires every N minutes; the time zone is of no matter here. */
const calendar: Calendar = (cron, _, after) => {
  const step = Number(cron) * MINUTE;
  return step === 0 ? null : (Math.floor(after / step) + 1) * step;
};

const NOON = 1_000 * 60 * MINUTE;
const minutely: When = { kind: 'cron', cron: '1', timeZone: 'UTC' };
const schedule = (changes: Partial<Schedule> = {}): Schedule => ({
  id: 's-1',
  name: null,
  when: minutely,
  catchUp: 'once',
  overlap: 'skip',
  request: null,
  environment: 'e',
  createdAt: NOON,
  paused: false,
  nextAt: NOON + MINUTE,
  lastAt: null,
  lastTask: null,
  lastError: null,
  lastSkip: null,
  ...changes,
});

describe('firings', () => {
  test.each<[string, When, number, number | null]>([
    ['cron', minutely, NOON, NOON + MINUTE],
    ['cron that ends', { kind: 'cron', cron: '0', timeZone: 'UTC' }, NOON, null],
    ['every, from its creation on', { kind: 'every', every: 40_000 }, NOON, NOON + 40_000],
    ['every, at a firing', { kind: 'every', every: 40_000 }, NOON + 40_000, NOON + 80_000],
    ['every, just before', { kind: 'every', every: 40_000 }, NOON + 79_999, NOON + 80_000],
    ['every, with the clock set back', { kind: 'every', every: 40_000 }, 0, NOON + 40_000],
    ['at, to come', { kind: 'at', at: NOON + 5 }, NOON, NOON + 5],
    ['at, over', { kind: 'at', at: NOON + 5 }, NOON + 5, null],
  ])('%s', (_, when, after, expected) => {
    expect(firingAfter({ when, createdAt: NOON }, after, calendar)).toBe(expected);
  });

  test('the next ones, as many as there are', () => {
    expect(upcoming(schedule(), 3, calendar)).toEqual([1, 2, 3].map((n) => NOON + n * MINUTE));
    const once = schedule({ when: { kind: 'at', at: NOON + 5 }, nextAt: NOON + 5 });
    expect(upcoming(once, 3, calendar)).toEqual([NOON + 5]);
    expect(upcoming(schedule({ nextAt: null }), 3, calendar)).toEqual([]);
  });
});

describe('a plan', () => {
  const minutes = (...numbers: number[]): number[] => numbers.map((n) => NOON + n * MINUTE);
  const range = (from: number, to: number): number[] =>
    minutes(...Array.from({ length: to - from + 1 }, (_, index) => from + index));

  test.each([
    ['skip', 'nothing is due', 0.9, [], null],
    ['skip', 'one is due', 1, minutes(1), null],
    ['skip', 'one is a little late', 1.9, minutes(1), null],
    ['skip', 'the latest of several', 5.5, minutes(5), null],
    ['once', 'nothing is due', 0.9, [], null],
    ['once', 'one is due', 1, minutes(1), null],
    ['once', 'one for all', 5.5, minutes(5), null],
    ['once', 'one for a year', 600_000, minutes(600_000), null],
    ['all', 'nothing is due', 0.9, [], null],
    ['all', 'each of them', 5.5, range(1, 5), null],
    ['all', 'as many as there may be', MOST_MISSED, range(1, MOST_MISSED), null],
    ['all', 'not more', MOST_MISSED + 1, range(2, MOST_MISSED + 1), minutes(1)[0]],
    ['all', 'the newest', 600_000, range(600_001 - MOST_MISSED, 600_000), NOON + 599_900 * MINUTE],
  ] as const)('%s: %s', (catchUp, _, now, fire, missed) => {
    expect(plan(schedule({ catchUp }), NOON + now * MINUTE, calendar)).toEqual({ fire, missed });
  });

  test('skip gives up what comes too late', () => {
    const when: When = { kind: 'cron', cron: '60', timeZone: 'UTC' };
    const given = schedule({ catchUp: 'skip', when, nextAt: NOON + 60 * MINUTE });
    const at = NOON + 60 * MINUTE;
    expect(plan(given, at + PUNCTUAL, calendar)).toEqual({ fire: [at], missed: null });
    expect(plan(given, at + PUNCTUAL + 1, calendar)).toEqual({ fire: [], missed: at });
    expect(plan(given, at + 61 * MINUTE, calendar)).toEqual({
      fire: [at + 60 * MINUTE],
      missed: null,
    });
  });

  test('one that fires once is made up for, but for skip', () => {
    const when: When = { kind: 'at', at: NOON };
    const late = (catchUp: Schedule['catchUp']) =>
      plan(schedule({ catchUp, when, nextAt: NOON }), NOON + 9_000 * MINUTE, calendar);
    expect(late('once').fire).toEqual([NOON]);
    expect(late('all').fire).toEqual([NOON]);
    expect(late('skip')).toEqual({ fire: [], missed: NOON });
  });

  test('a paused one plans nothing', () => {
    expect(plan(paused(schedule()), NOON * 2, calendar)).toEqual({ fire: [], missed: null });
  });
});

describe('over time', () => {
  const when = fc.oneof(
    fc
      .integer({ min: 1, max: 90 })
      .map((n): When => ({ kind: 'cron', cron: `${n}`, timeZone: '' })),
    fc.integer({ min: 10, max: 900 }).map((n): When => ({ kind: 'every', every: n * 1_000 })),
    fc.integer({ min: 1, max: 9_000 }).map((n): When => ({ kind: 'at', at: NOON + n * 1_000 })),
  );
  /** Waking up after so many seconds, many times. */
  const naps = fc.array(
    fc.oneof(fc.integer({ min: 1, max: 90 }), fc.integer({ max: 1_500, min: 1 })),
    {
      maxLength: 40,
    },
  );

  /** Every firing that becomes a task. */
  function lives(given: Schedule, seconds: readonly number[]): { at: number[]; now: number } {
    let one = given;
    let now = NOON;
    const at: number[] = [];
    for (const nap of seconds) {
      now += nap * 1_000;
      const { fire, missed } = plan(one, now, calendar);
      if (missed !== null) one = left(one, missed, 'missed', calendar);
      for (const moment of fire) {
        at.push(moment);
        one = fired(one, moment, 't', calendar);
      }
      expect(one.nextAt ?? Infinity).toBeGreaterThan(now);
    }
    return { at, now };
  }

  const begun = (catchUp: Schedule['catchUp'], given: When): Schedule =>
    schedule({
      catchUp,
      when: given,
      nextAt: firingAfter({ when: given, createdAt: NOON }, NOON, calendar),
    });

  test('no firing comes twice, none out of order, none early', () => {
    fc.assert(
      fc.property(fc.constantFrom(...CATCH_UPS), when, naps, (catchUp, given, seconds) => {
        const { at, now } = lives(begun(catchUp, given), seconds);
        expect(at).toEqual([...new Set(at)].toSorted((a, b) => a - b));
        expect(at.every((moment) => moment > NOON && moment <= now)).toBe(true);
      }),
    );
  });

  test('under all none is lost, but for more than the most at a time', () => {
    fc.assert(
      fc.property(when, naps, (given, seconds) => {
        const start = begun('all', given);
        const { at, now } = lives(start, seconds);
        const expected: number[] = [];
        for (let next = start.nextAt; next !== null && next <= now;) {
          expected.push(next);
          next = firingAfter(start, next, calendar);
        }
        const most = Math.max(0, ...seconds) * 1_000;
        const shortest = given.kind === 'every' ? given.every : MINUTE;
        if (most / shortest < MOST_MISSED) expect(at).toEqual(expected);
        else expect(at.every((moment) => expected.includes(moment))).toBe(true);
      }),
    );
  });

  test('under once each wake-up makes one task at most, for the latest firing', () => {
    fc.assert(
      fc.property(when, naps, (given, seconds) => {
        expect(lives(begun('once', given), seconds).at.length).toBeLessThanOrEqual(seconds.length);
      }),
    );
  });
});

test.each([
  ['skip', null, 'start'],
  ['skip', false, 'start'],
  ['skip', true, 'skip'],
  ['queue', null, 'start'],
  ['queue', false, 'after'],
  ['queue', true, 'after'],
  ['allow', null, 'start'],
  ['allow', false, 'start'],
  ['allow', true, 'start'],
] as const)('%s, with a previous task that is open: %s → %s', (overlap, isOpen, expected) => {
  expect(OVERLAPS).toContain(overlap);
  expect(meets(overlap, isOpen === null ? null : { isOpen })).toBe(expected);
});

describe('what a firing came to', () => {
  const at = NOON + MINUTE;
  const trouble = { at: NOON, message: 'no agent' };

  test('a task clears the error', () => {
    expect(fired(schedule({ lastError: trouble }), at, 't-1', calendar)).toEqual(
      schedule({ lastAt: at, lastTask: 't-1', nextAt: at + MINUTE }),
    );
  });

  test('one left out keeps the rest', () => {
    expect(left(schedule({ lastTask: 't-0' }), at, 'overlap', calendar)).toEqual(
      schedule({ lastTask: 't-0', lastSkip: { at, why: 'overlap' }, nextAt: at + MINUTE }),
    );
  });

  test('one that failed is told, and the next one comes', () => {
    expect(failed(schedule(), at, 'no agent', calendar)).toEqual(
      schedule({ lastError: { at, message: 'no agent' }, nextAt: at + MINUTE }),
    );
  });

  test('a pause leaves out what falls into it', () => {
    const rests = paused(schedule());
    expect([rests.nextAt, isDone(rests)]).toEqual([null, false]);
    const again = unpaused(rests, NOON + 10.5 * MINUTE, calendar);
    expect(again).toEqual(schedule({ nextAt: NOON + 11 * MINUTE }));
    expect(unpaused(schedule(), NOON * 2, calendar)).toEqual(schedule());
  });

  test('done is what has no firing to come; a week later it is forgotten', () => {
    const when: When = { kind: 'at', at };
    const done = fired(schedule({ when, nextAt: at }), at, 't-1', calendar);
    expect([isDone(done), isDone(schedule())]).toEqual([true, false]);
    expect(isForgettable(done, at + DONE_KEPT)).toBe(false);
    expect(isForgettable(done, at + DONE_KEPT + 1)).toBe(true);
    const troubled = failed(schedule({ when, nextAt: at }), at, 'no', calendar);
    const missed = left(schedule({ when, nextAt: at }), at, 'missed', calendar);
    for (const one of [troubled, missed]) {
      expect(isForgettable(one, at + DONE_KEPT)).toBe(false);
      expect(isForgettable(one, at + DONE_KEPT + 1)).toBe(true);
    }
    expect(isForgettable(schedule(), NOON * 9)).toBe(false);
  });
});

test('a firing has one key', () => {
  expect(keyOf(schedule(), 5)).toBe('schedule:s-1:5');
});
