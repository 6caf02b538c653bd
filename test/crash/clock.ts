import { readFileSync } from 'node:fs';
import type { AttemptEvidence } from '../../src/domain/evidence.ts';
import type { Live } from '../../src/domain/lifecycle.ts';
import type { TaskIn } from '../../src/domain/task.ts';
import type { Ports } from '../../src/engine/context.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Supervisor } from '../../src/ports/supervisor.ts';
import { intercept } from './points.ts';

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

/** The times of attempts that were claimed by the wrong clock, told by it, too: as files would have them after a real jump ahead. */
export function wrongTimes<K extends keyof Ports>(file: string, name: K, port: Ports[K]): Ports[K] {
  if (name !== 'supervisor') return port;
  const supervisor = port as Supervisor;
  const skewOf = ({ attempt }: TaskIn<Live>): number => {
    const skew = Number(readFileSync(file, 'utf8'));
    return attempt.claimedAt - Date.now() > skew / 2 ? skew : 0;
  };
  const wrong: Pick<Supervisor, 'inspect' | 'vitals'> = {
    inspect: async (task) => moved(await supervisor.inspect(task), skewOf(task)),
    vitals: async (task) => {
      const vitals = await supervisor.vitals(task);
      return { ...vitals, lastActivityAt: vitals.lastActivityAt + skewOf(task) };
    },
  };
  return intercept(supervisor, (verb, call, args) =>
    verb === 'inspect' || verb === 'vitals' ? wrong[verb](args[0] as TaskIn<Live>) : call(),
  ) as Ports[K];
}

function moved(evidence: AttemptEvidence, by: number): AttemptEvidence {
  switch (evidence.kind) {
    case 'alive':
      return { ...evidence, startedAt: evidence.startedAt + by };
    case 'exited':
    case 'gone':
      return {
        ...evidence,
        startedAt: evidence.startedAt === null ? null : evidence.startedAt + by,
        at: evidence.at + by,
      };
    default:
      return evidence;
  }
}
