/** Randomness, so that tests can fix it. */
export interface Chance {
  /** In [0, 1). */
  next(): number;
  bytes(count: number): Uint8Array;
}
