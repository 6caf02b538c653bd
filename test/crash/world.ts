import type { Home } from './home.ts';
import type { Violation } from './invariants.ts';
import type { Scenario } from './scenarios.ts';

/** What there is besides the state folder, and what a kill must not do to it. */
export interface World {
  install(home: Home): void;
  /** False = something is still on its way that the end of all tasks has set going. */
  isSettled(home: Home): boolean;
  /** Looks when all tasks have ended. */
  check(home: Home, scenarios: readonly Scenario[]): Violation[];
  /** Looks again when they are removed. */
  left(home: Home): Violation[];
}
