import { describe, expect, test } from 'vitest';
import type { Kind } from './invariants.ts';
import type { Matrix } from './matrix.ts';
import type { Plan } from './points.ts';
import type { Receiver } from './receiver.ts';
import { run } from './run.ts';
import { scenarios } from './scenarios.ts';

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
];

/** Shows that the sweep can fail: each seeded bug is found, and named as what it is. */
export function bugRules(
  receiver: () => Receiver,
  matrix: Matrix,
  only: readonly string[] = SEEDED.map(({ bug }) => bug),
): void {
  describe('a seeded bug is seen', () => {
    test.each(SEEDED.filter(({ bug }) => only.includes(bug)))('$bug', async (seeded) => {
      const { bug, kinds, scenario, plan } = seeded;
      const { violations } = await run({
        scenarios: scenarios(scenario),
        receiver: receiver(),
        orders: () => ({ bug, ...(plan !== undefined && { plan }) }),
        later: () => ({ bug }),
        patience: 4_000,
      });
      const found = [...new Set(violations.map(({ kind }) => kind))];
      expect(found.toSorted(), JSON.stringify(violations)).toEqual(kinds.toSorted());
      matrix.noted('Seeded bugs', inWords(bug), `seen as ${kinds.join(', ')}`);
    });
  });
}

const inWords = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
