/** What happens to schedules when the clocks are changed, and that no minute is forgotten. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Civil, DAY, HOUR, MINUTE, namedZone, UTC, utcOf, type Zone } from './civil.ts';
import { momentAfter, type WallTimes } from './wall-times.ts';

const zone = (name: string): Zone => namedZone(name) ?? UTC;

/** Every `step` ms of the clock face, at `of`; from `first` to `last` of a day. */
const daily =
  (step: number, of: number, first = 0, last = DAY): WallTimes =>
  (after) => {
    let next = Math.floor((after - of) / step) * step + of;
    do next += step;
    while (next % DAY < first || next % DAY >= last);
    return next;
  };

const at = (hour: number, minute = 0): WallTimes => daily(DAY, hour * HOUR + minute * MINUTE);

const two = (given: number): string => String(given).padStart(2, '0');
const shown = (moment: number): string => {
  const { day, hour, minute }: Civil = UTC(moment);
  return `${two(day)} ${two(hour)}:${two(minute)}Z`;
};

function firings(walls: WallTimes, name: string, both: boolean, day: Civil, count: number) {
  const found: string[] = [];
  let after: number | null = utcOf(day);
  while (found.length < count && after !== null) {
    after = momentAfter(walls, zone(name), both, after);
    if (after !== null) found.push(shown(after));
  }
  return found;
}

const noon = (year: number, month: number, day: number): Civil => ({
  year,
  month,
  day,
  hour: 12,
  minute: 0,
  second: 0,
});
const BERLIN = 'Europe/Berlin';
const NEW_YORK = 'America/New_York';

describe('clocks that go forward', () => {
  test.each([
    ['a time before', BERLIN, at(1, 59), noon(2026, 3, 28), ['29 00:59Z', '29 23:59Z']],
    ['the first one skipped', BERLIN, at(2), noon(2026, 3, 28), ['29 01:00Z', '30 00:00Z']],
    ['one in the middle', BERLIN, at(2, 30), noon(2026, 3, 28), ['29 01:30Z', '30 00:30Z']],
    ['the first one after', BERLIN, at(3), noon(2026, 3, 28), ['29 01:00Z', '30 01:00Z']],
    ['in New York', NEW_YORK, at(2, 30), noon(2026, 3, 7), ['08 07:30Z', '09 06:30Z']],
    ['by half an hour', 'Australia/Lord_Howe', at(2, 15), noon(2026, 10, 2), ['02 15:45Z']],
  ])('%s', (_, name, walls, day, expected) => {
    expect(firings(walls, name, false, day, expected.length)).toEqual(expected);
  });

  test('skipped and later times that meet are one firing, in order', () => {
    const halves = daily(30 * MINUTE, 0, 2 * HOUR, 4 * HOUR);
    expect(firings(halves, BERLIN, false, noon(2026, 3, 28), 3)).toEqual([
      '29 01:00Z',
      '29 01:30Z',
      '30 00:00Z',
    ]);
  });
});

describe('clocks that go back', () => {
  test.each([
    ['a time before', BERLIN, at(1, 59), noon(2026, 10, 24), ['24 23:59Z', '26 00:59Z']],
    ['the first one shown twice', BERLIN, at(2), noon(2026, 10, 24), ['25 00:00Z', '26 01:00Z']],
    ['one in the middle', BERLIN, at(2, 30), noon(2026, 10, 24), ['25 00:30Z', '26 01:30Z']],
    ['the first one after', BERLIN, at(3), noon(2026, 10, 24), ['25 02:00Z', '26 02:00Z']],
    ['in New York', NEW_YORK, at(1, 30), noon(2026, 10, 31), ['01 05:30Z', '02 06:30Z']],
  ])('%s counts once', (_, name, walls, day, expected) => {
    expect(firings(walls, name, false, day, expected.length)).toEqual(expected);
  });

  test('what fires in every hour fires in both', () => {
    const hourly = firings(daily(HOUR, 0), BERLIN, true, noon(2026, 10, 24), 16).slice(-6);
    expect(hourly).toEqual([
      '24 23:00Z',
      '25 00:00Z',
      '25 01:00Z',
      '25 02:00Z',
      '25 03:00Z',
      '25 04:00Z',
    ]);
  });

  test('what names its hour does not fire from its second show on', () => {
    const after = utcOf({ ...noon(2026, 10, 25), hour: 1 });
    expect(shown(momentAfter(at(2, 45), zone(BERLIN), false, after) ?? 0)).toBe('26 01:45Z');
  });
});

const moments = fc.integer({
  min: utcOf(noon(2000, 1, 1)) / MINUTE,
  max: utcOf(noon(2036, 1, 1)) / MINUTE,
});
const zones = fc.constantFrom(BERLIN, NEW_YORK, 'Australia/Lord_Howe', 'Pacific/Apia', 'UTC');
/** The moments around which the clocks of the zones above are changed. */
const changes = fc
  .tuple(
    fc.constantFrom(
      utcOf({ ...noon(2026, 3, 29), hour: 1 }),
      utcOf({ ...noon(2026, 10, 25), hour: 1 }),
      utcOf({ ...noon(2026, 3, 8), hour: 7 }),
      utcOf({ ...noon(2026, 11, 1), hour: 6 }),
      utcOf({ ...noon(2026, 4, 4), hour: 15 }),
      utcOf({ ...noon(2026, 10, 3), hour: 15, minute: 30 }),
    ),
    fc.integer({ min: -200, max: 200 }),
  )
  .map(([moment, minutes]) => moment / MINUTE + minutes);

test('every minute of the clock face is every minute', () => {
  fc.assert(
    fc.property(fc.oneof(moments, changes), zones, (minutes, name) => {
      const moment = minutes * MINUTE;
      expect(momentAfter(daily(MINUTE, 0), zone(name), true, moment)).toBe(moment + MINUTE);
      expect(momentAfter(daily(MINUTE, 0), zone(name), true, moment - 1)).toBe(moment);
    }),
  );
});

test('a time of the day comes once a day, later than asked for, and no firing lies between', () => {
  const times = fc.integer({ min: 0, max: 24 * 60 - 1 });
  fc.assert(
    fc.property(
      fc.oneof(moments, changes),
      zones,
      times,
      fc.boolean(),
      (minutes, name, time, both) => {
        const after = minutes * MINUTE;
        const walls = at(0, time);
        const next = momentAfter(walls, zone(name), both, after) ?? 0;
        expect(next).toBeGreaterThan(after);
        expect(next - after).toBeLessThanOrEqual(50 * HOUR);
        // Asked for from anywhere before, the answer is the same.
        expect(momentAfter(walls, zone(name), both, next - 1)).toBe(next);
        expect(momentAfter(walls, zone(name), both, (after + next) / 2)).toBe(next);
        const second = momentAfter(walls, zone(name), both, next) ?? 0;
        if (!both) expect(second - next).toBeGreaterThan(22 * HOUR);
      },
    ),
  );
});

test('times that end have an end', () => {
  const once: WallTimes = (after) => (after < DAY ? DAY : null);
  expect(momentAfter(once, UTC, false, 0)).toBe(DAY);
  expect(momentAfter(once, UTC, false, DAY)).toBeNull();
});
