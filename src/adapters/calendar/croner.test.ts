import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cronerCalendar } from './croner.ts';

function firings(cron: string, timeZone: string, from: string, count: number): string[] {
  const found: string[] = [];
  let after: number | null = Date.parse(from);
  while (found.length < count && after !== null) {
    after = cronerCalendar.next(cron, timeZone, after);
    if (after !== null) found.push(new Date(after).toISOString().replace(':00.000Z', 'Z'));
  }
  return found;
}

describe('an expression fires', () => {
  test.each([
    [
      '0 9 * * 1-5',
      'Europe/Berlin',
      '2026-11-27T07:59Z',
      ['2026-11-27T08:00Z', '2026-11-30T08:00Z'],
    ],
    ['0 9 * * 7', 'UTC', '2026-11-27T00:00Z', ['2026-11-29T09:00Z']],
    ['0 9 ? * MON', 'UTC', '2026-11-27T00:00Z', ['2026-11-30T09:00Z', '2026-12-07T09:00Z']],
    ['0 0 13 * 5', 'UTC', '2026-11-10T00:00Z', ['2026-11-13T00:00Z', '2026-11-20T00:00Z']],
    ['0 0 L * *', 'UTC', '2026-02-01T00:00Z', ['2026-02-28T00:00Z', '2026-03-31T00:00Z']],
    ['0 0 29 2 *', 'UTC', '2025-01-01T00:00Z', ['2028-02-29T00:00Z', '2032-02-29T00:00Z']],
    ['0 0 29 2 *', 'UTC', '2096-03-01T00:00Z', ['2104-02-29T00:00Z']],
    ['@daily', 'America/New_York', '2026-07-01T00:00Z', ['2026-07-01T04:00Z']],
    ['*/20 1 * * *', 'UTC', '2026-07-01T01:00Z', ['2026-07-01T01:20Z', '2026-07-01T01:40Z']],
    [' 0  9 * * * ', 'UTC', '2026-07-01T10:00Z', ['2026-07-02T09:00Z']],
  ])('%s in %s', (cron, zone, from, expected) => {
    expect(firings(cron, zone, from, expected.length)).toEqual(expected);
  });

  test.each([
    [
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00Z',
      ['2026-03-29T01:30Z', '2026-03-30T00:30Z'],
    ],
    [
      '30 2 * * *',
      'America/New_York',
      '2026-03-07T12:00Z',
      ['2026-03-08T07:30Z', '2026-03-09T06:30Z'],
    ],
    ['0 * * * *', 'Europe/Berlin', '2026-03-28T23:30Z', ['2026-03-29T00:00Z', '2026-03-29T01:00Z']],
  ])('%s in %s once where the clocks skip it', (cron, zone, from, expected) => {
    expect(firings(cron, zone, from, expected.length)).toEqual(expected);
  });

  test.each([
    [
      '30 2 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00Z',
      ['2026-10-25T00:30Z', '2026-10-26T01:30Z'],
    ],
    [
      '30 1 * * *',
      'America/New_York',
      '2026-10-31T12:00Z',
      ['2026-11-01T05:30Z', '2026-11-02T06:30Z'],
    ],
    [
      '*/30 2 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00Z',
      ['2026-10-25T00:00Z', '2026-10-25T00:30Z', '2026-10-26T01:00Z'],
    ],
  ])('%s in %s once where they show it twice', (cron, zone, from, expected) => {
    expect(firings(cron, zone, from, expected.length)).toEqual(expected);
  });

  test.each(['30 * * * *', '30 ? * * *', '30 */1 * * *'])(
    '%s in every hour, also that one',
    (cron) => {
      expect(firings(cron, 'Europe/Berlin', '2026-10-24T23:00Z', 4)).toEqual([
        '2026-10-24T23:30Z',
        '2026-10-25T00:30Z',
        '2026-10-25T01:30Z',
        '2026-10-25T02:30Z',
      ]);
      expect(firings('@hourly', 'America/New_York', '2026-11-01T04:30Z', 3)).toEqual([
        '2026-11-01T05:00Z',
        '2026-11-01T06:00Z',
        '2026-11-01T07:00Z',
      ]);
    },
  );

  test('never, when no such day is in any calendar', () => {
    expect(cronerCalendar.next('0 0 30 2 *', 'UTC', 0)).toBeNull();
  });

  test('later than asked for, on a whole minute, and asked from anywhere before the same', () => {
    const field = (max: number) =>
      fc.oneof(fc.constant('*'), fc.integer({ min: 1, max }).map(String));
    const crons = fc.tuple(field(59), field(23), field(28), field(12), fc.constant('*'));
    const moments = fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2027-12-31') });
    const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'UTC');
    fc.assert(
      fc.property(crons, zones, moments, (words, zone, after) => {
        const cron = words.join(' ');
        const next = cronerCalendar.next(cron, zone, after) ?? 0;
        expect(next).toBeGreaterThan(after);
        expect(next % 60_000).toBe(0);
        expect(cronerCalendar.next(cron, zone, next - 1)).toBe(next);
        expect(cronerCalendar.next(cron, zone, Math.floor((after + next) / 2))).toBe(next);
      }),
    );
  });
});

describe('what is wrong is named', () => {
  test.each([
    ['60 * * * *', /wrong minute: "60" is not within 0-59/],
    ['0 24 * * *', /wrong hour: "24"/],
    ['0 0 0 * *', /wrong day of the month: "0"/],
    ['0 0 1 13 *', /wrong month: "13" is not within 1-12 or JAN-DEC/],
    ['0 0 * * 8', /wrong day of the week: "8"/],
    ['0 9 * * FUN', /wrong day of the week: "FUN"/],
    ['5-1 * * * *', /wrong minute: "5-1"/],
    ['*/0 * * * *', /wrong minute/],
    ['', /has 0 fields instead of 5/],
    ['daily', /has 1 field instead of 5/],
    ['0 9 * *', /has 4 fields instead of 5/],
    ['* * * * * *', /has 6 fields/],
    ['@reboot', /is no name that is known/],
    ['@dayly', /is no name that is known/],
  ])('%j', (cron, message) => {
    const refusal = expect.objectContaining({
      code: 'invalid_input',
      message: expect.stringMatching(message),
    });
    expect(() => cronerCalendar.check(cron, 'UTC')).toThrow(refusal);
    expect(() => cronerCalendar.next(cron, 'UTC', 0)).toThrow(refusal);
  });

  test('a step without a range, with what to write instead', () => {
    expect(() => cronerCalendar.check('5/10 * * * *', 'UTC')).toThrow(
      expect.objectContaining({ hint: 'A step needs a range or a star: */10' }),
    );
  });

  test.each([
    ['Europe/Berln', 'Did you mean Europe/Berlin?'],
    ['europ/berlin', 'Did you mean Europe/Berlin?'],
    ['Berlin', 'Did you mean Europe/Berlin?'],
    ['new york', 'Did you mean America/New_York?'],
    ['Mars/Olympus', 'Write it as in Europe/Berlin, America/New_York or UTC.'],
  ])('the zone %s: %s', (zone, hint) => {
    expect(() => cronerCalendar.check('* * * * *', zone)).toThrow(
      expect.objectContaining({ code: 'invalid_input', hint }),
    );
    expect(() => cronerCalendar.next('* * * * *', zone, 0)).toThrow(
      expect.objectContaining({ hint }),
    );
  });

  test('a zone is kept by its proper name', () => {
    expect(cronerCalendar.check('* * * * *', 'europe/berlin')).toBe('Europe/Berlin');
    expect(cronerCalendar.check('* * * * *', null)).not.toBe('');
  });
});
