import { describe, expect, test } from 'vitest';
import { EMPTY_REPORT } from './agent-report.ts';
import type { AgentFacts, AgentWork } from './agent-work.ts';
import { type EndedAttempt, NO_OUTPUT, type Outcome, type RunningAttempt } from './attempt.ts';
import { ENVELOPES } from './envelope.ts';
import { childOf, leftFor, refusalOfChildren, takenBy, within } from './family.ts';
import type { StopReason } from './lifecycle.ts';
import { NO_RETRY } from './retry.ts';
import type { Task, TaskSpec } from './task.ts';

const WORK: AgentWork = {
  kind: 'agent',
  agent: 'claude',
  brief: 'mend it',
  prompt: 'mend it',
  model: null,
  tier: 'standard',
  envelope: ENVELOPES.standard,
  permissions: 'workspace',
  isolated: false,
  onQuota: 'wait',
  account: 'claude/default/opus',
  resume: null,
};
const OTHER = { ...WORK, agent: 'codex', account: 'codex/default/gpt', envelope: ENVELOPES.high };
const spec: TaskSpec = {
  work: WORK,
  title: 'mend it',
  cwd: '/',
  environment: null,
  owner: 'cli:1',
  group: null,
  parent: 't-0',
  depth: 1,
  labels: {},
  priority: 0,
  streams: 'split',
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
const core = { id: 't-1', version: 3, node: 'n', createdAt: 0, spec };
const PROCESS = { pid: 7, startTime: '42', bootId: 'boot' };
const numbered = { number: 1, node: 'n', claimedAt: 0 };
const started = { ...numbered, process: PROCESS, startedAt: 1, deadlineAt: 60_001 };
const running: RunningAttempt = { ...started, idleFrom: 1, endedAt: null, outcome: null };
const over = (outcome: Outcome = { kind: 'ok' }, agent?: AgentFacts): EndedAttempt => ({
  ...started,
  endedAt: 2,
  outcome,
  exit: null,
  output: NO_OUTPUT,
  survivors: [],
  ...(agent !== undefined && { agent }),
});
const facts = (change: Partial<AgentFacts> = {}): AgentFacts => ({
  sessionId: 's',
  resumed: null,
  before: null,
  report: EMPTY_REPORT,
  settledAt: null,
  ...change,
});
const usage = (costUsd: number | null) => ({
  inputTokens: 1,
  outputTokens: 1,
  cachedTokens: null,
  costUsd,
});
const spent = (costUsd: number | null, seat?: AgentFacts['seat']): EndedAttempt =>
  over(
    { kind: 'ok' },
    facts({
      report: { ...EMPTY_REPORT, turns: 1, usage: usage(costUsd) },
      ...(seat !== undefined && { seat }),
    }),
  );
const stop = (reason: StopReason) => ({ reason, requestedAt: 1, killAt: 2 });

test('the place of a child names all of its ancestors, the nearest first', () => {
  expect(childOf(null)).toEqual({ parent: null, depth: 0 });
  const first = childOf({ id: 't-0', spec: { ...spec, parent: null, depth: 0 } });
  expect(first).toEqual({ parent: 't-0', depth: 1, ancestors: ['t-0'] });
  expect(childOf({ id: 't-1', spec: { ...spec, ...first } })).toEqual({
    parent: 't-1',
    depth: 2,
    ancestors: ['t-1', 't-0'],
  });
});

describe('whether a task takes children', () => {
  const failed = (attempt: EndedAttempt | null): Task => ({
    ...core,
    state: 'failed',
    reason: 'timed_out',
    attempt,
    endedAt: 2,
  });
  test.each<readonly [string, Task, ReturnType<typeof refusalOfChildren>]>([
    ['queued', { ...core, state: 'queued', queuedAt: 0, attempt: null }, null],
    ['running', { ...core, state: 'running', attempt: running }, null],
    ['finishing', { ...core, state: 'finishing', attempt: over() }, null],
    ['awaiting its children', { ...core, state: 'awaiting_children', attempt: over() }, null],
    ['completed', { ...core, state: 'completed', attempt: over(), endedAt: 2 }, null],
    [
      'being stopped',
      { ...core, state: 'stopping', attempt: running, stop: stop('user') },
      'stopping',
    ],
    [
      'timing out',
      { ...core, state: 'stopping', attempt: running, stop: stop('timed_out') },
      'stopping',
    ],
    ['settled', { ...core, state: 'stopping', attempt: running, stop: stop('settled') }, null],
    [
      'cancelled',
      { ...core, state: 'cancelled', reason: 'user', attempt: null, endedAt: 2 },
      'stopped',
    ],
    ['failed by itself', failed(over({ kind: 'exited', code: 1 })), null],
    ['failed unstarted', failed(null), null],
    ['timed out', failed(over({ kind: 'stopped', reason: 'timed_out' })), 'stopped'],
  ])('%s', (_, parent, expected) => expect(refusalOfChildren(parent)).toBe(expected));
});

describe('what a child takes of what its parent may spend', () => {
  const queued = (work: TaskSpec['work']): Task => ({
    ...core,
    spec: { ...spec, work },
    state: 'queued',
    queuedAt: 0,
    attempt: null,
  });
  const ended: Task = { ...core, state: 'completed', attempt: over(), endedAt: 2 };
  const unstarted = { ...over({ kind: 'spawn_failed', detail: '' }), startedAt: null };
  test.each<readonly [string, Task, readonly (EndedAttempt | RunningAttempt)[], number]>([
    ['a command: nothing', queued({ kind: 'command', argv: ['true'] }), [], 0],
    ['not begun: all that it may', queued(WORK), [], 2],
    ['not begun: of the dearest agent', queued({ ...WORK, others: [OTHER] }), [], 8],
    ['running: all that it may', queued(WORK), [running], 2],
    ['tried again: both', queued(WORK), [spent(0.5)], 2.5],
    ['ended: what it spent', ended, [spent(0.25), spent(0.5)], 0.75],
    ['ended without a word on it: all that it might', ended, [spent(null)], 2],
    ['ended without a report: all that it might', ended, [over()], 2],
    ['ended with another agent: all that one might', ended, [spent(null, OTHER)], 8],
    ['ended before a model was called: nothing', ended, [over({ kind: 'ok' }, facts())], 0],
    ['ended before it was started: nothing', ended, [unstarted], 0],
  ])('%s', (_, child, attempts, expected) =>
    expect(takenBy(child, attempts)).toBeCloseTo(expected, 9),
  );

  test.each([
    [0, 2],
    [1.7, 0.3],
    [1.99, 0.01],
    [1.995, null],
    [2, null],
    [9, null],
  ])('%d of $2 leave %d', (taken, left) => expect(leftFor(WORK, taken)).toBe(left));

  test('no agent may spend more than is left', () => {
    expect(within(WORK, 0.3)).toEqual({ ...WORK, envelope: { ...WORK.envelope, costUsd: 0.3 } });
    expect(within(WORK, 3)).toEqual(WORK);
    const bounded = within({ ...WORK, others: [OTHER] }, 3);
    expect(bounded.others?.map(({ envelope }) => envelope.costUsd)).toEqual([3]);
    expect(bounded.envelope.costUsd).toBe(2);
  });
});
