import { describe, expect, expectTypeOf, test } from 'vitest';
import { SETTLED_GRACE } from './agent-watch.ts';
import type { AgentFacts } from './agent-work.ts';
import { type EndedAttempt, NO_OUTPUT } from './attempt.ts';
import { NO_RETRY } from './retry.ts';
import {
  amend,
  apply,
  CLAIM_PATIENCE,
  dueAt,
  type EndedTask,
  type Facts,
  firstStep,
  isEnded,
  type Step,
  step,
  type Task,
  type TaskIn,
  type TaskSpec,
} from './task.ts';
import { QUESTION } from './worker-sample.ts';

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
  timeout: 1,
  idleTimeout: null,
  queueTimeout: 500,
  grace: 0,
  retry: NO_RETRY,
  after: [],
  notify: 'always',
  remind: 0,
  onDone: null,
  key: null,
  retryOf: null,
  resumeOf: null,
};
const core = { id: 't-1', version: 4, node: 'n', createdAt: 10, spec };
const open = {
  number: 1,
  node: 'n',
  claimedAt: 20,
  process: null,
  startedAt: null,
  deadlineAt: null,
  endedAt: null,
  outcome: null,
};
const place = { path: '/w', cwd: '/w', branch: 'b' };
const prepared = {
  at: 500,
  base: 'c',
  head: 'c',
  before: null,
  checkout: null,
  refusal: null,
};
const process = { pid: 7, startTime: '42', bootId: 'boot' };
const started = { ...open, process, startedAt: 30, deadlineAt: 90, idleFrom: 30 };
const ASKED = { question: { ...QUESTION, deadlineAt: 700 } };
const over: EndedAttempt = {
  ...started,
  endedAt: 60,
  outcome: { kind: 'exited', code: 0 },
  exit: { code: 0 },
  output: NO_OUTPUT,
  survivors: [],
};
const unsettled: AgentFacts = {
  sessionId: 's-1',
  resumed: null,
  before: null,
  report: null,
  settledAt: null,
};
const settled: AgentFacts = { ...unsettled, settledAt: 35 };
const stop = { reason: 'user', requestedAt: 40, killAt: 45 } as const;

const waiting: TaskIn<'waiting'> = { ...core, state: 'waiting', runAt: null, attempt: null };
const queued: TaskIn<'queued'> = { ...core, state: 'queued', queuedAt: 15, attempt: null };
const claimed: TaskIn<'claimed'> = { ...core, state: 'claimed', attempt: open };
const running: TaskIn<'running'> = { ...core, state: 'running', attempt: started };
const completed: TaskIn<'completed'> = { ...core, state: 'completed', attempt: over, endedAt: 60 };

describe('a step', () => {
  const claim = step('claim', queued, { state: 'claimed', attempt: open }, 20);

  test('names the task, the version it was decided on, and what is next', () => {
    expect(claim).toEqual({
      id: 't-1',
      version: 4,
      event: 'claim',
      at: 20,
      next: { state: 'claimed', attempt: open },
    });
  });

  test('makes the next version and leaves no fact of the old state behind', () => {
    expect(apply(queued, claim)).toEqual({ ...claimed, version: 5 });
    expect(apply(queued, claim)).not.toHaveProperty('queuedAt');
  });

  test.each<[string, Task, Step]>([
    ['another task', { ...queued, id: 't-2' }, claim],
    ['an earlier version', { ...queued, version: 5 }, claim],
    ['another state', { ...waiting }, claim],
    ['an ended task', completed, { ...claim, event: 'exit' }],
    ['a task that exists', queued, { ...claim, event: 'submit' }],
  ])('is refused by %s', (_, task, given) => {
    expect(() => apply(task, given)).toThrow(RangeError);
    expect(() => apply(task, given)).toThrow(
      `${given.event} is no step of ${task.id} in ${task.state}`,
    );
  });
});

test('an amendment changes facts, not the state', () => {
  const attempt = { ...started, deadlineAt: 190 };
  expect(amend(running, { attempt })).toEqual({
    id: 't-1',
    version: 4,
    next: { state: 'running', attempt },
  });
});

describe('the first state', () => {
  const after = [{ task: 't-0', when: 'success' }] as const;
  test.each([
    ['at once', spec, null, 'submit'],
    ['at a time that is over', spec, 50, 'submit'],
    ['right now', spec, 100, 'submit'],
    ['later', spec, 101, 'schedule'],
    ['after another task', { ...spec, after }, null, 'schedule'],
    ['after another task and not before a time', { ...spec, after }, 50, 'schedule'],
  ] as const)('%s', (_, given, runAt, event) => {
    expect(firstStep(given, runAt, 100)).toEqual(
      event === 'submit'
        ? { event, next: { state: 'queued', queuedAt: 100, attempt: null } }
        : { event, next: { state: 'waiting', runAt, attempt: null } },
    );
  });
});

describe('when a task is due though nothing happened', () => {
  const table: readonly (readonly [Task, number | null])[] = [
    [waiting, null],
    [{ ...waiting, runAt: 70 }, 70],
    [queued, 515],
    [{ ...queued, spec: { ...spec, queueTimeout: null } }, null],
    [claimed, 20 + CLAIM_PATIENCE],
    [{ ...claimed, attempt: { ...open, workspace: { ...place, prepared: null } } }, null],
    [{ ...claimed, attempt: { ...open, workspace: { ...place, prepared } } }, 500 + CLAIM_PATIENCE],
    [running, 90],
    [{ ...running, attempt: { ...started, agent: unsettled } }, 90],
    [
      { ...running, attempt: { ...started, deadlineAt: 99_000, agent: settled } },
      35 + SETTLED_GRACE,
    ],
    [{ ...running, attempt: { ...started, agent: settled } }, 90],
    [{ ...core, state: 'stopping', attempt: started, stop }, 45],
    [{ ...core, state: 'stopping', attempt: started, stop: { ...stop, termAt: 42 } }, 42],
    [{ ...core, state: 'stopping', attempt: { ...started, agent: settled }, stop }, 45],
    [{ ...core, state: 'finishing', attempt: over }, null],
    [{ ...core, state: 'awaiting_input', attempt: { ...over, worker: ASKED } }, 700],
    [{ ...core, state: 'awaiting_children', attempt: over }, null],
    [{ ...core, state: 'awaiting_review', attempt: over }, null],
    [completed, null],
  ];
  test.each(table)('$state', (task, expected) => {
    expect(dueAt(task)).toBe(expected);
  });
});

test('ended means terminal', () => {
  expect([waiting, queued, claimed, running, completed].filter((task) => isEnded(task))).toEqual([
    completed,
  ]);
});

/** Never called: the compiler is the test. Each line below is legal, or refused for the reason given. */
export function compileOnly(ended: EndedTask, finishing: TaskIn<'finishing'>): void {
  step('claim', queued, { state: 'claimed', attempt: open }, 0);
  step('requeue', finishing, { state: 'waiting', runAt: 0, attempt: over }, 0);
  step('requeue', finishing, { state: 'queued', queuedAt: 0, attempt: over }, 0);

  // @ts-expect-error a waiting task is released before it is claimed
  step('claim', waiting, { state: 'claimed', attempt: open }, 0);
  // @ts-expect-error a claim does not lead to running
  step('claim', queued, { state: 'running', attempt: started }, 0);
  // @ts-expect-error a running task has a process
  step('start', claimed, { state: 'running', attempt: open }, 0);
  // @ts-expect-error a queued task has none
  step('unclaim', claimed, { state: 'queued', queuedAt: 0, attempt: started }, 0);
  // @ts-expect-error a stop is stored with its reason
  step('requestStop', running, { state: 'stopping', attempt: started }, 0);
  // @ts-expect-error a running task is not completed before its exit
  step('complete', running, { state: 'completed', attempt: over, endedAt: 0 }, 0);
  // @ts-expect-error a failure has a reason from the closed list
  step('fail', finishing, { state: 'failed', attempt: over, endedAt: 0, reason: 'bad luck' }, 0);
  // @ts-expect-error a cancelled task did not fail: its reason says who stopped it
  step('cancel', queued, { state: 'cancelled', attempt: over, endedAt: 0, reason: 'idle' }, 0);
  // @ts-expect-error a completed task has had an attempt
  step('complete', finishing, { state: 'completed', attempt: null, endedAt: 0 }, 0);
  // @ts-expect-error nothing leaves an ended task
  step('requeue', ended, { state: 'queued', queuedAt: 0, attempt: over }, 0);
  // @ts-expect-error no event makes a new task out of an old one
  step('submit', queued, { state: 'queued', queuedAt: 0, attempt: null }, 0);
  // @ts-expect-error there is no such event
  step('resurrect', ended, { state: 'queued', queuedAt: 0, attempt: over }, 0);
  // @ts-expect-error an amendment keeps the facts of its own state
  amend(running, { attempt: open });
}

test('facts live in the state', () => {
  expectTypeOf<TaskIn<'running'>['attempt']['process']>().toEqualTypeOf<typeof process>();
  expectTypeOf<TaskIn<'claimed'>['attempt']['process']>().toBeNull();
  expectTypeOf<Facts['completed']['attempt']>().toEqualTypeOf<EndedAttempt>();
  expectTypeOf<EndedTask['endedAt']>().toBeNumber();
  expectTypeOf<Task>().not.toHaveProperty('endedAt');
});
