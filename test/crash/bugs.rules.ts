import { describe, expect, test } from 'vitest';
import type { Kind } from './invariants.ts';
import type { Matrix } from './matrix.ts';
import type { Plan } from './points.ts';
import type { Receiver } from './receiver.ts';
import { AGENT_SCENARIOS } from './agent-scenarios.ts';
import { FAMILY_SCENARIOS } from './family-scenarios.ts';
import { run, unkilledRun } from './run.ts';
import { SCENARIOS } from './scenarios.ts';

interface Seeded {
  bug: string;
  /** What the checker must say, and nothing else. */
  kinds: readonly Kind[];
  scenario: string;
  /** Where the daemon dies, for bugs that only a restart shows. */
  plan?: Plan;
}

const ATTEMPTS = 'fails, then succeeds on retry';

const SEEDED: readonly Seeded[] = [
  { bug: 'acknowledgesWithoutStoring', scenario: 'succeeds', kinds: ['task_lost'] },
  { bug: 'launchesTwice', scenario: 'succeeds', kinds: ['ran_twice'] },
  { bug: 'forgetsTheRecord', scenario: 'fails', kinds: ['exit_lost'] },
  {
    bug: 'leavesGrandchildren',
    scenario: 'leaves a setsid grandchild',
    kinds: ['process_left'],
  },
  { bug: 'pushesNothing', scenario: 'succeeds', kinds: ['delivery_lost'] },
  { bug: 'showsAnInboxOnce', scenario: 'succeeds', kinds: ['delivery_lost', 'stuck'] },
  { bug: 'pushesUnderNewIds', scenario: 'succeeds', kinds: ['delivery_doubled'] },
  { bug: 'deletesOutputs', scenario: 'fails', kinds: ['work_deleted'] },
  { bug: 'collectsTooEarly', scenario: 'succeeds', kinds: ['work_deleted', 'task_lost'] },
  { bug: 'skipsAttempts', scenario: ATTEMPTS, kinds: ['history_broken'] },
  {
    bug: 'overlooksStops',
    scenario: 'times out',
    kinds: ['stuck', 'process_left'],
    plan: { level: 'port', label: 'supervisor.signal', at: 1, when: 'before' },
  },
  {
    bug: 'forgetsChildren',
    scenario: 'parent with children',
    kinds: ['exit_lost', 'family_broken'],
  },
  { bug: 'launchesTwice', scenario: 'agent: works with tools', kinds: ['ran_twice'] },
  {
    bug: 'readsTwice',
    scenario: 'agent: works with tools',
    kinds: ['events_changed', 'report_changed'],
  },
  {
    bug: 'resumesNothing',
    scenario: 'agent: is refused, then goes on',
    kinds: ['events_changed', 'report_changed', 'prompt_changed'],
  },
  {
    bug: 'choosesSessionsAnew',
    scenario: 'agent: answers and stays',
    kinds: ['session_lost'],
    plan: { level: 'port', label: 'supervisor.launch', at: 1, when: 'after' },
  },
  {
    bug: 'holdsTooLate',
    scenario: 'agent: has no credit',
    kinds: ['hold_wrong'],
    plan: { level: 'sql', label: 'INSERT hold', at: 2, when: 'before' },
  },
];

/** Shows that the sweep can fail: each seeded bug is found, and named as what it is. */
export function bugRules(
  receiver: () => Receiver,
  matrix: Matrix,
  only: readonly string[] = SEEDED.map(({ bug }) => bug),
): void {
  describe('a seeded bug is seen', () => {
    test.each(SEEDED.filter(({ bug }) => only.includes(bug)))('$bug, $scenario', async (seeded) => {
      const { bug, kinds, scenario, plan } = seeded;
      const scenarios = [...SCENARIOS, ...FAMILY_SCENARIOS, ...AGENT_SCENARIOS].filter(
        ({ key, parent }) => key === scenario || parent === scenario,
      );
      const { violations } = await run({
        scenarios,
        unkilled: await unkilledRun(scenarios, receiver()),
        receiver: receiver(),
        orders: () => ({ bug, ...(plan !== undefined && { plan }) }),
        later: () => ({ bug }),
        patience: 4_000,
      });
      const found = [...new Set(violations.map(({ kind }) => kind))];
      expect(found.toSorted(), JSON.stringify(violations)).toEqual(kinds.toSorted());
      const what = `${inWords(bug)} (${scenario})`;
      matrix.noted('Seeded bugs', what, `seen as ${kinds.join(', ')}`);
    });
  });
}

const inWords = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
