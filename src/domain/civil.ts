/** A moment as the calendar and the clock of a place show it. */
export interface Civil {
  year: number;
  /** From 1. */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

export type CivilDate = Pick<Civil, 'year' | 'month' | 'day'>;

/** What the calendar and the clock of a place show at a moment (epoch ms). */
export type Zone = (moment: number) => Civil;

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const DAYS_OF_ERA = 146_097;
/** Days from 1 March 0000, where the eras of the count begin, to 1 January 1970. */
const DAYS_TO_EPOCH = 719_468;

/** Days since 1 January 1970. The year is counted from March, so that the leap day is its last one. */
export function dayNumber({ year, month, day }: CivilDate): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const ofEra = shifted - era * 400;
  const ofYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const days = ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear;
  return era * DAYS_OF_ERA + days - DAYS_TO_EPOCH;
}

/** The date of a day number; the inverse of `dayNumber`. */
export function dateOf(number: number): CivilDate {
  const shifted = number + DAYS_TO_EPOCH;
  const era = Math.floor(shifted / DAYS_OF_ERA);
  const ofEra = shifted - era * DAYS_OF_ERA;
  const year = Math.floor(
    (ofEra -
      Math.floor(ofEra / 1_460) +
      Math.floor(ofEra / 36_524) -
      Math.floor(ofEra / (DAYS_OF_ERA - 1))) /
      365,
  );
  const ofYear = ofEra - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const shiftedMonth = Math.floor((5 * ofYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: year + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: ofYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}

/** The day of the week of a day number; 0 = Sunday. */
export const weekdayOf = (number: number): number => (((number + 4) % 7) + 7) % 7;

/** Whether the calendar has that date. */
export function isDate(date: CivilDate): boolean {
  const { year, month, day } = dateOf(dayNumber(date));
  return year === date.year && month === date.month && day === date.day;
}

/** The moment at which a clock at Greenwich shows it. */
export const utcOf = (civil: Civil): number =>
  dayNumber(civil) * DAY + civil.hour * HOUR + civil.minute * MINUTE + civil.second * SECOND;

/** A zone whose clocks are `offset` ms ahead of Greenwich. */
export const fixedZone =
  (offset: number): Zone =>
  (moment) => {
    const shown = moment + offset;
    const number = Math.floor(shown / DAY);
    const ofDay = shown - number * DAY;
    return {
      ...dateOf(number),
      hour: Math.floor(ofDay / HOUR),
      minute: Math.floor(ofDay / MINUTE) % 60,
      second: Math.floor(ofDay / SECOND) % 60,
    };
  };

export const UTC = fixedZone(0);

/** The zone that was asked for last: nearly always the machine's own, and making one takes longer than all else here. */
let latest: { name: string; zone: Zone | null } | null = null;

/** The zone with an IANA name such as `Europe/Berlin`; null = there is none. */
export function namedZone(name: string): Zone | null {
  if (latest?.name !== name) latest = { name, zone: madeZone(name) };
  return latest.zone;
}

function madeZone(name: string): Zone | null {
  const format = formatOf(name);
  if (format === null) return null;
  return (moment) => {
    const civil: Civil = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
    for (const { type, value } of format.formatToParts(moment))
      if (Object.hasOwn(civil, type)) civil[type as keyof Civil] = Number(value);
    return civil;
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return null;
  }
}

/**
 * The moment at which the clocks of `zone` show it. An hour that they show twice counts as the second one; one
 * that they skip, as if they had not been put forward yet: a moment told is never taken for too early a one.
 */
export function momentOf(civil: Civil, zone: Zone): number {
  const shown = utcOf(civil);
  // Clocks are less than a day off Greenwich, so one of these offsets is the one that holds at the moment meant.
  const taken = (near: number): number => shown - (utcOf(zone(near)) - near);
  const candidates = [taken(shown - DAY), taken(shown + DAY)];
  const real = candidates.filter((moment) => utcOf(zone(moment)) === shown);
  return Math.max(...(real.length === 0 ? candidates : real));
}
