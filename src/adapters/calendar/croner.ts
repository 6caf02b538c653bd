import { Cron } from 'croner';
import { namedZone } from '../../domain/civil.ts';
import { TendError } from '../../domain/errors.ts';
import { momentAfter } from '../../domain/wall-times.ts';
import type { Calendar } from '../../ports/calendar.ts';
import { properZone, unknownZone } from './time-zones.ts';

const FIELDS = [
  ['minute', '0-59'],
  ['hour', '0-23'],
  ['day of the month', '1-31, or L for the last one'],
  ['month', '1-12 or JAN-DEC'],
  ['day of the week', '0-7 (0 and 7 are Sunday) or SUN-SAT'],
] as const;

const NICKNAMES = ['@hourly', '@daily', '@weekly', '@monthly', '@yearly', '@midnight', '@annually'];

const EXAMPLE =
  'Write minute, hour, day of the month, month, day of the week, such as "0 9 * * 1-5".';

/** Parsed by croner for a clock at Greenwich: what a time zone makes of its times is ours to say (`momentAfter`). */
const parsed = (cron: string): Cron =>
  // Elsewhere `?` means the moment of its reading, or nothing special: here it is a star.
  new Cron(cron.trim().replaceAll('?', '*'), { mode: '5-part', utcOffset: 0, paused: true });

/** The latest one: a schedule asks for many firings in a row. */
let latest: { cron: string; expression: Cron } | null = null;

function expressionOf(cron: string): Cron {
  if (latest?.cron === cron) return latest.expression;
  try {
    latest = { cron, expression: parsed(cron) };
  } catch (error) {
    throw explained(cron, error);
  }
  return latest.expression;
}

/** Whether it fires whatever the hour is, and so in both of an hour that clocks show twice. */
const isOfEveryHour = (cron: string): boolean =>
  /^@hourly$/i.test(cron.trim()) || /^[*?]/.test(cron.trim().split(/\s+/)[1] ?? '');

export const cronerCalendar: Calendar = {
  next(cron, timeZone, after) {
    const expression = expressionOf(cron);
    const zone = namedZone(timeZone);
    if (zone === null) throw unknownZone(timeZone);
    const walls = (wall: number) => expression.nextRun(new Date(wall))?.getTime() ?? null;
    return momentAfter(walls, zone, isOfEveryHour(cron), after);
  },
  check(cron, timeZone) {
    expressionOf(cron);
    return properZone(timeZone);
  },
};

/** Names the word of the expression that is wrong, and what may stand there. */
function explained(cron: string, cause: unknown): TendError {
  const told = (message: string, hint: string): TendError =>
    new TendError(
      'invalid_input',
      `the cron expression ${JSON.stringify(cron)} ${message}`,
      hint,
      cause,
    );
  const words = cron.trim().split(/\s+/).filter(Boolean);
  if (cron.trim().startsWith('@'))
    return told('is no name that is known', `The names are: ${NICKNAMES.join(', ')}`);
  if (words.length === 6)
    return told(
      'has 6 fields',
      `There is none for seconds: use an interval (every 10s). ${EXAMPLE}`,
    );
  if (words.length !== FIELDS.length)
    return told(`has ${words.length} field${words.length === 1 ? '' : 's'} instead of 5`, EXAMPLE);
  const wrong = words.findIndex((word, index) => !isField(word, index));
  const [name, range] = FIELDS[wrong] ?? ['expression', ''];
  const word = words[wrong] ?? cron;
  const step = /^(\d+)\/(\d+)$/.exec(word);
  const hint = step === null ? EXAMPLE : `A step needs a range or a star: */${step[2]}`;
  return told(`has a wrong ${name}: ${JSON.stringify(word)} is not within ${range}`, hint);
}

function isField(word: string, index: number): boolean {
  try {
    parsed(FIELDS.map((_, at) => (at === index ? word : '*')).join(' '));
    return true;
  } catch {
    return false;
  }
}
