import type { Clock } from '../../ports/clock.ts';

/** The machine's clocks. The monotonic one is CLOCK_MONOTONIC, which stands still during a suspension. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};
