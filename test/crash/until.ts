import { setTimeout as pause } from 'node:timers/promises';

const CAP = 30_000;

/** Looks until `holds`; throws after the cap (ms), naming what was waited for. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  cap = CAP,
): Promise<void> {
  const deadline = performance.now() + cap;
  while (!(await holds())) {
    if (performance.now() >= deadline) throw new Error(`waited ${cap} ms in vain until ${what}`);
    await pause(10);
  }
}
