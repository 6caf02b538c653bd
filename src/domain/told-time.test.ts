import { describe, expect, test } from 'vitest';
import { namedZone } from './civil.ts';
import { toldTime } from './told-time.ts';

/** Saturday, 21 November 2026, 01:00:30 UTC; 10:00:30 in Tokyo. */
const NOW = 1_795_222_830_000;
const TOKYO = namedZone('Asia/Tokyo');
const clock = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'UTC',
  dateStyle: 'short',
  timeStyle: 'medium',
});
const told = (text: string, now = NOW, local = TOKYO): string | null => {
  const moment = toldTime(text, now, local);
  return moment === null ? null : clock.format(moment);
};

describe('moments as they are written', () => {
  test.each([
    // a time of day: the next one
    ['11am', '2026-11-21 02:00:00'],
    ['10:00 a.m. or so', '2026-11-21 01:00:00'],
    ['9:59am', '2026-11-22 00:59:00'],
    ['23:05', '2026-11-21 14:05:00'],
    ['23:05:59.123', '2026-11-21 14:05:59'],
    ['0:30', '2026-11-21 15:30:00'],
    ['12am', '2026-11-21 15:00:00'],
    ['12:48 PM', '2026-11-21 03:48:00'],
    ['midnight', '2026-11-21 15:00:00'],
    ['noon UTC', '2026-11-21 12:00:00'],
    // with a zone
    ['1:47am (UTC)', '2026-11-21 01:47:00'],
    ['3:04 PM, PDT', '2026-11-21 22:04:00'],
    ['7pm (America/New_York)', '2026-11-22 00:00:00'],
    ['12:48-08:00', '2026-11-21 20:48:00'],
    // a weekday
    ['Monday 9am', '2026-11-23 00:00:00'],
    ['9am on Monday', '2026-11-23 00:00:00'],
    ['Mon 12:00 AM', '2026-11-22 15:00:00'],
    ['next Thurs. at 18:00', '2026-11-26 09:00:00'],
    ['Saturday 11am', '2026-11-21 02:00:00'],
    ['Saturday 9am', '2026-11-28 00:00:00'],
    ['wednesday', '2026-11-24 15:00:00'],
    // today, tomorrow
    ['today at 17:00', '2026-11-21 08:00:00'],
    ['5pm today', '2026-11-21 08:00:00'],
    ['tonight at 11pm', '2026-11-21 14:00:00'],
    ['tomorrow at 9am', '2026-11-22 00:00:00'],
    ['tomorrow', '2026-11-21 15:00:00'],
    // dates
    ['Nov 24, 12:41pm (UTC)', '2026-11-24 12:41:00'],
    ['Nov 24 at 3pm', '2026-11-24 06:00:00'],
    ['Nov 24th, 2026 12:48 PM', '2026-11-24 03:48:00'],
    ['November 24, 2026, 12:48 PM UTC', '2026-11-24 12:48:00'],
    ['Tue, Nov 24, 2026 at 12:48', '2026-11-24 03:48:00'],
    ['24 November 2026 at 12:48', '2026-11-24 03:48:00'],
    ['the 24th of November, 12:48', '2026-11-24 03:48:00'],
    ['24-Nov-2026 12:48', '2026-11-24 03:48:00'],
    ['Tue, 24 Nov 2026 07:28:00 GMT', '2026-11-24 07:28:00'],
    ['12:48 PM on Nov 24', '2026-11-24 03:48:00'],
    ['Sept 3rd', '2026-09-02 15:00:00'],
    ['11/24/2026', '2026-11-23 15:00:00'],
    ['24/11/2026', '2026-11-23 15:00:00'],
    ['2026-11-24', '2026-11-23 15:00:00'],
    ['2026-11-24T12:48:00Z', '2026-11-24 12:48:00'],
    ['2026-11-24t12:48:00.123+02:00', '2026-11-24 10:48:00'],
    ['2026-11-24 12:48:00.5 +0000 UTC', '2026-11-24 12:48:00'],
    ['2026-11-24 12:48', '2026-11-24 03:48:00'],
    // what follows is not looked at
    ['11am (see the docs)', '2026-11-21 02:00:00'],
    ['11am. UTC', '2026-11-21 02:00:00'],
    ['11am, 5pm', '2026-11-21 02:00:00'],
    ['11am · weekly: Nov 24', '2026-11-21 02:00:00'],
    ['Nov 24, Nov 25', '2026-11-23 15:00:00'],
    ['11am UTC PST', '2026-11-21 11:00:00'],
  ])('%s', (text, expected) => {
    expect(told(text)).toBe(expected);
  });

  test.each([
    '',
    'soon',
    '5',
    '5 hours',
    '5:3',
    '1:234',
    '5-hour',
    'today',
    'UTC',
    '(UTC)',
    '13pm',
    '0am',
    '24:00',
    '12:60',
    '12:00:60',
    'Feb 30',
    'Feb 29, 2027',
    '2026-13-01',
    '13/13/2026',
    '10 de jul. de 2026, 11:52',
    'Monty 9am',
    // an unknown zone is no other zone
    '11am (Foo/Bar)',
    '11am XYZ',
    'Nov 24, 12:41pm IST',
  ])('%j tells none', (text) => {
    expect(told(text)).toBeNull();
  });
});

describe('a date without a year is the nearest one', () => {
  // Thursday, 31 December 2026, 23:30 UTC.
  const SILVESTER = 1_798_759_800_000;
  test.each([
    ['Jan 2, 9:00 UTC', '2027-01-02 09:00:00'],
    ['Dec 31, 23:00 UTC', '2026-12-31 23:00:00'],
    ['Nov 24 UTC', '2026-11-24 00:00:00'],
    ['Jun 1 UTC', '2027-06-01 00:00:00'],
    // In Tokyo it is the new year already.
    ['Dec 30, 9:00 JST', '2026-12-30 00:00:00'],
    ['Jan 1, 9:00 JST', '2027-01-01 00:00:00'],
  ])('%s', (text, expected) => {
    expect(told(text, SILVESTER)).toBe(expected);
  });

  test('of a year that has it', () => {
    // 1 March 2027 and 1 March 2028; then none of the three years has it.
    expect(told('Feb 29 UTC', 1_803_859_200_000)).toBe('2028-02-29 00:00:00');
    expect(told('Feb 29 UTC', 1_835_481_600_000)).toBe('2028-02-29 00:00:00');
    expect(told('Feb 29 UTC', 1_772_323_200_000)).toBeNull();
  });
});

test('where the machine is may be unknown: then only a zone that was told helps', () => {
  expect(told('11am', NOW, null)).toBeNull();
  expect(told('11am local time', NOW, null)).toBeNull();
  expect(told('11am UTC', NOW, null)).toBe('2026-11-21 11:00:00');
});

test('a time just gone may be yesterday’s', () => {
  // 21 November 2026, 00:00:20 UTC.
  const MIDNIGHT = 1_795_219_220_000;
  expect(told('23:59:30 UTC', MIDNIGHT)).toBe('2026-11-20 23:59:30');
  expect(told('23:59 UTC', MIDNIGHT)).toBe('2026-11-21 23:59:00');
});

describe('clocks that are put forward and back', () => {
  const BERLIN = namedZone('Europe/Berlin');
  // 25 October 2026, 00:00 UTC: 3:00 CEST becomes 2:00 CET an hour later.
  const AUTUMN = 1_792_886_400_000;
  // 28 March 2027, 00:00 UTC: 2:00 CET becomes 3:00 CEST an hour later.
  const SPRING = 1_806_192_000_000;
  test('a time that is shown twice is the second one, unless it tells which', () => {
    expect(told('2:30', AUTUMN, BERLIN)).toBe('2026-10-25 01:30:00');
    expect(told('2:30 CEST', AUTUMN, BERLIN)).toBe('2026-10-25 00:30:00');
  });
  test('a time that is skipped is an hour later on the clock', () => {
    expect(told('2:30', SPRING, BERLIN)).toBe('2027-03-28 01:30:00');
  });
  test('the day has 25 hours', () => {
    expect(told('today at 23:00', AUTUMN, BERLIN)).toBe('2026-10-25 22:00:00');
    expect(told('1:59', AUTUMN, BERLIN)).toBe('2026-10-26 00:59:00');
  });
});
