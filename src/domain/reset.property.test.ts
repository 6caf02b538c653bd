import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FURTHEST_RESET, resetTime } from './reset.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Saturday, 21 November 2026, 01:00:30 UTC. */
const NOW = 1_795_222_830_000;

const ZONES = [
  'UTC',
  'America/New_York',
  'America/St_Johns',
  'Europe/Berlin',
  'Asia/Kathmandu',
  'Asia/Tokyo',
  'Australia/Lord_Howe',
  'Pacific/Apia',
];
const format = (zone: string, options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat('en-US', { timeZone: zone, ...options });

/** How a moment is told, and how far ahead that is without doubt. */
interface Form {
  name: string;
  furthest: number;
  tell: (moment: number, zone: string) => string;
}
const TIME = { hour: 'numeric', minute: '2-digit' } as const;
const parts = (moment: number, zone: string, options: Intl.DateTimeFormatOptions) =>
  Object.fromEntries(
    format(zone, options)
      .formatToParts(moment)
      .map(({ type, value }) => [type, value]),
  );
const nth = (day: string): string =>
  `${day}${/1.$/.test(day) ? 'th' : (['th', 'st', 'nd', 'rd'][Number(day.slice(-1))] ?? 'th')}`;
const LONG = { year: 'numeric', month: 'long', day: 'numeric', ...TIME, hour12: false } as const;
const FORMS: readonly Form[] = [
  {
    name: 'time of day',
    furthest: 23 * HOUR,
    tell: (moment, zone) => `try again at ${format(zone, TIME).format(moment)}.`,
  },
  {
    name: 'time of day and zone',
    furthest: 23 * HOUR,
    tell: (moment, zone) =>
      `· resets ${format(zone, TIME).format(moment).replace(/\s/, '').toLowerCase()} (${zone})`,
  },
  {
    name: 'weekday',
    furthest: 6 * DAY,
    tell: (moment, zone) =>
      `resets ${format(zone, { weekday: 'long' }).format(moment)} ${format(zone, TIME).format(moment)}`,
  },
  {
    name: 'date without a year',
    furthest: 170 * DAY,
    tell: (moment, zone) =>
      `resets ${format(zone, { month: 'short', day: 'numeric', ...TIME }).format(moment)} (${zone})`,
  },
  {
    name: 'ordinal',
    furthest: 399 * DAY,
    tell: (moment, zone) => {
      const { month, day = '', year } = parts(moment, zone, { ...LONG, month: 'short' });
      return `try again at ${month} ${nth(day)}, ${year} ${format(zone, TIME).format(moment)}.`;
    },
  },
  {
    name: 'day first',
    furthest: 399 * DAY,
    tell: (moment, zone) => {
      const { month, day, year, hour = '', minute } = parts(moment, zone, LONG);
      return `available again at ${day} ${month} ${year} at ${hour === '24' ? '0' : hour}:${minute}`;
    },
  },
  {
    name: 'ISO with its offset',
    furthest: 399 * DAY,
    tell: (moment, zone) => {
      const date = format(zone, {}).formatToParts(moment);
      const clock = parts(moment, zone, { timeStyle: 'medium', hourCycle: 'h23' });
      const offset = parts(moment, zone, { timeZoneName: 'longOffset' })['timeZoneName']?.slice(3);
      const of = (type: string) => date.find((part) => part.type === type)?.value.padStart(2, '0');
      const { hour, minute, second } = clock;
      return `reset_at: ${of('year')}-${of('month')}-${of('day')}T${hour}:${minute}:${second}${offset === '' ? 'Z' : offset}`;
    },
  },
];

describe('what a moment is told as leads back to it', () => {
  test.each(FORMS)('$name', ({ furthest, tell }) => {
    const now = fc.integer({ min: 1_577_836_800, max: 2_208_988_800 });
    const ahead = fc.integer({ min: 1, max: furthest / MINUTE });
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), now, ahead, (zone, second, minutes) => {
        const moment = Math.ceil(second / 60) * MINUTE + minutes * MINUTE;
        const told = tell(moment, zone);
        const read = resetTime(told, second * 1_000, zone);
        // The second one of an hour that is shown twice; all else is the moment itself.
        if (read !== null && read !== moment)
          expect(read - moment).toBe(zone === 'Australia/Lord_Howe' ? HOUR / 2 : HOUR);
        expect(read === null ? null : tell(read, zone), told).toBe(told);
      }),
      { numRuns: 150 },
    );
  });

  test('a duration', () => {
    const length = fc.record({
      days: fc.nat(390),
      hours: fc.nat(23),
      minutes: fc.nat(59),
      seconds: fc.nat(59),
    });
    const words = fc.constantFrom(
      (d: number, h: number, m: number, s: number) => `retry in ${d}d${h}h${m}m${s}s.`,
      (d: number, h: number, m: number, s: number) =>
        `Try again in ${d} days, ${h} hours, ${m} minutes and ${s} seconds!`,
      (d: number, h: number, m: number, s: number) =>
        `retry-after: ${d * 86_400 + h * 3_600 + m * 60 + s}`,
    );
    fc.assert(
      fc.property(length, words, ({ days, hours, minutes, seconds }, told) => {
        expect(resetTime(told(days, hours, minutes, seconds), NOW, 'UTC')).toBe(
          NOW + days * DAY + hours * HOUR + minutes * MINUTE + seconds * 1_000,
        );
      }),
    );
  });
});

describe('whatever stands there', () => {
  const words = fc.constantFrom(
    ...'resets|reset|try again|retry|retry-after|at|in|on|Nov|24th|2026|12:48|PM|am|(UTC)|(Foo/Bar)|Monday|tomorrow|5|hours|1795225980|1h|,|:|.|-|="|wait|before|9999-99-99|T|Z|+99:99|31/31/9999|a|·'.split(
      '|',
    ),
  );
  const messages = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.array(words, { maxLength: 30 }).map((all) => all.join(' ')),
    fc.array(words, { maxLength: 30 }).map((all) => all.join('')),
  );

  test('nothing is thrown, and a reset is to come', () => {
    fc.assert(
      fc.property(messages, fc.constantFrom(...ZONES, ''), (message, zone) => {
        const moment = resetTime(message, NOW, zone);
        if (moment === null) return;
        expect(Number.isInteger(moment)).toBe(true);
        expect(moment).toBeGreaterThan(NOW - MINUTE);
        expect(moment).toBeLessThanOrEqual(NOW + FURTHEST_RESET);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    'resets ',
    'a',
    'a-',
    'reset-',
    ' ',
    'retry in 5',
    'resets 1am (Foo/Bar) ',
    'reset_at_at_at_at',
    'resets Nov Nov ',
    'try again at at at ',
    'wait for about ',
    '1',
    '(',
    'reset:"""',
  ])('100 KB of %j come to an end', (piece) => {
    expect(resetTime(piece.repeat(100_000 / piece.length), NOW, 'UTC')).toBeNull();
  });
});
