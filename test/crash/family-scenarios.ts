import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isTerminal } from '../../src/domain/lifecycle.ts';
import { stateOf } from './database.ts';
import type { Home } from './home.ts';
import { EFFECT, type Scenario } from './scenarios.ts';
import { until } from './until.ts';

/** Goes on when it is let, and after a minute in any case. */
const once = (name: string): string =>
  `timeout 60 sh -c 'until [ -e ../may-${name} ]; do sleep 0.05; done'`;
const allow = (home: Home, name: string): void =>
  writeFileSync(join(home.folder, `may-${name}`), '');

const PARENT = 'parent with children';

/** A parent that has done its work before one of its children has, and that child fails. */
export const FAMILY_SCENARIOS: readonly Scenario[] = [
  {
    key: PARENT,
    pushed: true,
    request: { command: `${EFFECT}; ${once('parent-end')}` },
    expected: { state: 'failed', reason: 'child_failed', runs: 1, codes: [0] },
    // Every child was submitted.
    act: async (_, _id, home) => allow(home, 'parent-end'),
  },
  {
    key: 'child: succeeds early',
    parent: PARENT,
    request: { command: EFFECT },
    expected: { state: 'completed', runs: 1, codes: [0] },
  },
  {
    key: 'child: fails late',
    parent: PARENT,
    request: { command: `${EFFECT}; ${once('child-end')}; exit 4` },
    expected: { state: 'failed', reason: 'exit_code', runs: 1, codes: [4] },
    act: async (client, id, home, waiting) => {
      const { parent } = await client.show({ id });
      const isDone = (): boolean => {
        const state = stateOf(home, parent ?? '');
        return state === 'awaiting_children' || (state !== undefined && isTerminal(state));
      };
      await until(`${parent} has done its work`, isDone, waiting);
      allow(home, 'child-end');
    },
  },
];
