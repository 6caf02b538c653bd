import { describe, expect, test } from 'vitest';
import { type EndedAttempt, NO_OUTPUT, type Outcome } from './attempt.ts';
import { decideAll } from './decide.ts';
import { type Children, type Evidence, NO_CHILDREN } from './evidence.ts';
import { NO_RETRY } from './retry.ts';
import { apply, dueAt, type Task, type TaskIn, type TaskSpec } from './task.ts';

const NOW = 100_000;

const spec: TaskSpec = {
  work: { kind: 'command', argv: ['true'] },
  title: 'true',
  cwd: '/',
  environment: null,
  owner: 'cli:1',
  group: null,
  parent: null,
  depth: 0,
  labels: {},
  priority: 0,
  streams: 'merged',
  timeout: 60_000,
  idleTimeout: null,
  queueTimeout: null,
  grace: 5_000,
  retry: NO_RETRY,
  after: [],
  notify: 'always',
  remind: 0,
  onDone: null,
  key: null,
  retryOf: null,
  resumeOf: null,
};
const core = { id: 't-1', version: 3, node: 'n', createdAt: 80_000, spec };
const PROCESS = { pid: 7, startTime: '42', bootId: 'boot' };
const started = {
  number: 1,
  node: 'n',
  claimedAt: 90_000,
  process: PROCESS,
  startedAt: 91_000,
  deadlineAt: 151_000,
};
const endedWith = (outcome: Outcome): EndedAttempt => ({
  ...started,
  endedAt: 96_000,
  outcome,
  exit: null,
  output: NO_OUTPUT,
  survivors: [],
});
const running: TaskIn<'running'> = {
  ...core,
  state: 'running',
  attempt: { ...started, idleFrom: 91_000, endedAt: null, outcome: null },
};
const OK: Outcome = { kind: 'exited', code: 0 };
const finishing = (outcome: Outcome, retries = 0): TaskIn<'finishing'> => ({
  ...core,
  spec: { ...spec, retry: { attempts: retries, backoff: [0] } },
  state: 'finishing',
  attempt: endedWith(outcome),
});
const awaiting: TaskIn<'awaiting_children'> = {
  ...core,
  state: 'awaiting_children',
  attempt: endedWith(OK),
};

const evidence = (
  children: Children,
  attempt: Evidence['attempt'] = { kind: 'none' },
): Evidence => ({
  attempt,
  agent: null,
  readiness: { kind: 'ready' },
  children,
  earlier: [],
  checks: [],
  orphaned: false,
  vitals: null,
  outputLimit: 1_000,
  overBudget: false,
  chance: 0,
});

const NONE = NO_CHILDREN;
const ONE_OPEN = { open: 1, failed: 0, endedAt: null };
const OPEN_AND_FAILED = { open: 1, failed: 1, endedAt: 95_000 };
const WELL = { open: 0, failed: 0, endedAt: 98_000 };
const FAILED = { open: 0, failed: 1, endedAt: 98_000 };

const story = (task: Task, seen: Evidence): string => {
  const steps = decideAll(task, seen, NOW);
  const end = steps.reduce(apply, task);
  const reason = 'reason' in end ? ` ${end.reason}` : '';
  return steps.length === 0
    ? '-'
    : `${steps.map(({ event }) => event).join(' ')} > ${end.state}${reason}`;
};

describe('a task whose own work is over, by its children', () => {
  test.each<readonly [string, Task, string[]]>([
    [
      'finishing well',
      finishing(OK),
      [
        'complete > completed',
        'awaitChildren > awaiting_children',
        'awaitChildren > awaiting_children',
        'complete > completed',
        'fail > failed child_failed',
      ],
    ],
    [
      'awaiting them',
      awaiting,
      ['complete > completed', '-', '-', 'complete > completed', 'fail > failed child_failed'],
    ],
    [
      'whose work failed',
      finishing({ kind: 'exited', code: 3 }),
      Array<string>(5).fill('fail > failed exit_code'),
    ],
    [
      'whose work is tried again',
      finishing({ kind: 'exited', code: 3 }, 1),
      Array<string>(5).fill('requeue > waiting'),
    ],
    [
      'that a failed child does not try again',
      finishing(OK, 1),
      [
        'complete > completed',
        'awaitChildren > awaiting_children',
        'awaitChildren > awaiting_children',
        'complete > completed',
        'fail > failed child_failed',
      ],
    ],
    [
      'that was stopped',
      finishing({ kind: 'stopped', reason: 'user' }),
      Array<string>(5).fill('cancel > cancelled user'),
    ],
  ])('%s', (_, task, expected) => {
    const shown = [NONE, ONE_OPEN, OPEN_AND_FAILED, WELL, FAILED];
    expect(shown.map((children) => story(task, evidence(children)))).toEqual(expected);
  });

  test('it is one pass from the exit to the wait', () => {
    const exited = {
      kind: 'exited' as const,
      exit: { code: 0 },
      process: PROCESS,
      startedAt: 91_000,
      at: 96_000,
      output: NO_OUTPUT,
      survivors: [],
    } satisfies Evidence['attempt'];
    expect(story(running, evidence(ONE_OPEN, exited))).toBe(
      'exit awaitChildren > awaiting_children',
    );
  });

  test('it ended when the last of them and itself had', () => {
    const end = (task: Task, children: Children): Task =>
      decideAll(task, evidence(children), NOW).reduce(apply, task);
    expect(end(awaiting, WELL)).toMatchObject({ state: 'completed', endedAt: 98_000 });
    expect(end(awaiting, FAILED)).toMatchObject({ state: 'failed', endedAt: 98_000 });
    expect(end(finishing(OK), { ...WELL, endedAt: 92_000 })).toMatchObject({ endedAt: 96_000 });
    expect(end(finishing(OK), NONE)).toMatchObject({ endedAt: 96_000 });
  });

  test('no clock ends the wait', () => expect(dueAt(awaiting)).toBeNull());
});
