import { isDate, utcOf } from './civil.ts';

/** No recording is older (epoch ms): the first of 2020. */
const OLDEST = 1_577_836_800_000;

/** Where the time of a line stands: ISO, epoch ms, or the first 48 bits of a version 7 UUID. */
const TIMES: readonly (readonly [RegExp, (found: string) => number | null])[] = [
  [/"timestamp" ?: ?"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)Z"/, isoTime],
  [/"timestamp" ?: ?(\d{13})\b/, Number],
  [/"([0-9a-f]{8}-[0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"/i, uuidTime],
  [/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)Z /m, isoTime],
];

/**
 * When the run whose first words these are was recorded (epoch ms), as its lines tell; null = they do not. Words such as
 * "try again at 1:28 AM" mean the day on which they were printed.
 */
export function recordedAt(text: string, now: number): number | null {
  for (const [pattern, timeOf] of TIMES) {
    const [, found] = pattern.exec(text) ?? [];
    const time = found === undefined ? null : timeOf(found);
    if (time !== null && time >= OLDEST && time <= now) return time;
  }
  return null;
}

function uuidTime(head: string): number {
  return Number.parseInt(head.replace('-', ''), 16);
}

/** Of a UTC time whose form is right; null = there is no such day. */
function isoTime(text: string): number | null {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = text
    .split(/[-T:]/)
    .map(Number);
  return isDate({ year, month, day }) ? utcOf({ year, month, day, hour, minute, second }) : null;
}
