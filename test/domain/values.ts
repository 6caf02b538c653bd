/** Generators of the small values that all others are made of. */
import fc, { type Arbitrary } from 'fast-check';

/** Small enough for collisions of times, which is where the edges are. */
export const moment = fc.integer({ min: 0, max: 200 });
export const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/);
export const orNull = <T>(given: Arbitrary<T>): Arbitrary<T | null> =>
  fc.option(given, { nil: null });
