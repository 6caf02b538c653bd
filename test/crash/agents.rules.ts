import { describe, expect, test } from 'vitest';
import { AGENT_SCENARIOS, BEREAVED, hasBegun } from './agent-scenarios.ts';
import { wrapperOf } from './claim.ts';
import { killedAtInstants } from './instants.rules.ts';
import type { Unkilled } from './invariants.ts';
import type { Matrix } from './matrix.ts';
import type { Receiver } from './receiver.ts';
import { complaints, run, unkilledRun } from './run.ts';
import { sweep, type Where } from './sweep.ts';

/** A level is dozens of daemons (ms). */
const LONG = 1_200_000;

/** What changes something that agents depend on. */
const CHANGES = [
  'store.submit',
  'store.commit',
  'store.amend',
  'store.setHold',
  'store.dropHolds',
  'supervisor.launch',
  'supervisor.signal',
  'supervisor.endSurvivors',
  'output.mark',
];
/** What is looked at for agents alone, or differently for them. */
const LOOKS = [
  'store.holds',
  'environments.get',
  'agents.gitFolders',
  'agents.locate',
  'agents.read',
  'output.tail',
  'output.marks',
  'output.onGrowth',
  'output.watch',
];

/**
 * Where daemons with agents are killed. What else they do they do for commands, too, and are killed there. A kill
 * after a look is one before the next call, and a kill before it is often one before the look that follows.
 */
const POINTS: Readonly<Record<string, Where>> = {
  'call that changes something, before it': { level: 'port', when: 'before', labels: CHANGES },
  'call that changes something, after it': { level: 'port', when: 'after', labels: CHANGES },
  'third look, before it': { level: 'port', when: 'before', labels: LOOKS, each: 3 },
  'change of a hold, within it': {
    level: 'sql',
    when: 'before',
    labels: ['INSERT hold', 'DELETE hold'],
  },
};

/** The same scenarios over and over, and each time the agents must have done and told the same. */
export function agentRules(receiver: () => Receiver, matrix: Matrix, rounds: number): void {
  let known: Promise<Unkilled> | undefined;
  const cast = async () => ({
    scenarios: AGENT_SCENARIOS,
    unkilled: await (known ??= unkilledRun(AGENT_SCENARIOS, receiver())),
    note: ', with agents',
  });

  describe('a daemon with agents killed at every', () => {
    test.each(Object.entries(POINTS))(
      '%s',
      async (_, where) => {
        expect(await sweep(where, receiver(), matrix, await cast())).toEqual([]);
      },
      LONG,
    );
  });

  test(
    'a daemon with agents killed at random instants',
    async () => {
      expect(await killedAtInstants(receiver(), matrix, rounds, await cast())).toEqual([]);
    },
    LONG,
  );

  test('a killed wrapper of an agent', async () => {
    const result = await run({
      scenarios: [BEREAVED],
      receiver: receiver(),
      disturb: async (_, home) => {
        await hasBegun(home, BEREAVED);
        const wrapper = wrapperOf(home, BEREAVED.request.id ?? '');
        if (wrapper !== null) process.kill(wrapper, 'SIGKILL');
      },
    });
    expect(complaints('wrapper', result)).toEqual([]);
    matrix.noted('Faults', 'the wrapper of an agent is killed', 'its session goes on');
  });
}
