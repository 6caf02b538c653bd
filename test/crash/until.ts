import { setTimeout as pause } from 'node:timers/promises';

const CAP = 30_000;

export interface Waiting {
  /** Ms. */
  cap?: number;
  signal?: AbortSignal;
}

/** Looks until `holds`; throws after the cap (ms), naming what was waited for, and when `signal` aborts. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  { cap = CAP, signal }: Waiting = {},
): Promise<void> {
  const deadline = performance.now() + cap;
  while (!(await holds())) {
    if (performance.now() >= deadline) throw new Error(`waited ${cap} ms in vain until ${what}`);
    await pause(10, null, signal === undefined ? {} : { signal });
  }
}
