import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, momentOf, namedZone, UTC, type Zone } from './civil.ts';
import {
  nextAt,
  type QuietHours,
  quietEnded,
  quietHours,
  quietUntil,
  resumePolicy,
  timeOfDay,
} from './quiet.ts';

const zone = (name: string): Zone => {
  const found = namedZone(name);
  if (found === null) throw new RangeError(name);
  return found;
};
const at = (place: Zone, month: number, day: number, hour: number, minute = 0): number =>
  momentOf({ year: 2026, month, day, hour, minute, second: 0 }, place);

describe('as they are written', () => {
  test.each<[string, QuietHours | null]>([
    ['22:00-07:00', { from: 1_320, to: 420 }],
    [' 9:05 - 17:30 ', { from: 545, to: 1_050 }],
    ['00:00-23:59', { from: 0, to: 1_439 }],
    ['22:00-22:00', null],
    ['22-7', null],
    ['24:00-07:00', null],
    ['22:60-07:00', null],
    ['', null],
    ['always', null],
  ])('%j', (written, expected) => {
    expect(quietHours(written)).toEqual(expected);
  });
});

describe('over midnight', () => {
  const night: QuietHours = { from: 22 * 60, to: 7 * 60 };
  test.each([
    [at(UTC, 6, 1, 21, 59), null],
    [at(UTC, 6, 1, 22), at(UTC, 6, 2, 7)],
    [at(UTC, 6, 2, 0), at(UTC, 6, 2, 7)],
    [at(UTC, 6, 2, 6, 59), at(UTC, 6, 2, 7)],
    [at(UTC, 6, 2, 7), null],
    [at(UTC, 6, 2, 12), null],
  ])('at %d until %s', (now, until) => {
    expect(quietUntil(night, UTC, now)).toBe(until);
  });

  test('by the clock of the place', () => {
    const berlin = zone('Europe/Berlin');
    expect(quietUntil(night, berlin, at(UTC, 6, 1, 20))).toBe(at(UTC, 6, 2, 5));
    expect(quietUntil(night, berlin, at(UTC, 6, 1, 19, 59))).toBeNull();
  });

  test('longer or shorter by the hour by which the clocks are changed', () => {
    const berlin = zone('Europe/Berlin');
    const spring = quietUntil(night, berlin, at(berlin, 3, 28, 22));
    expect(spring).toBe(at(berlin, 3, 28, 22) + 8 * HOUR);
    const autumn = quietUntil(night, berlin, at(berlin, 10, 24, 22));
    expect(autumn).toBe(at(berlin, 10, 24, 22) + 10 * HOUR);
  });

  test('an end in the hour that the clocks show twice is the second one', () => {
    const berlin = zone('Europe/Berlin');
    const until = quietUntil({ from: 22 * 60, to: 150 }, berlin, at(berlin, 10, 25, 1));
    expect(until).toBe(at(UTC, 10, 25, 1, 30));
  });

  test('an end in the hour that the clocks skip comes when it would have', () => {
    const berlin = zone('Europe/Berlin');
    const until = quietUntil({ from: 22 * 60, to: 150 }, berlin, at(berlin, 3, 29, 1));
    expect(until).toBe(at(UTC, 3, 29, 1, 30));
  });
});

describe('within a day', () => {
  const office: QuietHours = { from: 9 * 60, to: 17 * 60 + 30 };
  test.each([
    [at(UTC, 6, 1, 8, 59), null],
    [at(UTC, 6, 1, 9), at(UTC, 6, 1, 17, 30)],
    [at(UTC, 6, 1, 17, 29), at(UTC, 6, 1, 17, 30)],
    [at(UTC, 6, 1, 17, 30), null],
    [at(UTC, 6, 1, 23), null],
  ])('at %d until %s', (now, until) => {
    expect(quietUntil(office, UTC, now)).toBe(until);
  });
});

test('the policy that holds now', () => {
  const now = at(UTC, 6, 1, 23);
  const quiet = quietHours('22:00-07:00');
  expect(resumePolicy({ automatic: true, quiet: null }, UTC, now)).toEqual({
    automatic: true,
    quietUntil: null,
  });
  expect(resumePolicy({ automatic: false, quiet }, UTC, now)).toEqual({
    automatic: false,
    quietUntil: at(UTC, 6, 2, 7),
  });
});

const minute = fc.nat(24 * 60 - 1);
const hours = fc.record({ from: minute, to: minute }).filter(({ from, to }) => from !== to);
const moment = fc.integer({ min: at(UTC, 1, 1, 0), max: at(UTC, 12, 31, 0) });

test('where clocks are never changed: quiet is what the clock shows between the two', () => {
  fc.assert(
    fc.property(hours, moment, ({ from, to }, now) => {
      const shown = UTC(now).hour * 60 + UTC(now).minute;
      const isQuiet = from < to ? shown >= from && shown < to : shown >= from || shown < to;
      const until = quietUntil({ from, to }, UTC, now);
      expect(until !== null).toBe(isQuiet);
      if (until === null) return;
      const left = (to - shown + 24 * 60) % (24 * 60);
      expect(until).toBe(Math.floor(now / MINUTE) * MINUTE + left * MINUTE);
    }),
  );
});

test('anywhere: they end within a day and an hour, at the same moment whenever one asks, and not for ever', () => {
  const places = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata'];
  fc.assert(
    fc.property(
      fc.constantFrom(...places),
      hours,
      moment,
      fc.nat(HOUR),
      (name, span, now, later) => {
        const place = zone(name);
        const until = quietUntil(span, place, now);
        if (until === null) return;
        expect(until).toBeGreaterThan(now);
        expect(until).toBeLessThanOrEqual(now + DAY + HOUR);
        if (now + later < until) {
          const asked = quietUntil(span, place, now + later);
          expect(asked === null ? null : asked >= until).toBe(true);
        }
        const next = quietUntil(span, place, until);
        expect(next === null || next > until).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

describe('when the last quiet hours ended', () => {
  const night: QuietHours = { from: 22 * 60, to: 7 * 60 };
  const noon: QuietHours = { from: 12 * 60, to: 13 * 60 };
  test.each([
    [night, at(UTC, 6, 2, 12), at(UTC, 6, 2, 7)],
    [night, at(UTC, 6, 2, 7), at(UTC, 6, 2, 7)],
    [night, at(UTC, 6, 2, 6), at(UTC, 6, 1, 7)],
    [night, at(UTC, 6, 2, 23), at(UTC, 6, 2, 7)],
    [noon, at(UTC, 6, 2, 11), at(UTC, 6, 1, 13)],
    [noon, at(UTC, 6, 2, 14), at(UTC, 6, 2, 13)],
  ])('%#', (hours, now, ended) => {
    expect(quietEnded(hours, UTC, now)).toBe(ended);
  });

  test('it is always before now, and quiet hours begin after it', () => {
    const berlin = zone('Europe/Berlin');
    const minutes = fc.integer({ min: 0, max: 1_439 });
    fc.assert(
      fc.property(minutes, minutes, fc.integer({ min: 0, max: 400 * 24 * 60 }), (from, to, ago) => {
        fc.pre(from !== to);
        const now = at(berlin, 1, 1, 0) + ago * MINUTE;
        const ended = quietEnded({ from, to }, berlin, now);
        expect(ended).toBeLessThanOrEqual(now);
        expect(ended).toBeGreaterThan(now - 3 * DAY);
      }),
    );
  });
});

describe('a time of day', () => {
  test.each([
    ['09:00', 540],
    [' 9:05 ', 545],
    ['23:59', 1_439],
    ['24:00', null],
    ['9', null],
    ['', null],
  ])('%j', (written, minutes) => {
    expect(timeOfDay(written)).toBe(minutes);
  });

  test('comes next today or tomorrow, also when clocks are put forward or back', () => {
    const berlin = zone('Europe/Berlin');
    expect(nextAt(540, berlin, at(berlin, 6, 1, 8))).toBe(at(berlin, 6, 1, 9));
    expect(nextAt(540, berlin, at(berlin, 6, 1, 9))).toBe(at(berlin, 6, 2, 9));
    // On 29 March 2026 the day has 23 hours, on 25 October 25.
    expect(nextAt(540, berlin, at(berlin, 3, 28, 9)) - at(berlin, 3, 28, 9)).toBe(23 * HOUR);
    expect(nextAt(540, berlin, at(berlin, 10, 24, 9)) - at(berlin, 10, 24, 9)).toBe(25 * HOUR);
    // 02:30 does not exist on that night: told as if the clocks had not moved, and once.
    const skipped = nextAt(150, berlin, at(berlin, 3, 29, 0));
    expect(skipped).toBe(at(berlin, 3, 29, 2, 30));
    expect(nextAt(150, berlin, skipped)).toBe(at(berlin, 3, 30, 2, 30));
  });
});
