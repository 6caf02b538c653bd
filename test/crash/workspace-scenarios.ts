import { isTerminal, type State } from '../../src/domain/lifecycle.ts';
import type { Client } from '../../src/interfaces/client/index.ts';
import { stateOf } from './database.ts';
import type { Home } from './home.ts';
import { IN_PLACE, REPOSITORY } from './repository.ts';
import { EFFECT, type Scenario, stopOnceItRuns } from './scenarios.ts';
import { until, type Waiting } from './until.ts';

const WORKTREE = { cwd: REPOSITORY, workspace: { kind: 'worktree' } } as const;

/** The next attempt finds what the one before left. */
const BETTER =
  'if [ -e tried ]; then echo good >status.txt; else echo bad >status.txt; fi; echo >tried';

async function reaches(home: Home, id: string, wanted: State, waiting: Waiting): Promise<boolean> {
  let state: State | undefined;
  const isThere = (): boolean => {
    state = stateOf(home, id);
    return state === wanted || (state !== undefined && isTerminal(state));
  };
  await until(`${id} is ${wanted}`, isThere, waiting);
  return state === wanted;
}

/** Once for all lives: an answer that never came is asked for by looking, not by answering again. */
async function accept(client: Client, id: string, home: Home, waiting: Waiting): Promise<void> {
  if (await reaches(home, id, 'awaiting_review', waiting)) await client.accept({ id });
}

async function sendBack(client: Client, id: string, home: Home, waiting: Waiting): Promise<void> {
  if (!(await reaches(home, id, 'awaiting_review', waiting))) return;
  const { attempt } = await client.show({ id });
  if (attempt === 1) await client.reject({ id, feedback: 'make it good' });
  const isAgain = async (): Promise<boolean> => {
    const task = await client.show({ id });
    return task.attempt > 1 || isTerminal(task.state);
  };
  await until(`${id} is tried again`, isAgain, waiting);
  await accept(client, id, home, waiting);
}

async function merge(client: Client, id: string, home: Home, waiting: Waiting): Promise<void> {
  await reaches(home, id, 'completed', waiting);
  await client.merge({ id, into: 'target' });
  const isOver = async (): Promise<boolean> => {
    const { workspace } = await client.show({ id });
    return workspace.merge !== null && workspace.merge.endedAt !== null;
  };
  await until(`${id} is merged`, isOver, waiting);
  const { state, detail } = (await client.show({ id })).workspace.merge ?? {};
  if (state !== 'merged') throw new Error(`the merge of ${id} is ${state}: ${detail}`);
}

const FIRST = 'work tree: verified';

/** Work in trees of its own: saved, verified, tried again, reviewed, merged, and what builds on it. */
export const WORKSPACE_SCENARIOS: readonly Scenario[] = [
  {
    key: FIRST,
    request: {
      ...WORKTREE,
      command: `${EFFECT}; echo first >first.txt`,
      verify: 'test -e first.txt',
    },
    expected: { state: 'completed', runs: 1, codes: [0] },
    work: [{ 'first.txt': 'first\n' }],
    act: merge,
  },
  {
    key: 'work tree: not verified, then better',
    request: {
      ...WORKTREE,
      command: `${EFFECT}; ${BETTER}`,
      verify: 'grep -q good status.txt',
      fix: 1,
    },
    expected: { state: 'completed', runs: 2, codes: [0, 0] },
    work: [{ 'status.txt': 'bad\n' }, { 'status.txt': 'good\n' }],
  },
  {
    key: 'work tree: fails',
    request: { ...WORKTREE, command: `${EFFECT}; echo some >some.txt; exit 3` },
    expected: { state: 'failed', reason: 'exit_code', runs: 1, codes: [3] },
    work: [{ 'some.txt': 'some\n' }],
  },
  {
    key: 'work tree: sent back, then accepted',
    request: {
      ...WORKTREE,
      command: `${EFFECT}; ${BETTER}; git add -A; git -c user.name=a -c user.email=a@b commit -qm agent`,
      review: true,
    },
    expected: { state: 'completed', runs: 2, codes: [0, 0] },
    work: [{ 'status.txt': 'bad\n' }, { 'status.txt': 'good\n' }],
    act: sendBack,
  },
  {
    key: 'work tree: stopped',
    request: {
      ...WORKTREE,
      command: `echo half >half.txt; ${EFFECT}; exec sleep 75`,
      grace: '150ms',
    },
    expected: { state: 'cancelled', reason: 'user', runs: 1 },
    work: [{ 'half.txt': 'half\n' }],
    act: stopOnceItRuns,
  },
  {
    key: 'work tree: builds on another',
    request: { ...WORKTREE, command: `${EFFECT}; cat first.txt >second.txt` },
    after: [{ key: FIRST, when: 'success' }],
    expected: { state: 'completed', runs: 1, codes: [0] },
    work: [{ 'first.txt': 'first\n', 'second.txt': 'first\n' }],
  },
  {
    key: 'in place',
    request: {
      cwd: IN_PLACE,
      workspace: { kind: 'in_place' },
      command: `${EFFECT}; echo new >new.txt`,
    },
    expected: { state: 'completed', runs: 1, codes: [0] },
    work: [{ 'new.txt': 'new\n' }],
    committed: { 'other.txt': 'other\n' },
  },
];
