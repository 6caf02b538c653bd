/** A sample of the crash sweep, small enough for every run of the tests; `npm run test:crash` runs all of it. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { AGENT_SCENARIOS } from './agent-scenarios.ts';
import { bugRules } from './bugs.rules.ts';
import { FAMILY_SCENARIOS } from './family-scenarios.ts';
import type { Unkilled } from './invariants.ts';
import { forgetCompiled } from './life.ts';
import { Matrix } from './matrix.ts';
import type { Plan } from './points.ts';
import { openReceiver, type Receiver } from './receiver.ts';
import { complaints, run, unkilledRun } from './run.ts';
import { type Scenario, SCENARIOS } from './scenarios.ts';
import { WORKSPACE_SCENARIOS } from './workspace-scenarios.ts';
import { WorkspaceWorld } from './workspace-world.ts';
import type { World } from './world.ts';

const matrix = new Matrix();
let open: Receiver;
const receiver = (): Receiver => open;

beforeAll(async () => {
  open = await openReceiver();
});

/** A home with work trees takes seconds of both cores, and half a minute of a busy machine. */
vi.setConfig({ testTimeout: 90_000 });

afterAll(async () => {
  await open.close();
  forgetCompiled();
});

/** One kill for each arrow of a task's life. */
const SAMPLE: readonly Plan[] = [
  { level: 'port', label: 'store.submit', at: 3, when: 'after' },
  { level: 'port', label: 'supervisor.launch', at: 3, when: 'before' },
  { level: 'port', label: 'supervisor.launch', at: 5, when: 'after' },
  { level: 'port', label: 'supervisor.signal', at: 1, when: 'before' },
  { level: 'sql', label: 'COMMIT', at: 20, when: 'before' },
  { level: 'port', label: 'notifier.push', at: 2, when: 'after' },
  { level: 'port', label: 'store.ack', at: 1, when: 'after' },
];

/** And one for each thing that is stored of an agent. */
const AGENT_SAMPLE: readonly Plan[] = [
  { level: 'port', label: 'supervisor.launch', at: 2, when: 'after' },
  { level: 'port', label: 'output.mark', at: 2, when: 'before' },
  { level: 'port', label: 'store.amend', at: 1, when: 'after' },
  { level: 'sql', label: 'INSERT hold', at: 2, when: 'before' },
  { level: 'sql', label: 'DELETE hold', at: 1, when: 'before' },
  { level: 'port', label: 'store.dropHolds', at: 1, when: 'after' },
];

/** And one for each thing that is done with git. */
const WORKSPACE_SAMPLE: readonly Plan[] = [
  { level: 'git', label: 'git worktree add', at: 2, when: 'after' },
  { level: 'git', label: 'git update-ref', at: 3, when: 'before' },
  { level: 'port', label: 'workspaces.save', at: 2, when: 'after' },
  { level: 'port', label: 'merging.land', at: 1, when: 'before' },
];

async function survives(
  plans: readonly Plan[],
  scenarios: readonly Scenario[],
  unkilled: Unkilled,
  world?: World,
): Promise<void> {
  const results = await Promise.all(
    plans.map(async (plan) => {
      const orders = () => ({ plan });
      const result = await run({ scenarios, unkilled, receiver: receiver(), orders, world });
      return [`${plan.when} ${plan.label}`, result] as const;
    }),
  );
  expect(results.flatMap(([where, result]) => complaints(where, result))).toEqual([]);
  expect(results.map(([, { kills }]) => kills)).toEqual(plans.map(() => 1));
}

describe('a daemon killed', () => {
  test('at some points', () => survives(SAMPLE, [...SCENARIOS, ...FAMILY_SCENARIOS], new Map()));

  test('at some points, with agents', async () =>
    survives(AGENT_SAMPLE, AGENT_SCENARIOS, await unkilledRun(AGENT_SCENARIOS, receiver())));

  test('at some points, with work trees', async () => {
    const world = new WorkspaceWorld();
    try {
      await survives(WORKSPACE_SAMPLE, WORKSPACE_SCENARIOS, new Map(), world);
    } finally {
      world.remove();
    }
  });
});

bugRules(receiver, matrix, ['launchesTwice', 'forgetsTheRecord', 'deletesOutputs', 'holdsTooLate']);
