import {
  type CivilDate,
  dateOf,
  dayNumber,
  isDate,
  momentOf,
  weekdayOf,
  type Zone,
} from './civil.ts';
import { zoneAt } from './zones.ts';

/** A moment told is one that is to come; minutes are told without their seconds, so one just gone counts. */
export const JUST_GONE = 60_000;

interface Clock {
  hour: number;
  minute: number;
  second: number;
}

/** The parts of a moment as they were told; null = not told. */
interface Told {
  date: { year: number | null; month: number; day: number } | null;
  weekday: number | null;
  /** Days from today. */
  ahead: number | null;
  clock: Clock | null;
  zone: Zone | null;
}

const NOTHING: Told = { date: null, weekday: null, ahead: null, clock: null, zone: null };
const isEmpty = (told: Told): boolean => Object.values(told).every((part) => part === null);
const START_OF_DAY: Clock = { hour: 0, minute: 0, second: 0 };

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const WORD: Readonly<Record<string, number>> = { today: 0, tonight: 0, tomorrow: 1 };
const HOURS: Readonly<Record<string, number>> = { midnight: 0, noon: 12, midday: 12 };

const MONTH =
  'jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?';
const NTH = '(\\d{1,2})(?:st|nd|rd|th)?';
const monthOf = (name: string): number => MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1;

/** A way to write a part: where it stands first in the text, `read` says what it tells; null = nothing that exists. */
interface Part {
  tells: keyof Told;
  pattern: RegExp;
  read: (groups: readonly string[]) => Partial<Told> | null;
}

const dated = (year: string, month: number, day: string): Partial<Told> => ({
  date: { year: year === '' ? null : Number(year), month, day: Number(day) },
});

function clocked(hour: number, minute: string, second: string): Partial<Told> | null {
  const clock = { hour, minute: Number(minute), second: Number(second) };
  return hour > 23 || clock.minute > 59 || clock.second > 59 ? null : { clock };
}

const PARTS: readonly Part[] = [
  {
    tells: 'date',
    pattern: /^(\d{4})-(\d{2})-(\d{2})(?:T(?=\d)|(?!\d))/i,
    read: ([year = '', month = '', day = '']) => dated(year, Number(month), day),
  },
  {
    tells: 'date',
    pattern: new RegExp(`^(${MONTH})\\b\\.? ?${NTH}(?![\\d:])(?:,? (\\d{4})(?![\\d:]))?`, 'i'),
    read: ([month = '', day = '', year = '']) => dated(year, monthOf(month), day),
  },
  {
    tells: 'date',
    pattern: new RegExp(`^${NTH}(?: of)?[ -](${MONTH})\\b\\.?(?:,?[ -](\\d{4})(?![\\d:]))?`, 'i'),
    read: ([day = '', month = '', year = '']) => dated(year, monthOf(month), day),
  },
  {
    // As Cursor prints it: the month first, unless there is no such month.
    tells: 'date',
    pattern: /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?!\d)/,
    read: ([first = '', second = '', year = '']) =>
      Number(first) > 12 ? dated(year, Number(second), first) : dated(year, Number(first), second),
  },
  {
    tells: 'clock',
    pattern: /^(\d{1,2})(?::(\d{2})(?::(\d{2})(?:\.\d+)?)?)? ?([ap])(?:\.m\.|m\b)/i,
    read: ([hour = '', minute = '0', second = '0', half = '']) => {
      const shown = Number(hour);
      if (shown < 1 || shown > 12) return null;
      return clocked((shown % 12) + (half.toLowerCase() === 'p' ? 12 : 0), minute, second);
    },
  },
  {
    tells: 'clock',
    pattern: /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?![\d:])/,
    read: ([hour = '', minute = '', second = '0']) => clocked(Number(hour), minute, second),
  },
  {
    tells: 'clock',
    pattern: /^(midnight|noon|midday)\b/i,
    read: ([word = '']) => clocked(Number(HOURS[word.toLowerCase()]), '0', '0'),
  },
  {
    tells: 'weekday',
    pattern: /^(sun|mon|tue|wed|thu|fri|sat)(?:day|s|sday|nesday|rs|rsday|urday)?\b\.?/i,
    read: ([name = '']) => ({ weekday: WEEKDAYS.indexOf(name.toLowerCase()) }),
  },
  {
    tells: 'ahead',
    pattern: /^(today|tonight|tomorrow)\b/i,
    read: ([word = '']) => ({ ahead: Number(WORD[word.toLowerCase()]) }),
  },
];

/** What may stand between the parts. */
const BETWEEN = /^(?:[ ,(]+|(?:at|on|the|of|by|next|this|around|about)(?![\w-]))/i;

/**
 * The moment that `text` tells at its beginning, as an absolute one (a date, a weekday, a time of day, with or
 * without a zone); null = none, one that the calendar does not have, or one in an unknown zone. `local` is the
 * zone of what names none. A day without a time of day means its beginning.
 */
export function toldTime(text: string, now: number, local: Zone | null): number | null {
  const told = partsOf(text, local);
  if (told === null) return null;
  const zone = told.zone ?? local;
  return zone === null ? null : momentTold(told, now, zone);
}

function partsOf(text: string, local: Zone | null): Told | null {
  let [rest, told] = [text, NOTHING];
  for (;;) {
    const found = partAt(rest, told) ?? zonePart(rest, told, local) ?? skipped(rest);
    if (found === null) return told;
    if (found.part === null) return null;
    told = { ...told, ...found.part };
    rest = rest.slice(found.length);
  }
}

/** What stands at the beginning of a text: how long it is, and what it tells; null = nothing that exists. */
interface Found {
  length: number;
  part: Partial<Told> | null;
}

/** The part at the beginning, unless its like was told before: a second time of day belongs to something else. */
function partAt(text: string, told: Told): Found | null {
  for (const { tells, pattern, read } of PARTS) {
    const found = told[tells] === null ? pattern.exec(text) : null;
    if (found !== null) return { length: found[0].length, part: read(found.slice(1)) };
  }
  return null;
}

function zonePart(text: string, told: Told, local: Zone | null): Found | null {
  const written = isEmpty(told) || told.zone !== null ? null : zoneAt(text, local);
  if (written === null) return null;
  const { length, zone } = written;
  return { length, part: zone === null ? null : { zone } };
}

function skipped(text: string): Found | null {
  const between = BETWEEN.exec(text);
  return between === null ? null : { length: between[0].length, part: {} };
}

function momentTold(told: Told, now: number, zone: Zone): number | null {
  const today = dayNumber(zone(now));
  const { date, weekday, ahead } = told;
  const clock = told.clock ?? START_OF_DAY;
  const at = (day: CivilDate): number => momentOf({ ...day, ...clock }, zone);
  const next = (days: readonly number[]): number =>
    Math.min(...days.map((day) => at(dateOf(day))).filter((moment) => moment > now - JUST_GONE));
  if (date !== null) return ofDate(date, now, today, at);
  if (weekday !== null)
    return next(
      [0, 1, 2, 3, 4, 5, 6, 7]
        .map((days) => today + days)
        .filter((day) => weekdayOf(day) === weekday),
    );
  if (ahead !== null) return ahead === 0 && told.clock === null ? null : at(dateOf(today + ahead));
  return told.clock === null ? null : next([today - 1, today, today + 1]);
}

/** Without a year it is the one that brings the date nearest to now: what was told long ago stays in the past. */
function ofDate(
  { year, month, day }: NonNullable<Told['date']>,
  now: number,
  today: number,
  at: (date: CivilDate) => number,
): number | null {
  const thisYear = dateOf(today).year;
  const years = year === null ? [thisYear - 1, thisYear, thisYear + 1] : [year];
  const moments = years
    .map((of) => ({ year: of, month, day }))
    .filter(isDate)
    .map(at);
  return moments.toSorted((one, other) => Math.abs(one - now) - Math.abs(other - now))[0] ?? null;
}
