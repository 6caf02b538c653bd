import { isTerminal, STATES } from '../domain/lifecycle.ts';
import type { Engine } from '../engine/facade.ts';
import type { LiveSettings } from './settings.ts';

/** Looked at this often (ms) where `daemon.idle_exit` is set. */
const LOOK = 30_000;

/**
 * Calls `shutdown` once no task and no merge has been open for as long as the configuration says, no schedule is to
 * fire and nobody is yet to be told; "off" looks at nothing.
 */
export function exitWhenIdle(
  engine: Engine,
  settings: LiveSettings,
  shutdown: () => void,
): { close(): void } {
  let busyAt = Date.now();
  const look = async (): Promise<void> => {
    const { idleExit } = settings.config.daemon;
    if (idleExit === null) return;
    const { byState } = await engine.counts();
    const isOpen = STATES.some((state) => !isTerminal(state) && (byState[state] ?? 0) > 0);
    const isBusy =
      isOpen ||
      (await engine.merges.open()) > 0 ||
      (await engine.schedules.nextFiring()) !== null ||
      (await engine.notices.awaited());
    if (isBusy) busyAt = Date.now();
    else if (Date.now() - busyAt >= idleExit) shutdown();
  };
  const timer =
    settings.config.daemon.idleExit === null
      ? undefined
      : setInterval(() => void look().catch(() => undefined), LOOK).unref();
  return { close: () => clearInterval(timer) };
}
