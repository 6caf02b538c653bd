import { readFileSync } from 'node:fs';
import type { Ports } from '../../src/engine/context.ts';
import type { Clock } from '../../src/ports/clock.ts';

/** A wall clock that is wrong by the ms that stand in `file` now. */
export function wrongClock<K extends keyof Ports>(file: string, name: K, port: Ports[K]): Ports[K] {
  if (name !== 'clock') return port;
  const clock = port as Clock;
  const wrong: Clock = {
    now: () => clock.now() + Number(readFileSync(file, 'utf8')),
    monotonic: () => clock.monotonic(),
  };
  return wrong as Ports[K];
}
