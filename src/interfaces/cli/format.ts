/** How times, sizes and texts are written for people. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const two = (count: number): string => String(count).padStart(2, '0');

/** Milliseconds in at most two units, rounded down: `40ms`, `12s`, `3m05s`, `2h10m`, `3d4h`. */
export function span(ms: number): string {
  if (ms < SECOND) return `${Math.max(0, Math.floor(ms))}ms`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)}s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}m${two(Math.floor((ms % MINUTE) / SECOND))}s`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)}h${two(Math.floor((ms % HOUR) / MINUTE))}m`;
  return `${Math.floor(ms / DAY)}d${Math.floor((ms % DAY) / HOUR)}h`;
}

/** One unit is enough for how long ago something was: `now`, `12s`, `3m`, `2h`, `5d`. */
export function age(ms: number): string {
  if (ms < SECOND) return 'now';
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)}s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}m`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)}h`;
  return `${Math.floor(ms / DAY)}d`;
}

/** A moment before or after `now`: `3m ago`, `in 12s`, `now`. */
export function relative(at: number, now: number): string {
  const distance = age(Math.abs(now - at));
  if (distance === 'now') return distance;
  return at > now ? `in ${distance}` : `${distance} ago`;
}

/** `512 B`, `1.4 KB`, `20 MB`: thousands, as disks are sold. */
export function bytes(count: number): string {
  if (count < 1_000) return `${count} B`;
  let value = count;
  for (const unit of ['KB', 'MB', 'GB', 'TB']) {
    value /= 1_000;
    if (value < 999.5 || unit === 'TB') return `${value.toFixed(value < 9.95 ? 1 : 0)} ${unit}`;
  }
  return `${count} B`;
}

/** `1 task`, `3 tasks`. */
export const count = (number: number, thing: string): string =>
  `${number} ${thing}${number === 1 ? '' : 's'}`;

/** The clock time, with the date when that is another day than `now`; local time. */
export function clock(at: number, now: number): string {
  const when = new Date(at);
  const time = `${two(when.getHours())}:${two(when.getMinutes())}:${two(when.getSeconds())}`;
  if (when.toDateString() === new Date(now).toDateString()) return time;
  return `${when.getFullYear()}-${two(when.getMonth() + 1)}-${two(when.getDate())} ${time}`;
}

const PLAIN_WORD = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** An argument as a POSIX shell would have to be given it. */
export const quoted = (argument: string): string =>
  PLAIN_WORD.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
