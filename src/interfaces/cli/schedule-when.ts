/** From the options of `tend schedule add` to when it fires. */
import { dateOf, dayNumber, isDate, momentOf, namedZone, type Zone } from '../../domain/civil.ts';
import { usage } from './failure.ts';

export interface WhenOptions {
  cron?: string;
  tz?: string;
  /** Milliseconds. */
  every?: number;
  at?: string;
}

/** The zone of this process, which TZ may have set. */
export const ownZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** As the daemon is told; `now` in epoch ms. */
export function whenOf({ cron, tz, every, at }: WhenOptions, now: number) {
  const given = [cron, every, at].filter((one) => one !== undefined);
  if (given.length !== 1)
    throw usage(
      given.length === 0 ? 'there is no time to start at' : 'there is more than one time given',
      'Give one of --cron "0 9 * * 1-5", --every 10m and --at "2030-01-31 09:00".',
    );
  if (cron !== undefined) return { cron, timeZone: tz ?? ownZone() };
  if (at !== undefined) return { at: new Date(momentIn(at, tz, now)).toISOString() };
  if (tz !== undefined) throw usage('--tz is for --cron and --at', 'Leave it out with --every.');
  return { every: `${every}ms` };
}

const LOCAL = /^(?:(\d{4})-(\d{2})-(\d{2})[T ])?(\d{1,2}):(\d{2})(?::(\d{2}))?$/;

/** The moment that is meant: with an offset of its own, or by the clocks of `tz`. */
function momentIn(at: string, tz: string | undefined, now: number): number {
  const wrong = usage(
    `--at ${JSON.stringify(at)} is no time`,
    'Write it as in "2030-01-31 09:00", 09:00, or 2030-01-31T09:00:00Z.',
  );
  const parts = LOCAL.exec(at.trim());
  if (parts === null) {
    const moment = /^\d{4}-\d{2}-\d{2}T.*(?:Z|[+-]\d{2}:?\d{2})$/i.test(at) ? Date.parse(at) : NaN;
    if (Number.isNaN(moment)) throw wrong;
    return moment;
  }
  const zone = namedZone(tz ?? ownZone());
  if (zone === null)
    throw usage(
      `there is no time zone ${JSON.stringify(tz)}`,
      'Write it as in Europe/Berlin, America/New_York or UTC.',
    );
  const [year, month, day, hour = 0, minute = 0, second = 0] = parts
    .slice(1)
    .map((part: string | undefined) => (part === undefined ? undefined : Number(part)));
  if (hour > 23 || minute > 59 || second > 59) throw wrong;
  if (year === undefined || month === undefined || day === undefined)
    return nextTime({ hour, minute, second }, zone, now);
  if (!isDate({ year, month, day })) throw wrong;
  return momentOf({ year, month, day, hour, minute, second }, zone);
}

/** That time of today, or of tomorrow when it has passed. */
function nextTime(
  time: { hour: number; minute: number; second: number },
  zone: Zone,
  now: number,
): number {
  const today = dayNumber(zone(now));
  const moments = [today, today + 1].map((day) => momentOf({ ...dateOf(day), ...time }, zone));
  return moments.find((moment) => moment > now) ?? now;
}
