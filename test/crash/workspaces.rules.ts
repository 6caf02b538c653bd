import { afterAll, describe, expect, test } from 'vitest';
import { killedAtInstants } from './instants.rules.ts';
import type { Matrix } from './matrix.ts';
import type { Receiver } from './receiver.ts';
import { type Cast, sweep, type Where } from './sweep.ts';
import { WORKSPACE_SCENARIOS } from './workspace-scenarios.ts';
import { WorkspaceWorld } from './workspace-world.ts';

/** A level is dozens of daemons (ms). */
const LONG = 1_200_000;

/** What is called for work trees alone, or differently for them. */
const CALLS = [
  'workspaces.survey',
  'workspaces.prepare',
  'workspaces.save',
  'workspaces.release',
  'workspaces.withPathsOf',
  'merging.tip',
  'merging.merge',
  'merging.land',
  'trash.put',
  'store.amend',
  'store.submit',
  'store.putMerge',
];

/** A home takes seconds: each nth point, and all of them when there is time (`CRASH_EACH=1`). */
const EACH = Number(process.env['CRASH_EACH'] ?? 16);

const POINTS: Readonly<Record<string, Where>> = {
  'nth call for a work tree, before it': {
    level: 'port',
    when: 'before',
    labels: CALLS,
    each: EACH,
  },
  'nth call for a work tree, after it': { level: 'port', when: 'after', labels: CALLS, each: EACH },
  'nth git process, before it': { level: 'git', when: 'before', each: EACH },
  'nth git process, while it goes on alone': { level: 'git', when: 'after', each: EACH },
};

/** Work in trees of its own, killed around everything that is done with git. */
export function workspaceRules(receiver: () => Receiver, matrix: Matrix, rounds: number): void {
  const world = new WorkspaceWorld();
  const cast: Cast = {
    scenarios: WORKSPACE_SCENARIOS,
    unkilled: new Map(),
    world,
    note: ', with work trees',
  };
  afterAll(() => world.remove());

  describe('a daemon with work trees killed at every', () => {
    test.each(Object.entries(POINTS))(
      '%s',
      async (_, where) => {
        expect(await sweep(where, receiver(), matrix, cast)).toEqual([]);
      },
      LONG,
    );
  });

  test(
    'a daemon with work trees killed at random instants',
    async () => {
      expect(await killedAtInstants(receiver(), matrix, rounds, cast)).toEqual([]);
    },
    LONG,
  );
}
