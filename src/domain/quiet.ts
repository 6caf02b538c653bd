import { type Civil, dateOf, dayNumber, momentOf, type Zone } from './civil.ts';
import type { ResumePolicy } from './holds.ts';

/** Hours of each day, by the clock on the wall: minutes since midnight. An end before the start is on the next day. */
export interface QuietHours {
  from: number;
  to: number;
}

const SPAN = /^([01]?\d|2[0-3]):([0-5]\d)\s*-\s*([01]?\d|2[0-3]):([0-5]\d)$/;

/** The hours that `22:00-07:00` means; null = it is no such span, or an empty one. */
export function quietHours(written: string): QuietHours | null {
  const [, ...parts] = SPAN.exec(written.trim()) ?? [];
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = parts.map(Number);
  const from = fromHour * 60 + fromMinute;
  const to = toHour * 60 + toMinute;
  return from === to ? null : { from, to };
}

/** When the quiet hours that are now end (epoch ms); null = these are none. */
export function quietUntil(hours: QuietHours, zone: Zone, now: number): number | null {
  const ends = begun(hours, zone, now).filter((end) => end > now);
  return ends.length === 0 ? null : Math.max(...ends);
}

/** When the latest quiet hours that are over ended (epoch ms). */
export const quietEnded = (hours: QuietHours, zone: Zone, now: number): number =>
  Math.max(...begun(hours, zone, now).filter((end) => end <= now));

/** The ends of the latest quiet hours that have begun: of the last three days, one of which is over for sure. */
function begun({ from, to }: QuietHours, zone: Zone, now: number): number[] {
  const today = dayNumber(zone(now));
  const at = (day: number, minutes: number): number => momentOf(clockAt(day, minutes), zone);
  return [today - 2, today - 1, today]
    .filter((day) => at(day, from) <= now)
    .map((day) => at(to < from ? day + 1 : day, to));
}

/** The first moment after `now` at which a clock of the zone shows `minutes` since midnight. */
export function nextAt(minutes: number, zone: Zone, now: number): number {
  const today = dayNumber(zone(now));
  const moments = [today, today + 1, today + 2].map((day) => momentOf(clockAt(day, minutes), zone));
  return Math.min(...moments.filter((moment) => moment > now));
}

const CLOCK = /^([01]?\d|2[0-3]):([0-5]\d)$/;

/** Minutes since midnight of `09:00`; null = it is no time of day. */
export function timeOfDay(written: string): number | null {
  const [, hour, minute] = CLOCK.exec(written.trim()) ?? [];
  return hour === undefined ? null : Number(hour) * 60 + Number(minute);
}

const clockAt = (day: number, minutes: number): Civil => ({
  ...dateOf(day),
  hour: Math.floor(minutes / 60),
  minute: minutes % 60,
  second: 0,
});

/** What holds now for tasks that a limit put back; `quiet` null = no quiet hours. */
export const resumePolicy = (
  { automatic, quiet }: { automatic: boolean; quiet: QuietHours | null },
  zone: Zone,
  now: number,
): ResumePolicy => ({
  automatic,
  quietUntil: quiet === null ? null : quietUntil(quiet, zone, now),
});
