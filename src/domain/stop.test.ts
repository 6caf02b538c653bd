import { describe, expect, test } from 'vitest';
import { EMPTY_REPORT } from './agent-report.ts';
import type { RunningAttempt } from './attempt.ts';
import { decideAll, requestStop } from './decide.ts';
import { type AttemptEvidence, type Evidence, NO_CHILDREN } from './evidence.ts';
import type { StopReason } from './lifecycle.ts';
import { NO_RETRY } from './retry.ts';
import { stopSooner } from './stop.ts';
import { apply, type StopRequest, type TaskIn, type TaskSpec } from './task.ts';
import { QUESTION } from './worker-sample.ts';

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
  retry: { attempts: 1, backoff: [1_000] },
  after: [],
  notify: 'always',
  remind: 0,
  onDone: null,
  key: null,
  retryOf: null,
  resumeOf: null,
};
const attempt: RunningAttempt = {
  number: 1,
  node: 'n',
  claimedAt: 90_000,
  process: { pid: 7, startTime: '42', bootId: 'boot' },
  startedAt: 91_000,
  deadlineAt: 151_000,
  idleFrom: 91_000,
  endedAt: null,
  outcome: null,
};
const core = { id: 't-1', version: 3, node: 'n', createdAt: 80_000, spec };
const running: TaskIn<'running'> = { ...core, state: 'running', attempt };
const stopping = (reason: StopReason, of: Partial<StopRequest> = {}): TaskIn<'stopping'> => ({
  ...core,
  state: 'stopping',
  attempt,
  stop: { reason, requestedAt: 99_000, killAt: 104_000, ...of },
});

/** The same of an agent that has said what it came to. */
function says(task: TaskIn<'stopping'>, ok: boolean): TaskIn<'stopping'> {
  const final = { ok, text: null, failure: null, message: null };
  const report = { ...EMPTY_REPORT, final };
  const facts = { sessionId: null, resumed: null, before: null, settledAt: 98_000 };
  return { ...task, attempt: { ...attempt, agent: { ...facts, report } } };
}

const asks = (task: TaskIn<'stopping'>): TaskIn<'stopping'> => ({
  ...task,
  attempt: { ...task.attempt, worker: { question: QUESTION } },
});

describe('a stop of what is being stopped', () => {
  const asked = (task: TaskIn<'stopping'>, grace: number) =>
    (stopSooner(task, 'parent', grace, NOW)?.next as TaskIn<'stopping'> | undefined)?.stop ?? null;
  const stop = stopping('user').stop;

  test.each<[string, TaskIn<'stopping'>, number, StopRequest | null]>([
    ['changes nothing when it is no sooner', stopping('user'), 5_000, null],
    ['brings the kill forward', stopping('user'), 1_000, { ...stop, killAt: 101_000 }],
    ['kills at once', stopping('user'), 0, { ...stop, killAt: NOW }],
    ['never puts the kill off', stopping('timed_out'), 9_000, { ...stop, reason: 'parent' }],
    [
      'still asks before, where there is time',
      stopping('policy', { termAt: 101_000 }),
      2_000,
      { ...stop, reason: 'policy', termAt: 101_000, killAt: 102_000 },
    ],
    [
      'asks no more, where there is none',
      stopping('settled', { termAt: 101_500 }),
      1_000,
      { ...stop, reason: 'parent', killAt: 101_000 },
    ],
    ['leaves an agent that is done what it has done', says(stopping('settled'), true), 5_000, null],
    [
      'cancels one that is done but waits for an answer',
      asks(says(stopping('settled'), true)),
      5_000,
      { ...stop, reason: 'parent' },
    ],
    ['but sooner', says(stopping('settled'), true), 0, { ...stop, reason: 'settled', killAt: NOW }],
    [
      'lets one that is not done have done nothing',
      says(stopping('settled'), false),
      5_000,
      { ...stop, reason: 'parent' },
    ],
  ])('%s', (_, task, grace, expected) => {
    expect(asked(task, grace)).toEqual(expected);
  });
});

describe('a stop at the moment of an end', () => {
  const exited = (at: number, code: number): AttemptEvidence => ({
    kind: 'exited',
    exit: { code },
    process: attempt.process,
    startedAt: attempt.startedAt,
    at,
    output: { bytes: 0, truncated: false, preview: '', errorTail: '' },
    survivors: [],
  });
  const seen = (found: AttemptEvidence): Evidence => ({
    attempt: found,
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
  });
  const end = (task: TaskIn<'running'>, reason: StopReason, found: AttemptEvidence): string => {
    const asked = apply(task, requestStop(task, reason, 0, 95_000));
    const last = decideAll(asked, seen(found), NOW).reduce(apply, asked);
    return `${last.state}${'reason' in last ? ` ${last.reason}` : ''}`;
  };
  const once = { ...running, spec: { ...spec, retry: NO_RETRY } };

  test.each<[string, TaskIn<'running'>, StopReason, AttemptEvidence, string]>([
    ['a success', running, 'user', exited(94_000, 0), 'completed'],
    ['a failure for good', once, 'user', exited(94_000, 3), 'failed exit_code'],
    ['a failure that would be tried again', running, 'user', exited(94_000, 3), 'cancelled user'],
    ['the same, with its parent', running, 'parent', exited(94_000, 3), 'cancelled parent'],
    ['a timeout does not end the retries', running, 'timed_out', exited(94_000, 3), 'waiting'],
    ['later', running, 'user', exited(96_000, 3), 'cancelled user'],
  ])('%s', (_, task, reason, found, expected) => {
    expect(end(task, reason, found)).toBe(expected);
  });
});
