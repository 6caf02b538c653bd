/** Chance that the same seed repeats. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number, both ends included. */
  int(least: number, most: number): number;
  pick<T>(values: readonly [T, ...T[]]): T;
  /** One of the values; undefined = there are none. */
  any<T>(values: readonly T[]): T | undefined;
  once(probability: number): boolean;
}

/** Mulberry32: small, fast, and good enough to visit many corners. */
export function random(seed: number): Random {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const any = <T>(values: readonly T[]): T | undefined =>
    values[Math.floor(next() * values.length)];
  return {
    next,
    int: (least, most) => least + Math.floor(next() * (most - least + 1)),
    any,
    pick: (values) => any(values) ?? values[0],
    once: (probability) => next() < probability,
  };
}
