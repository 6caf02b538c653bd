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
export function quietUntil({ from, to }: QuietHours, zone: Zone, now: number): number | null {
  const today = dayNumber(zone(now));
  const at = (day: number, minutes: number): number => momentOf(clockAt(day, minutes), zone);
  const ends = [today - 1, today]
    .filter((day) => at(day, from) <= now)
    .map((day) => at(to < from ? day + 1 : day, to))
    .filter((end) => end > now);
  return ends.length === 0 ? null : Math.max(...ends);
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
