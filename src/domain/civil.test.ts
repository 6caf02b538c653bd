import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Civil,
  dateOf,
  DAY,
  dayNumber,
  fixedZone,
  HOUR,
  isDate,
  MINUTE,
  momentOf,
  namedZone,
  UTC,
  utcOf,
  weekdayOf,
  type Zone,
} from './civil.ts';

/** Moments of the years 1 to 9999. */
const moments = fc
  .integer({ min: -62_135_596_800, max: 253_402_300_799 })
  .map((seconds) => seconds * 1_000);

const zone = (name: string): Zone => namedZone(name) ?? fixedZone(Number.NaN);
const civil = (year: number, month: number, day: number, hour = 0, minute = 0): Civil => ({
  year,
  month,
  day,
  hour,
  minute,
  second: 0,
});

test('the calendar is the platform’s', () => {
  const platform = new Intl.DateTimeFormat('en-US', {
    timeZone: 'UTC',
    dateStyle: 'full',
  });
  const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
  fc.assert(
    fc.property(moments, (moment) => {
      const number = Math.floor(moment / DAY);
      const { year, month, day } = dateOf(number);
      expect(dayNumber({ year, month, day })).toBe(number);
      expect(platform.format(moment)).toBe(
        `${weekdays[weekdayOf(number)]}, ${
          platform.formatToParts(moment).find(({ type }) => type === 'month')?.value
        } ${day}, ${year}`,
      );
      expect(Object.values(zone('UTC')(moment))).toEqual(Object.values(UTC(moment)));
      expect(utcOf(UTC(moment))).toBe(moment);
    }),
  );
});

test.each([
  [{ year: 1970, month: 1, day: 1 }, 0],
  [{ year: 1969, month: 12, day: 31 }, -1],
  [{ year: 2000, month: 2, day: 29 }, 11_016],
  [{ year: 2000, month: 3, day: 1 }, 11_017],
  [{ year: 0, month: 3, day: 1 }, -719_468],
  [{ year: -1, month: 12, day: 31 }, -719_529],
])('%j is day %i', (date, number) => {
  expect(dayNumber(date)).toBe(number);
  expect(dateOf(number)).toEqual(date);
});

test('weekdays go on before 1970', () => {
  expect([-5, -4, -3, 0, 3].map(weekdayOf)).toEqual([6, 0, 1, 4, 0]);
});

test.each([
  [2024, 2, 29, true],
  [2026, 2, 29, false],
  [1900, 2, 29, false],
  [2000, 2, 29, true],
  [2026, 4, 31, false],
  [2026, 12, 31, true],
  [2026, 13, 1, false],
  [2026, 0, 1, false],
  [2026, 1, 0, false],
])('%i-%i-%i is a date: %j', (year, month, day, expected) => {
  expect(isDate({ year, month, day })).toBe(expected);
});

test('a fixed zone is its offset', () => {
  expect(fixedZone(5 * HOUR + 45 * MINUTE)(0)).toEqual(civil(1970, 1, 1, 5, 45));
  expect(fixedZone(-HOUR)(0)).toEqual(civil(1969, 12, 31, 23));
});

test.each(['', 'Nowhere/Else', 'Europe/', '(UTC)'])('%j is no zone', (name) => {
  expect(namedZone(name)).toBeNull();
});

describe('clocks that are put forward and back', () => {
  const NEW_YORK = zone('America/New_York');
  test('an hour that is shown twice is the second one', () => {
    // 1 November 2026, 2:00 EDT = 1:00 EST.
    expect(momentOf(civil(2026, 11, 1, 0, 59), NEW_YORK)).toBe(1_793_509_140_000);
    expect(momentOf(civil(2026, 11, 1, 1, 0), NEW_YORK)).toBe(1_793_512_800_000);
    expect(momentOf(civil(2026, 11, 1, 1, 30), NEW_YORK)).toBe(1_793_514_600_000);
    expect(momentOf(civil(2026, 11, 1, 2, 0), NEW_YORK)).toBe(1_793_516_400_000);
  });

  test('an hour that is skipped is as if clocks had not been put forward yet', () => {
    // 14 March 2027, 2:00 EST = 3:00 EDT.
    expect(momentOf(civil(2027, 3, 14, 1, 59), NEW_YORK)).toBe(1_805_007_540_000);
    expect(momentOf(civil(2027, 3, 14, 2, 30), NEW_YORK)).toBe(1_805_009_400_000);
    expect(NEW_YORK(1_805_009_400_000)).toEqual(civil(2027, 3, 14, 3, 30));
    expect(momentOf(civil(2027, 3, 14, 3, 0), NEW_YORK)).toBe(1_805_007_600_000);
  });
});

test('what a clock shows leads back to the moment, or to the same hour shown again', () => {
  const zones = [
    'UTC',
    'America/New_York',
    'America/St_Johns',
    'Europe/Berlin',
    'Europe/London',
    'Africa/Casablanca',
    'Asia/Kathmandu',
    'Asia/Tokyo',
    'Australia/Lord_Howe',
    'Pacific/Apia',
    'Pacific/Chatham',
  ].map((name) => [name, zone(name)] as const);
  const seconds = fc.integer({ min: 946_684_800, max: 4_102_444_800 });
  fc.assert(
    fc.property(fc.constantFrom(...zones), seconds, ([, place], second) => {
      const moment = second * 1_000;
      const back = momentOf(place(moment), place);
      expect(place(back)).toEqual(place(moment));
      expect(back).toBeGreaterThanOrEqual(moment);
      expect(back - moment).toBeLessThanOrEqual(HOUR);
    }),
    { numRuns: 300 },
  );
});
