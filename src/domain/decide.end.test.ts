import { describe, expect, test } from 'vitest';
import { type EndedAttempt, NO_OUTPUT, type Outcome } from './attempt.ts';
import { decide, decideAll, requestStop } from './decide.ts';
import { type Evidence, NO_CHILDREN } from './evidence.ts';
import { STOP_REASONS, type StopReason } from './lifecycle.ts';
import { NO_RETRY } from './retry.ts';
import { apply, type Step, type Task, type TaskIn, type TaskSpec } from './task.ts';

const NOW = 100_000;
const SECOND = 1_000;
const PROCESS = { pid: 7, startTime: '42', bootId: 'boot' };

const spec: TaskSpec = {
  work: { kind: 'command', command: 'make', shell: '/bin/sh' },
  title: 'make',
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
const open = {
  number: 2,
  node: 'n',
  claimedAt: 90_000,
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
const claimed: TaskIn<'claimed'> = { ...core, state: 'claimed', attempt: open };
const running: TaskIn<'running'> = { ...core, state: 'running', attempt: started };
const endedWith = (outcome: Outcome): EndedAttempt => ({
  ...started,
  endedAt: 96_000,
  outcome,
  exit: null,
  output: NO_OUTPUT,
  survivors: [],
});

const evidence = (given: Partial<Evidence> = {}): Evidence => ({
  attempt: { kind: 'alive', process: PROCESS, startedAt: 91_000 },
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
const exited = (code: number, at: number): Evidence =>
  evidence({
    attempt: {
      kind: 'exited',
      exit: { code },
      process: PROCESS,
      startedAt: 91_000,
      at,
      output: { bytes: 4, truncated: true, preview: 'done', errorTail: 'boom' },
      survivors: [{ pid: 8, command: 'sleep' }],
    },
  });

const endOf = (step: Step | null): string =>
  step === null
    ? '-'
    : `${step.event}${'reason' in step.next ? ` ${step.next.reason}` : ''}${'stop' in step.next ? ` ${step.next.stop.reason}` : ''}`;

describe('a finishing task, by what its attempt came to', () => {
  const GOLDEN: readonly (readonly [Outcome, once: string, retried: string])[] = [
    [{ kind: 'exited', code: 0 }, 'complete', 'complete'],
    [{ kind: 'exited', code: 1 }, 'fail exit_code', 'requeue'],
    [{ kind: 'exited', code: 255 }, 'fail exit_code', 'requeue'],
    [{ kind: 'signaled', signal: 'KILL' }, 'fail signal', 'requeue'],
    [{ kind: 'spawn_failed', detail: 'no folder' }, 'fail spawn_failed', 'requeue'],
    [{ kind: 'lost', how: 'vanished' }, 'fail lost_vanished', 'requeue'],
    [{ kind: 'lost', how: 'rebooted' }, 'fail lost_rebooted', 'requeue'],
    [{ kind: 'lost', how: 'unreadable' }, 'fail lost_unreadable', 'requeue'],
    [{ kind: 'voided' }, 'fail lost_unreadable', 'fail lost_unreadable'],
    [{ kind: 'stopped', reason: 'user' }, 'cancel user', 'cancel user'],
    [{ kind: 'stopped', reason: 'parent' }, 'cancel parent', 'cancel parent'],
    [{ kind: 'stopped', reason: 'policy' }, 'cancel policy', 'cancel policy'],
    [{ kind: 'stopped', reason: 'timed_out' }, 'fail timed_out', 'requeue'],
    [{ kind: 'stopped', reason: 'idle' }, 'fail idle', 'requeue'],
    ...(['no_first_output', 'budget_exceeded'] as const).map(
      (reason) => [{ kind: 'stopped', reason }, `fail ${reason}`, `fail ${reason}`] as const,
    ),
    [{ kind: 'stopped', reason: 'output_limit' }, 'fail output_limit', 'fail output_limit'],
    [{ kind: 'stopped', reason: 'max_turns' }, 'fail max_turns', 'fail max_turns'],
    [{ kind: 'stopped', reason: 'settled' }, 'fail no_final_answer', 'fail no_final_answer'],
  ];

  test.each(GOLDEN)('%j → %s, with a retry left → %s', (outcome, once, retried) => {
    const task: Task = { ...core, state: 'finishing', attempt: endedWith(outcome) };
    expect(endOf(decide(task, evidence(), NOW))).toBe(once);
    const retry = { attempts: 1, backoff: [5 * SECOND] };
    expect(endOf(decide({ ...task, spec: { ...spec, retry } }, evidence(), NOW))).toBe(retried);
  });

  test('the table knows every stop reason', () => {
    const known = GOLDEN.map(([outcome]) => (outcome.kind === 'stopped' ? outcome.reason : null));
    expect(STOP_REASONS.filter((reason) => !known.includes(reason))).toEqual([]);
  });

  test('a further attempt waits from now on, and the ones before count', () => {
    const retry = { attempts: 2, backoff: [5 * SECOND, 15 * SECOND] };
    const attempt = endedWith({ kind: 'exited', code: 1 });
    const task: Task = { ...core, spec: { ...spec, retry }, state: 'finishing', attempt };
    const after = (count: number) => evidence({ earlier: Array(count).fill(attempt) });
    expect(decide(task, after(0), NOW)?.next).toEqual({
      state: 'waiting',
      runAt: NOW + 5_000,
      attempt,
    });
    expect(decide(task, after(1), NOW)?.next).toEqual({
      state: 'waiting',
      runAt: NOW + 15_000,
      attempt,
    });
    expect(endOf(decide(task, after(2), NOW))).toBe('fail exit_code');
  });

  test('a requeue ends the pass: its wait must be durable first', () => {
    const retry = { attempts: 1, backoff: [0] };
    const task: Task = { ...running, spec: { ...spec, retry } };
    const events = decideAll(task, exited(1, 96_000), NOW).map((step) => step.event);
    expect(events).toEqual(['exit', 'requeue']);
  });

  test('the task ended when its attempt did, not when it was noticed', () => {
    const end = decideAll(running, exited(0, 96_000), NOW).reduce(apply, running as Task);
    expect(end).toMatchObject({ state: 'completed', endedAt: 96_000, version: 5 });
  });
});

describe('a running task and its clocks', () => {
  const quiet = { lastActivityAt: 92_000, bytes: 10 };
  const table: readonly (readonly [string, number, Partial<Evidence>, number | null, string])[] = [
    ['before the deadline', 150_999, {}, null, '-'],
    ['at the deadline', 151_000, {}, null, 'requestStop timed_out'],
    [
      'the deadline goes first',
      151_000,
      { vitals: { ...quiet, bytes: 9_999 } },
      1,
      'requestStop timed_out',
    ],
    ['silence without a limit', 150_000, { vitals: quiet }, null, '-'],
    ['silence nobody looked for', 150_000, {}, 10_000, '-'],
    ['silence below the limit', 101_999, { vitals: quiet }, 10_000, '-'],
    ['silence at the limit', 102_000, { vitals: quiet }, 10_000, 'requestStop idle'],
    ['silence since the start', 100_999, { vitals: { lastActivityAt: 0, bytes: 0 } }, 10_000, '-'],
    [
      'silence since the start, too long',
      101_000,
      { vitals: { lastActivityAt: 0, bytes: 0 } },
      10_000,
      'requestStop idle',
    ],
    ['output at the limit', NOW, { vitals: { ...quiet, bytes: 1_000 } }, null, '-'],
    [
      'output beyond the limit',
      NOW,
      { vitals: { ...quiet, bytes: 1_001 } },
      null,
      'requestStop output_limit',
    ],
  ];
  test.each(table)('%s', (_, now, given, idleTimeout, expected) => {
    const task = { ...running, spec: { ...spec, idleTimeout } };
    expect(endOf(decide(task, evidence(given), now))).toBe(expected);
  });

  test('the clock starts with the process, whenever it is seen', () => {
    const late = decide(claimed, evidence(), 140_000);
    expect(late?.next).toEqual({ state: 'running', attempt: started });
    expect(late?.at).toBe(140_000);
  });

  test('a start seen after its deadline is stopped in the same pass', () => {
    const events = decideAll(claimed, evidence(), 151_000).map((step) => step.event);
    expect(events).toEqual(['start', 'requestStop']);
  });

  test('a stop grants the grace of the task, a kill none', () => {
    expect(decide(running, evidence(), 151_000)?.next).toMatchObject({
      stop: { reason: 'timed_out', requestedAt: 151_000, killAt: 156_000 },
    });
    expect(requestStop(claimed, 'user', 0, NOW).next).toMatchObject({
      state: 'stopping',
      attempt: open,
      stop: { reason: 'user', requestedAt: NOW, killAt: NOW },
    });
  });
});

describe('a stop and an end that cross', () => {
  const stopping = (reason: StopReason): Task =>
    apply(running, requestStop(running, reason, 0, 95_000));
  const table: readonly (readonly [StopReason, number, number, string])[] = [
    // the record is older than the request: the work ended by itself
    ['user', 0, 94_000, 'completed'],
    ['user', 3, 94_000, 'failed exit_code'],
    ['timed_out', 0, 94_989, 'completed'],
    // file times lag by up to 10 ms: no proof either way, the stored reason stands
    ['user', 0, 94_990, 'cancelled user'],
    ['user', 0, 95_000, 'cancelled user'],
    // ended after the request: the stored reason, whatever the exit code
    ['user', 0, 96_000, 'cancelled user'],
    ['parent', 143, 96_000, 'cancelled parent'],
    ['policy', 143, 96_000, 'cancelled policy'],
    ['timed_out', 0, 96_000, 'failed timed_out'],
    ['output_limit', 137, 96_000, 'failed output_limit'],
  ];
  test.each(table)('%s, exit %i recorded at %i → %s', (reason, code, at, expected) => {
    const task = stopping(reason);
    const end = decideAll(task, exited(code, at), NOW).reduce(apply, task);
    expect(`${end.state}${'reason' in end ? ` ${end.reason}` : ''}`).toBe(expected);
  });
});

describe('an ended attempt keeps', () => {
  const attempt = (task: Task, seen: Evidence) => decide(task, seen, NOW)?.next.attempt;

  test('what the record and the files said', () => {
    const { idleFrom: _, ...ended } = started;
    expect(attempt(running, exited(3, 96_000))).toEqual({
      ...ended,
      endedAt: 96_000,
      outcome: { kind: 'exited', code: 3 },
      exit: { code: 3 },
      output: { bytes: 4, truncated: true, preview: 'done', errorTail: 'boom' },
      survivors: [{ pid: 8, command: 'sleep' }],
    });
  });

  test('the process of a claim that ended before it was seen to run', () => {
    expect(attempt(claimed, exited(0, 96_000))).toMatchObject({
      process: PROCESS,
      startedAt: 91_000,
      deadlineAt: null,
      exit: { code: 0 },
    });
  });

  test('nothing but the detail when the launch was refused', () => {
    expect(attempt(claimed, evidence({ attempt: { kind: 'refused', detail: 'no cwd' } }))).toEqual({
      ...open,
      endedAt: NOW,
      outcome: { kind: 'spawn_failed', detail: 'no cwd' },
      exit: null,
      output: NO_OUTPUT,
      survivors: [],
    });
  });

  test('an end that is never before its claim, though the clock jumped back', () => {
    expect(attempt(running, exited(0, 10))).toMatchObject({ endedAt: 90_000 });
  });

  test('its number when it was voided: the next one is higher', () => {
    const unclaimed = decide(claimed, evidence({ attempt: { kind: 'voided' } }), NOW);
    expect(unclaimed).toMatchObject({
      event: 'unclaim',
      next: { state: 'queued', attempt: { number: 2, outcome: { kind: 'voided' }, endedAt: NOW } },
    });
  });
});
