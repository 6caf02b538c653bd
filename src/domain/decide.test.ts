import { describe, expect, test } from 'vitest';
import { type EndedAttempt, NO_OUTPUT, type Outcome } from './attempt.ts';
import { decideAll } from './decide.ts';
import { type AttemptEvidence, type Evidence, NO_CHILDREN } from './evidence.ts';
import type { Readiness } from './dependencies.ts';
import type { StopReason } from './lifecycle.ts';
import { NO_RETRY } from './retry.ts';
import { apply, type Task, type TaskIn, type TaskSpec } from './task.ts';
import { QUESTION } from './worker-sample.ts';

const NOW = 100_000;
const SECOND = 1_000;
const PROCESS = { pid: 7, startTime: '42', bootId: 'boot' };
const REMAINS = {
  process: PROCESS,
  startedAt: 91_000,
  at: 96_000,
  output: { bytes: 4, truncated: false, preview: 'done', errorTail: '' },
  survivors: [{ pid: 8, command: 'sleep' }],
};

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
  timeout: 60 * SECOND,
  idleTimeout: null,
  queueTimeout: null,
  grace: 5 * SECOND,
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
const numbered = { number: 1, node: 'n', claimedAt: 90_000 };
const open = {
  ...numbered,
  process: null,
  startedAt: null,
  deadlineAt: null,
  endedAt: null,
  outcome: null,
};
const started = {
  ...open,
  process: PROCESS,
  startedAt: 91_000,
  deadlineAt: 151_000,
  idleFrom: 91_000,
};
const endedWith = (outcome: Outcome): EndedAttempt => ({
  ...started,
  endedAt: 96_000,
  outcome,
  exit: null,
  output: NO_OUTPUT,
  survivors: [],
});
const over = endedWith({ kind: 'exited', code: 0 });
const stop = (reason: StopReason) => ({ reason, requestedAt: 95_000, killAt: 100_000 });

const waiting: TaskIn<'waiting'> = { ...core, state: 'waiting', runAt: null, attempt: null };
const queued: TaskIn<'queued'> = { ...core, state: 'queued', queuedAt: 80_000, attempt: null };
const running: TaskIn<'running'> = { ...core, state: 'running', attempt: started };
const finishing = (outcome: Outcome): TaskIn<'finishing'> => ({
  ...core,
  state: 'finishing',
  attempt: endedWith(outcome),
});

const LIVE = {
  claimed: { ...core, state: 'claimed', attempt: open },
  running,
  'stopping unstarted': { ...core, state: 'stopping', attempt: open, stop: stop('user') },
  'stopping started': { ...core, state: 'stopping', attempt: started, stop: stop('user') },
} satisfies Record<string, Task>;

const ATTEMPT: Record<string, AttemptEvidence> = {
  none: { kind: 'none' },
  voided: { kind: 'voided' },
  alive: { kind: 'alive', process: PROCESS, startedAt: 91_000 },
  'exit 0': { kind: 'exited', exit: { code: 0 }, ...REMAINS },
  'exit 3': { kind: 'exited', exit: { code: 3 }, ...REMAINS },
  'signal TERM': { kind: 'exited', exit: { signal: 'TERM' }, ...REMAINS },
  vanished: { kind: 'gone', how: 'vanished', ...REMAINS },
  rebooted: { kind: 'gone', how: 'rebooted', ...REMAINS },
  unreadable: { kind: 'gone', how: 'unreadable', ...REMAINS },
  refused: { kind: 'refused', detail: 'no such folder: /gone' },
};

const evidence = (given: Partial<Evidence> = {}): Evidence => ({
  attempt: { kind: 'none' },
  agent: null,
  readiness: { kind: 'ready' },
  children: NO_CHILDREN,
  earlier: [],
  checks: [],
  orphaned: false,
  vitals: null,
  outputLimit: 1_000,
  overBudget: false,
  chance: 0,
  ...given,
});

const column = (rows: string): string[][] =>
  rows
    .trim()
    .split('\n')
    .map((row) => row.split('|').map((cell) => cell.trim()));

/** `exit complete > completed`: the events of one pass and where they lead, with its reason. */
function story(task: Task, seen: Evidence): string {
  const steps = decideAll(task, seen, NOW);
  const end = steps.reduce(apply, task);
  const reason = 'reason' in end ? ` ${end.reason}` : '';
  return steps.length === 0
    ? '-'
    : `${steps.map((s) => s.event).join(' ')} > ${end.state}${reason}`;
}

describe('a live task and what the machine shows of its attempt: one pass', () => {
  const GOLDEN = `
    none        | claimed            | -
    voided      | claimed            | unclaim > queued
    alive       | claimed            | start > running
    exit 0      | claimed            | exit complete > completed
    exit 3      | claimed            | exit fail > failed exit_code
    signal TERM | claimed            | exit fail > failed signal
    vanished    | claimed            | exit fail > failed lost_vanished
    rebooted    | claimed            | exit fail > failed lost_rebooted
    unreadable  | claimed            | exit fail > failed lost_unreadable
    refused     | claimed            | exit fail > failed spawn_failed
    none        | running            | exit fail > failed lost_unreadable
    voided      | running            | exit fail > failed lost_unreadable
    alive       | running            | -
    exit 0      | running            | exit complete > completed
    exit 3      | running            | exit fail > failed exit_code
    signal TERM | running            | exit fail > failed signal
    vanished    | running            | exit fail > failed lost_vanished
    rebooted    | running            | exit fail > failed lost_rebooted
    unreadable  | running            | exit fail > failed lost_unreadable
    refused     | running            | exit fail > failed spawn_failed
    none        | stopping unstarted | -
    voided      | stopping unstarted | exit cancel > cancelled user
    alive       | stopping unstarted | -
    exit 0      | stopping unstarted | exit cancel > cancelled user
    exit 3      | stopping unstarted | exit cancel > cancelled user
    signal TERM | stopping unstarted | exit cancel > cancelled user
    vanished    | stopping unstarted | exit cancel > cancelled user
    rebooted    | stopping unstarted | exit cancel > cancelled user
    unreadable  | stopping unstarted | exit cancel > cancelled user
    refused     | stopping unstarted | exit cancel > cancelled user
    none        | stopping started   | exit cancel > cancelled user
    voided      | stopping started   | exit cancel > cancelled user
    alive       | stopping started   | -
    exit 0      | stopping started   | exit cancel > cancelled user
    exit 3      | stopping started   | exit cancel > cancelled user
    signal TERM | stopping started   | exit cancel > cancelled user
    vanished    | stopping started   | exit cancel > cancelled user
    rebooted    | stopping started   | exit cancel > cancelled user
    unreadable  | stopping started   | exit cancel > cancelled user
    refused     | stopping started   | exit cancel > cancelled user`;

  test.each(column(GOLDEN))('%s, %s → %s', (seen = '', state = '', expected) => {
    const task = LIVE[state as keyof typeof LIVE];
    expect(story(task, evidence({ attempt: ATTEMPT[seen] ?? { kind: 'none' } }))).toBe(expected);
  });

  test('the table names every state and every kind of evidence', () => {
    const every = Object.keys(LIVE).flatMap((state) =>
      Object.keys(ATTEMPT).map((e) => `${e} ${state}`),
    );
    expect(column(GOLDEN).map(([seen, state]) => `${seen} ${state}`)).toEqual(every);
  });
});

describe('a task without a process does not care about evidence of one', () => {
  const QUIET: Record<string, readonly [Task, string]> = {
    waiting: [waiting, 'release > queued'],
    queued: [queued, '-'],
    finishing: [finishing({ kind: 'exited', code: 0 }), 'complete > completed'],
    awaiting_input: [
      { ...core, state: 'awaiting_input', attempt: { ...over, worker: { question: QUESTION } } },
      '-',
    ],
    awaiting_children: [
      { ...core, state: 'awaiting_children', attempt: over },
      'complete > completed',
    ],
    awaiting_review: [{ ...core, state: 'awaiting_review', attempt: over }, '-'],
    completed: [{ ...core, state: 'completed', attempt: over, endedAt: 1 }, '-'],
    failed: [{ ...core, state: 'failed', attempt: over, endedAt: 1, reason: 'idle' }, '-'],
    cancelled: [{ ...core, state: 'cancelled', attempt: over, endedAt: 1, reason: 'user' }, '-'],
    skipped: [
      { ...core, state: 'skipped', attempt: null, endedAt: 1, reason: 'dependency_failed' },
      '-',
    ],
  };
  test.each(Object.entries(QUIET))('%s', (_, [task, expected]) => {
    for (const attempt of Object.values(ATTEMPT))
      expect(story(task, evidence({ attempt }))).toBe(expected);
  });
});

describe('waiting', () => {
  const READY: Record<string, Readiness> = {
    ready: { kind: 'ready' },
    pending: { kind: 'pending' },
    failed: { kind: 'never', reason: 'dependency_failed' },
    unmet: { kind: 'never', reason: 'condition_not_met' },
  };
  const GOLDEN = `
    ready   | null   | release > queued
    ready   | 100000 | release > queued
    ready   | 100001 | -
    pending | null   | -
    pending | 100000 | -
    pending | 100001 | -
    failed  | null   | skip > skipped dependency_failed
    failed  | 100001 | skip > skipped dependency_failed
    unmet   | null   | skip > skipped condition_not_met
    unmet   | 100001 | skip > skipped condition_not_met`;

  test.each(column(GOLDEN))('dependencies %s, start time %s → %s', (name = '', runAt, expected) => {
    const task: Task = { ...waiting, runAt: JSON.parse(runAt ?? '') as number | null };
    expect(story(task, evidence({ readiness: READY[name] ?? { kind: 'ready' } }))).toBe(expected);
  });

  test.each(Object.keys(READY))(
    'for another attempt, dependencies %s: they were met before',
    (name) => {
      const readiness = READY[name] ?? { kind: 'ready' };
      const task: Task = {
        ...waiting,
        runAt: NOW,
        attempt: endedWith({ kind: 'exited', code: 3 }),
      };
      expect(story(task, evidence({ readiness }))).toBe('release > queued');
      expect(story({ ...task, runAt: NOW + 1 }, evidence({ readiness }))).toBe('-');
    },
  );
});

test.each([
  [null, '-'],
  [20_001, '-'],
  [20_000, 'fail > failed queue_timeout'],
])('queued for 20 s, queue timeout %j → %s', (queueTimeout, expected) => {
  expect(story({ ...queued, spec: { ...spec, queueTimeout } }, evidence())).toBe(expected);
});
