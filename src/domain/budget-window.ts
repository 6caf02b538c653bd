import type { BudgetWindow } from './budget.ts';
import {
  type Civil,
  DAY,
  dateOf,
  dayNumber,
  isDate,
  momentOf,
  weekdayOf,
  type Zone,
} from './civil.ts';
import { duration } from './duration.ts';

/** A span of time: `from` <= moment < `until`, epoch ms. */
interface Window {
  /** 0 = it always was. */
  from: number;
  /** Null = never. */
  until: number | null;
}

/** The window that is now; days, weeks (from Monday on) and months begin at midnight in `zone`. */
export const windowAt = (window: BudgetWindow, now: number, zone: Zone): Window =>
  window === 'ever' ? { from: 0, until: null } : calendarAt(window, now, zone);

type Calendar = Exclude<BudgetWindow, 'ever'>;

function calendarAt(window: Calendar, now: number, zone: Zone): { from: number; until: number } {
  const first = firstDay(window, dayNumber(zone(now)));
  const from = midnight(first, zone);
  // Where the clocks show midnight twice the second one counts: between the two it is still the window before.
  return from > now
    ? { from: midnight(firstDay(window, first - 1), zone), until: from }
    : { from, until: midnight(dayAfter(window, first), zone) };
}

/** The days of a span, each with its beginning; the first and the last one may be cut off. */
export function daysIn(from: number, to: number, zone: Zone): { from: number; to: number }[] {
  const days: { from: number; to: number }[] = [];
  for (let at = from; at < to;) {
    const until = Math.min(calendarAt('day', at, zone).until, to);
    days.push({ from: at, to: until });
    at = until;
  }
  return days;
}

/**
 * What `7d`, `12h` or `2026-11-01` means as the beginning of a span: whole days begin at midnight; null = it is neither,
 * or nothing that has been.
 */
export function sinceOf(text: string, now: number, zone: Zone): number | null {
  const from = dateIn(text, zone) ?? spanBefore(text, now, zone);
  return from === null || from > now || from < 0 ? null : from;
}

function spanBefore(text: string, now: number, zone: Zone): number | null {
  const ms = duration(text);
  if (ms === null) return null;
  const at = now - ms;
  return ms < DAY ? at : calendarAt('day', at, zone).from;
}

function dateIn(text: string, zone: Zone): number | null {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  const date = { year: Number(year), month: Number(month), day: Number(day) };
  return day === undefined || !isDate(date) ? null : midnight(dayNumber(date), zone);
}

const midnight = (day: number, zone: Zone): number => {
  const civil: Civil = { ...dateOf(day), hour: 0, minute: 0, second: 0 };
  return momentOf(civil, zone);
};

/** The first day of the window that has the day in it. */
function firstDay(window: Calendar, day: number): number {
  switch (window) {
    case 'day':
      return day;
    case 'week':
      return day - ((weekdayOf(day) + 6) % 7);
    case 'month':
      return day - dateOf(day).day + 1;
  }
}

/** The first day after the window that begins on the day. */
function dayAfter(window: Calendar, first: number): number {
  switch (window) {
    case 'day':
      return first + 1;
    case 'week':
      return first + 7;
    case 'month':
      // No month is longer, and none so short that this is not in the next one.
      return firstDay('month', first + 31);
  }
}
