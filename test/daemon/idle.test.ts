import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { exitWhenIdle } from '../../src/daemon/idle.ts';
import type { LiveSettings } from '../../src/daemon/settings.ts';
import type { Engine } from '../../src/engine/facade.ts';

const MINUTE = 60_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What the daemon looks at, and how often it ended. */
function watched(idleExit: number | null) {
  const seen = {
    running: 0,
    merges: 0,
    nextFiring: null as number | null,
    awaited: false,
    ends: 0,
  };
  const engine = {
    counts: async () => ({
      byState: { running: seen.running, failed: 3 },
      undelivered: 0,
      dead: 0,
    }),
    merges: { open: async () => seen.merges },
    schedules: { nextFiring: async () => seen.nextFiring },
    notices: { awaited: async () => seen.awaited },
  } as unknown as Engine;
  const settings = { config: { daemon: { idleExit } } } as unknown as LiveSettings;
  const watch = exitWhenIdle(engine, settings, () => void (seen.ends += 1));
  return { seen, watch };
}

test.each([
  ['a task is open', { running: 1 }],
  ['a merge is under way', { merges: 1 }],
  ['a schedule is to fire', { nextFiring: 5 }],
  ['somebody is yet to be told', { awaited: true }],
])('while %s the daemon stays; a while after that it ends', async (_, busy) => {
  const { seen, watch } = watched(2 * MINUTE);
  Object.assign(seen, busy);
  await vi.advanceTimersByTimeAsync(60 * MINUTE);
  expect(seen.ends).toBe(0);
  Object.assign(seen, { running: 0, merges: 0, nextFiring: null, awaited: false });
  await vi.advanceTimersByTimeAsync(1.5 * MINUTE);
  expect(seen.ends).toBe(0);
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(seen.ends).toBeGreaterThan(0);
  watch.close();
});

test('"off" never ends it', async () => {
  const { seen, watch } = watched(null);
  await vi.advanceTimersByTimeAsync(60 * MINUTE);
  expect(seen.ends).toBe(0);
  watch.close();
});
