import { UTC } from './civil.ts';

/** A moment (epoch ms) to the minute, for people in whatever place: `2026-11-26 14:05 UTC`. */
export function stamp(moment: number): string {
  const { year, month, day, hour, minute } = UTC(moment);
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)} UTC`;
}

const two = (number: number): string => String(number).padStart(2, '0');
