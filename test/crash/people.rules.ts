import { describe, expect, test } from 'vitest';
import { killedAtInstants } from './instants.rules.ts';
import type { Unkilled } from './invariants.ts';
import type { Matrix } from './matrix.ts';
import { PEOPLE_SCENARIOS } from './people-scenarios.ts';
import { PEOPLE_WORLD } from './people-world.ts';
import type { Receiver } from './receiver.ts';
import { unkilledRun } from './run.ts';
import { type Cast, sweep, type Where } from './sweep.ts';

/** A level is dozens of daemons (ms). */
const LONG = 1_200_000;

/** What makes durable what people and workers say; and what of it is looked at. */
const CHANGES = ['store.submit', 'store.commit', 'store.amend', 'supervisor.launch'];
const LOOKS = ['store.open', 'store.due', 'store.endedAttempts', 'store.get'];

/** Every fourth point, and all of them when there is time (`CRASH_EACH=1`). */
const EACH = Number(process.env['CRASH_EACH'] ?? 4);

const POINTS: Readonly<Record<string, Where>> = {
  'change, before it': { level: 'port', when: 'before', labels: CHANGES, each: EACH },
  'change, after it': { level: 'port', when: 'after', labels: CHANGES, each: EACH },
  'tenth look, before it': { level: 'port', when: 'before', labels: LOOKS, each: 5 * EACH },
  'store of a delivery, within it': {
    level: 'sql',
    when: 'before',
    labels: ['INSERT delivery', 'UPDATE delivery'],
    each: EACH,
  },
};

/** Questions, answers and what workers tell of themselves, killed around everything that keeps them. */
export function peopleRules(receiver: () => Receiver, matrix: Matrix, rounds: number): void {
  let known: Promise<Unkilled> | undefined;
  const cast = async (): Promise<Cast> => ({
    scenarios: PEOPLE_SCENARIOS,
    unkilled: await (known ??= unkilledRun(PEOPLE_SCENARIOS, receiver())),
    world: PEOPLE_WORLD,
    note: ', with questions',
  });

  describe('a daemon with questions killed at every', () => {
    test.each(Object.entries(POINTS))(
      '%s',
      async (_, where) => {
        expect(await sweep(where, receiver(), matrix, await cast())).toEqual([]);
      },
      LONG,
    );
  });

  test(
    'a daemon with questions killed at random instants',
    async () => {
      expect(await killedAtInstants(receiver(), matrix, rounds, await cast())).toEqual([]);
    },
    LONG,
  );
}
