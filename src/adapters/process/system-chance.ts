import { randomBytes } from 'node:crypto';
import type { Chance } from '../../ports/chance.ts';

/** The machine's randomness. */
export const systemChance: Chance = {
  next: () => Math.random(),
  bytes: (count) => randomBytes(count),
};
