const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of `90s`, `1h30m`, `250ms`, or of a number of seconds; null when it is no duration. */
export function duration(given: string | number): number | null {
  const text = String(given).trim();
  if (/^\d+(\.\d+)?$/.test(text)) return Math.round(Number(text) * UNITS.s);
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return null;
  let total = 0;
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g))
    total += Number(count) * UNITS[unit as keyof typeof UNITS];
  return Math.round(total);
}

/** The shortest way to write so many milliseconds: `10m`, `90s`, `1500ms`. */
export function written(ms: number): string {
  const units = Object.entries(UNITS).toReversed();
  const [name, unit] = units.find(([, size]) => ms % size === 0 && ms >= size) ?? ['ms', UNITS.ms];
  return `${ms / unit}${name}`;
}
