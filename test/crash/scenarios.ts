import type { Client, Submit } from '../../src/interfaces/client/index.ts';
import type { Reason, Terminal } from '../../src/domain/lifecycle.ts';
import type { Played } from './agents.ts';
import { type Home, linesOf } from './home.ts';
import { until, type Waiting } from './until.ts';

/** What a scenario must come to, whenever and however often the daemon dies. */
export interface Expected {
  state: Terminal;
  reason?: Reason;
  /** How often its command runs, over all attempts. */
  runs: number | readonly [least: number, most: number];
  /** Exit code of each attempt that ran to its end, in order. */
  codes?: readonly number[];
}

export interface Scenario {
  key: string;
  request: Omit<Partial<Submit>, 'after'> & { command?: string; argv?: string[] };
  /** What plays the agent; left out = the request is a command. */
  agent?: Played;
  /** Keys of scenarios submitted before. */
  after?: readonly { key: string; when: 'success' | 'failure' | 'always' }[];
  /** Key of the scenario that it is a child of, submitted before. */
  parent?: string;
  /** One of these, where chance has its part. */
  expected: Expected | readonly Expected[];
  /** Of each attempt that was saved: contents of files that must be kept of it. */
  work?: readonly Readonly<Record<string, string>>[];
  /** And of files that must stand so in the commit of the last one, whatever the ref holds besides. */
  committed?: Readonly<Record<string, string>>;
  /** Its end is pushed to the webhook as well. */
  pushed?: true;
  /** What somebody does to it, once for all lives. */
  act?: (
    client: Client,
    id: string,
    home: Home,
    waiting: Waiting,
    scenario: Scenario,
  ) => Promise<void>;
}

/** Leaves a mark, and some output if the disk takes it. */
export const EFFECT =
  'echo "$TEND_TASK_ID $TEND_ATTEMPT_ID" >>"$EFFECTS"; echo "out $TEND_TASK_ID" || true';
const SHORT = { timeout: '300ms', grace: '150ms' };

/** On a busy machine the time may be over before the command has done anything. */
const TIMED_OUT: Expected = { state: 'failed', reason: 'timed_out', runs: [0, 1] };

const ran = (home: Home, id: string): boolean =>
  linesOf(home.effects).some((line) => line.startsWith(`${id} `));

export async function stopOnceItRuns(
  client: Client,
  id: string,
  home: Home,
  waiting: Waiting,
): Promise<void> {
  await until(`${id} runs`, () => ran(home, id), waiting);
  await client.stop({ id });
}

async function stopOnceItEnded(client: Client, id: string): Promise<void> {
  await client.waitOne({ id });
  await client.stop({ id });
}

const stopAtOnce = async (client: Client, id: string): Promise<void> => {
  await client.stop({ id });
};

/** Every command ends by itself within two minutes and 40 MB, should nobody be left to end it. */
export const SCENARIOS: readonly Scenario[] = [
  {
    key: 'succeeds',
    pushed: true,
    request: { command: EFFECT },
    expected: { state: 'completed', runs: 1, codes: [0] },
  },
  {
    key: 'fails',
    pushed: true,
    request: { command: `${EFFECT}; exit 7` },
    expected: { state: 'failed', reason: 'exit_code', runs: 1, codes: [7] },
  },
  {
    key: 'fails, then succeeds on retry',
    request: {
      command: `${EFFECT}; test "$(grep -c "^$TEND_TASK_ID " "$EFFECTS")" -ge 2 || exit 3`,
      retry: 1,
      backoff: ['20ms'],
    },
    expected: { state: 'completed', runs: 2, codes: [3, 0] },
  },
  {
    key: 'stopped while running',
    pushed: true,
    request: { command: `${EFFECT}; setsid sleep 71 & sleep 72`, grace: '150ms' },
    expected: { state: 'cancelled', reason: 'user', runs: 1 },
    act: stopOnceItRuns,
  },
  {
    key: 'stopped while waiting',
    request: { command: EFFECT, runAt: '2099-01-01T00:00:00Z' },
    expected: { state: 'cancelled', reason: 'user', runs: 0 },
    act: stopAtOnce,
  },
  {
    key: 'times out',
    request: { command: `${EFFECT}; exec sleep 73`, ...SHORT },
    expected: TIMED_OUT,
  },
  {
    key: 'ignores TERM',
    request: {
      command: `trap '' TERM; ${EFFECT}; for n in $(seq 200); do sleep 0.2; done`,
      ...SHORT,
    },
    expected: TIMED_OUT,
  },
  {
    key: 'leaves a setsid grandchild',
    request: { command: `${EFFECT}; setsid sleep 74 >/dev/null 2>&1 &` },
    expected: { state: 'completed', runs: 1, codes: [0] },
    act: stopOnceItEnded,
  },
  {
    key: 'floods its output',
    request: { command: `${EFFECT}; head -c 300000 /dev/zero | tr '\\0' x` },
    expected: { state: 'completed', runs: 1, codes: [0] },
  },
  {
    key: 'floods until it is stopped',
    request: {
      command: `${EFFECT}; for n in $(seq 100); do head -c 400000 /dev/zero; sleep 0.1; done`,
      grace: '150ms',
    },
    expected: { state: 'failed', reason: 'output_limit', runs: 1 },
  },
  {
    key: 'cannot be started',
    request: { argv: ['/no/such/program'] },
    expected: { state: 'failed', reason: 'spawn_failed', runs: 0 },
  },
  {
    key: 'chain: after a success',
    request: { command: EFFECT },
    after: [{ key: 'succeeds', when: 'success' }],
    expected: { state: 'completed', runs: 1, codes: [0] },
  },
  {
    key: 'chain: after a failure',
    request: { command: EFFECT },
    after: [
      { key: 'fails', when: 'failure' },
      { key: 'chain: after a success', when: 'success' },
    ],
    expected: { state: 'completed', runs: 1, codes: [0] },
  },
  {
    key: 'chain: skipped',
    pushed: true,
    request: { command: EFFECT },
    after: [{ key: 'fails', when: 'success' }],
    expected: { state: 'skipped', reason: 'dependency_failed', runs: 0 },
  },
];
