import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BUDGET_WINDOWS, type BudgetWindow } from './budget.ts';
import { daysIn, sinceOf, windowAt } from './budget-window.ts';
import { DAY, HOUR, MINUTE, momentOf, namedZone, UTC, type Zone } from './civil.ts';

const zone = (name: string): Zone => namedZone(name) ?? UTC;
const BERLIN = zone('Europe/Berlin');

/** The moment that the clocks of the place show as `2026-11-26 10:30`. */
function at(shown: string, place: Zone = UTC): number {
  const [year, month, day, hour = 0, minute = 0] = shown.split(/[- :]/).map(Number);
  if (year === undefined || month === undefined || day === undefined) throw new Error(shown);
  return momentOf({ year, month, day, hour, minute, second: 0 }, place);
}

describe('the window that is now', () => {
  test.each<[BudgetWindow, string, string, string]>([
    ['day', '2026-11-26 10:30', '2026-11-26', '2026-11-27'],
    ['day', '2026-11-26 00:00', '2026-11-26', '2026-11-27'],
    ['day', '2026-12-31 23:59', '2026-12-31', '2027-01-01'],
    // A Thursday, a Sunday, a Monday.
    ['week', '2026-11-26 10:30', '2026-11-23', '2026-11-30'],
    ['week', '2026-11-29 23:59', '2026-11-23', '2026-11-30'],
    ['week', '2026-11-30 00:00', '2026-11-30', '2026-12-07'],
    ['week', '2027-01-01 12:00', '2026-12-28', '2027-01-04'],
    ['month', '2026-11-26 10:30', '2026-11-01', '2026-12-01'],
    ['month', '2026-12-31 23:59', '2026-12-01', '2027-01-01'],
    ['month', '2028-02-29 12:00', '2028-02-01', '2028-03-01'],
    ['month', '2026-01-31 12:00', '2026-01-01', '2026-02-01'],
  ])('%s at %s: from %s until %s', (window, now, from, until) => {
    for (const place of [UTC, BERLIN])
      expect(windowAt(window, at(now, place), place)).toEqual({
        from: at(from, place),
        until: at(until, place),
      });
  });

  test('ever never ends', () => {
    expect(windowAt('ever', at('2026-11-26'), UTC)).toEqual({ from: 0, until: null });
  });

  test('the day is that of the place', () => {
    const late = at('2026-11-26 23:30', UTC);
    expect(windowAt('day', late, BERLIN).from).toBe(at('2026-11-27', BERLIN));
    expect(windowAt('day', late, zone('America/New_York')).from).toBe(
      at('2026-11-26', zone('America/New_York')),
    );
  });

  test('days on which the clocks change are shorter or longer', () => {
    const length = (shown: string): number => {
      const { from, until } = windowAt('day', at(shown, BERLIN), BERLIN);
      return (until ?? 0) - from;
    };
    expect(length('2026-03-29 12:00')).toBe(23 * HOUR);
    expect(length('2026-10-25 12:00')).toBe(25 * HOUR);
  });

  test('where midnight is shown twice the second one begins the day', () => {
    // At one in the morning the clocks of Havana go back to midnight.
    const havana = zone('America/Havana');
    const second = at('2026-11-01 00:00', havana);
    const between = second - HOUR / 2;
    expect(havana(between)).toMatchObject({ day: 1, hour: 0, minute: 30 });
    expect(windowAt('day', between, havana)).toEqual({
      from: at('2026-10-31 00:00', havana),
      until: second,
    });
    expect(windowAt('day', second, havana).from).toBe(second);
    expect(windowAt('month', between, havana)).toEqual({
      from: at('2026-10-01', havana),
      until: second,
    });
  });

  test('windows follow each other without a gap, in every place', () => {
    const places = ['UTC', 'Europe/Berlin', 'America/Havana', 'Pacific/Apia', 'America/St_Johns'];
    const cases = fc.property(
      fc.constantFrom(...BUDGET_WINDOWS),
      fc.integer({ min: at('1999-01-01'), max: at('2037-12-31') }),
      fc.constantFrom(...places),
      (window, now, name) => {
        const place = zone(name);
        const { from, until } = windowAt(window, now, place);
        expect(from).toBeLessThanOrEqual(now);
        expect(windowAt(window, from, place)).toEqual({ from, until });
        if (until === null) return;
        expect(until).toBeGreaterThan(now);
        expect(windowAt(window, until - 1, place)).toEqual({ from, until });
        expect(windowAt(window, until, place).from).toBe(until);
      },
    );
    fc.assert(cases, { numRuns: 300 });
  });
});

describe('the days of a span', () => {
  test('the first and the last one are cut off', () => {
    const from = at('2026-11-24 18:00');
    const to = at('2026-11-26 06:00');
    expect(daysIn(from, to, UTC)).toEqual([
      { from, to: at('2026-11-25') },
      { from: at('2026-11-25'), to: at('2026-11-26') },
      { from: at('2026-11-26'), to },
    ]);
    expect(daysIn(to, to, UTC)).toEqual([]);
  });
});

describe('since', () => {
  const now = at('2026-11-26 10:30', BERLIN);
  test.each<[string, number | null]>([
    ['2h', now - 2 * HOUR],
    ['90m', now - 90 * MINUTE],
    ['24h', at('2026-11-25', BERLIN)],
    ['7d', at('2026-11-19', BERLIN)],
    ['2026-11-01', at('2026-11-01', BERLIN)],
    ['2026-11-26', at('2026-11-26', BERLIN)],
    ['2026-11-27', null],
    ['2026-02-30', null],
    ['1969-12-31', null],
    ['40000d', null],
    ['yesterday', null],
    ['', null],
  ])('%s', (given, expected) => {
    expect(sinceOf(given, now, BERLIN)).toBe(expected);
  });

  test('days are counted back from now', () => {
    expect(sinceOf('1d', at('2026-11-26 10:30'), UTC)).toBe(at('2026-11-26') - DAY);
  });
});
