const UNITS = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  KiB: 2 ** 10,
  MB: 1e6,
  MiB: 2 ** 20,
  GB: 1e9,
  GiB: 2 ** 30,
  TB: 1e12,
  TiB: 2 ** 40,
} as const;

/** Bytes of `100MB`, `1.5 GB`, `64KiB`, or of a number of bytes; null when it is no size. */
export function bytesOf(given: string | number): number | null {
  const [, count, unit = 'B'] = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)?$/.exec(String(given).trim()) ?? [];
  if (count === undefined || !Object.hasOwn(UNITS, unit)) return null;
  const bytes = Math.round(Number(count) * UNITS[unit as keyof typeof UNITS]);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

const SPOKEN_SIZES = ['TB', 'TiB', 'GB', 'GiB', 'MB', 'MiB', 'KB', 'KiB'] as const;

/** The shortest exact way to write so many bytes. */
export function sizeText(bytes: number): string {
  const unit = SPOKEN_SIZES.find((one) => bytes >= UNITS[one] && bytes % UNITS[one] === 0) ?? 'B';
  return `${bytes / UNITS[unit]}${unit}`;
}

const SPOKEN_TIMES = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** The shortest exact way to write so many milliseconds. */
export function durationText(ms: number): string {
  if (ms === 0) return '0s';
  const [unit, length] = SPOKEN_TIMES.find(([, each]) => ms % each === 0) ?? ['ms', 1];
  return `${ms / length}${unit}`;
}
