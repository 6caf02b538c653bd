import { describe, expect, test } from 'vitest';
import type { AgentOutcome, LimitClass, LimitFailure } from './agent-outcome.ts';
import { type AgentReport, EMPTY_REPORT } from './agent-report.ts';
import type { AgentFacts, AgentWork } from './agent-work.ts';
import { NO_OUTPUT, type RunningAttempt } from './attempt.ts';
import { decide, decideAll, requestStop } from './decide.ts';
import { ENVELOPES } from './envelope.ts';
import { type AgentEvidence, type Evidence, NO_CHILDREN } from './evidence.ts';
import type { StopReason } from './lifecycle.ts';
import { NO_RETRY } from './retry.ts';
import { apply, dueAt, type Step, type Task, type TaskIn, type TaskSpec } from './task.ts';

const NOW = 100_000;
const PROCESS = { pid: 7, startTime: '42', bootId: 'boot' };

const work: AgentWork = {
  kind: 'agent',
  agent: 'claude',
  brief: 'mend it',
  prompt: 'mend it',
  model: null,
  tier: 'lite',
  envelope: ENVELOPES.lite,
  permissions: 'workspace',
  isolated: false,
  onQuota: 'wait',
  account: 'claude/default/default',
  resume: null,
};
const spec: TaskSpec = {
  work,
  title: 'mend it',
  cwd: '/',
  environment: null,
  owner: 'cli:1',
  group: null,
  parent: null,
  depth: 0,
  labels: {},
  priority: 0,
  streams: 'split',
  timeout: 60_000,
  idleTimeout: null,
  firstOutputTimeout: null,
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
const facts: AgentFacts = {
  sessionId: 's-1',
  resumed: null,
  before: null,
  report: null,
  settledAt: null,
};
const started: RunningAttempt = {
  number: 1,
  node: 'n',
  claimedAt: 90_000,
  process: PROCESS,
  startedAt: 91_000,
  deadlineAt: 151_000,
  idleFrom: 91_000,
  endedAt: null,
  outcome: null,
  agent: facts,
};
const running: TaskIn<'running'> = { ...core, state: 'running', attempt: started };
const FINAL = { ok: true, text: 'done', failure: null, message: null };
const usage = (costUsd: number) => ({
  inputTokens: 1,
  outputTokens: 1,
  cachedTokens: null,
  costUsd,
});
const seen = (of: Partial<AgentReport>, outcome: AgentOutcome | null = null): AgentEvidence => ({
  report: { ...EMPTY_REPORT, ...of },
  outcome,
});
const refused = (kind: LimitFailure, of: LimitClass): AgentOutcome => ({
  kind,
  limit: { class: of, until: null, message: 'no' },
  message: 'no',
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
const REMAINS = {
  process: PROCESS,
  startedAt: 91_000,
  at: 99_000,
  output: NO_OUTPUT,
  survivors: [],
};
const EXITED = { kind: 'exited', exit: { code: 1 }, ...REMAINS } as const;

const endOf = (step: Step | null): string =>
  step === null
    ? '-'
    : [
        step.event,
        'reason' in step.next ? step.next.reason : '',
        'stop' in step.next ? step.next.stop.reason : '',
      ]
        .filter((word) => word !== '')
        .join(' ');

describe('a running agent: what it has said', () => {
  const table: [string, number, AgentEvidence | null, string, boolean?][] = [
    ['nothing was read', NOW, null, '-'],
    ['nothing was read, a budget is overspent', NOW, null, '-', true],
    ['a budget is overspent', NOW, seen({ turns: 1 }), 'requestStop budget_exceeded', true],
    ['a budget is overspent, but it is done', NOW, seen({ final: FINAL }), '-', true],
    ['it works', NOW, seen({ turns: 15, usage: usage(0.5) }), '-'],
    ['one turn too many', NOW, seen({ turns: 16 }), 'requestStop max_turns'],
    ['a cent too much', NOW, seen({ usage: usage(0.51) }), 'requestStop budget_exceeded'],
    ['a cent too much, but it is done', NOW, seen({ usage: usage(0.51), final: FINAL }), '-'],
    ['a turn too many, but it is done', NOW, seen({ turns: 16, final: FINAL }), '-'],
    ['the deadline goes first', 151_000, seen({ turns: 16 }), 'requestStop timed_out'],
  ];
  test.each(table)('%s', (_, now, agent, expected, overBudget = false) => {
    expect(endOf(decide(running, evidence({ agent, overBudget }), now))).toBe(expected);
  });

  test('a command has no bounds of that kind, whatever is shown', () => {
    const command = { ...spec, work: { kind: 'command', argv: ['true'] } as const };
    const agent = seen({ turns: 999, usage: usage(99) });
    const given = evidence({ agent, overBudget: true });
    expect(decide({ ...running, spec: command }, given, NOW)).toBeNull();
  });
});

describe('a running agent that has said what it came to', () => {
  const settled = (settledAt: number, changes: Partial<RunningAttempt> = {}) => ({
    ...running,
    attempt: { ...started, ...changes, agent: { ...facts, settledAt } },
  });
  const of = (task: Task, now: number, given: Partial<Evidence> = {}) =>
    endOf(decide(task, evidence({ agent: seen({ final: FINAL }), ...given }), now));

  test('has ten seconds to end by itself', () => {
    const task = settled(95_000);
    expect(dueAt(task)).toBe(105_000);
    expect(of(task, 104_999)).toBe('-');
    expect(of(task, 105_000)).toBe('requestStop settled');
    expect(of(task, 105_000, { agent: null })).toBe('requestStop settled');
  });

  test('was not too slow, too dear or too silent, whatever ends its process', () => {
    const late = settled(95_000, { deadlineAt: 98_000 });
    expect(dueAt(late)).toBe(98_000);
    expect(of(late, 98_000)).toBe('requestStop settled');
    expect(of(late, 105_000)).toBe('requestStop settled');
    const silent = { ...settled(95_000), spec: { ...spec, idleTimeout: 5_000 } };
    const quiet = { lastActivityAt: 95_000, bytes: 10 };
    expect(of(silent, 99_999, { vitals: quiet })).toBe('-');
    expect(of(silent, 100_000, { vitals: quiet })).toBe('requestStop settled');
    const flood = { lastActivityAt: 95_000, bytes: 1_001 };
    expect(of(settled(95_000), 96_000, { vitals: flood })).toBe('requestStop settled');
  });

  test('is told in one pass with its start, when both were missed', () => {
    const claimed: TaskIn<'claimed'> = {
      ...core,
      state: 'claimed',
      attempt: {
        ...started,
        process: null,
        startedAt: null,
        deadlineAt: null,
        agent: { ...facts, settledAt: 92_000 },
      },
    };
    const steps = decideAll(claimed, evidence(), 102_000);
    expect(steps.map(endOf)).toEqual(['start', 'requestStop settled']);
  });

  test.each<[string, Evidence['attempt'], AgentOutcome | null, string]>([
    ['was ended', { ...EXITED, exit: { signal: 'SIGKILL' } }, { kind: 'ok' }, 'completed'],
    ['ended with an error', EXITED, { kind: 'ok' }, 'completed'],
    ['vanished', { kind: 'gone', how: 'vanished', ...REMAINS }, { kind: 'ok' }, 'completed'],
    ['had failed', EXITED, { kind: 'auth_failed', message: 'no' }, 'failed auth_failed'],
    ['was refused', EXITED, refused('quota_exhausted', 'until'), 'queued'],
    ['cannot be read any more', EXITED, null, 'failed no_final_answer'],
    ['had ended before', { ...EXITED, at: 90_000 }, { kind: 'ok' }, 'completed'],
    ['had ended before, unread', { ...EXITED, at: 90_000 }, null, 'failed exit_code'],
  ])('%s: the protocol says how', (_, attempt, outcome, expected) => {
    const stop = requestStop(running, 'settled', 5_000, 97_000);
    const task = apply(running, stop);
    const given = evidence({ attempt, agent: seen({ final: FINAL }, outcome) });
    const end = decideAll(task, given, NOW).reduce(apply, task);
    expect(`${end.state}${'reason' in end ? ` ${end.reason}` : ''}`).toBe(expected);
  });
});

describe('the first sign of life', () => {
  const nothing = { lastActivityAt: 0, bytes: 0 };
  const table: readonly (readonly [
    string,
    number,
    Partial<TaskSpec>,
    Partial<Evidence>,
    string,
  ])[] = [
    ['has its time', 98_999, {}, { vitals: nothing }, '-'],
    ['did not come', 99_000, {}, { vitals: nothing }, 'requestStop no_first_output'],
    ['nobody looked for it', 99_000, {}, {}, '-'],
    ['was given', 99_000, {}, { vitals: { lastActivityAt: 91_001, bytes: 1 } }, '-'],
    ['may take for ever', 150_000, { firstOutputTimeout: null }, { vitals: nothing }, '-'],
    [
      'did not come, which is worse than idle',
      99_000,
      { idleTimeout: 1_000 },
      { vitals: nothing },
      'requestStop no_first_output',
    ],
    [
      'was given, and then no other',
      99_001,
      { idleTimeout: 8_000 },
      { vitals: { lastActivityAt: 91_001, bytes: 1 } },
      'requestStop idle',
    ],
  ];
  test.each(table)('%s', (_, now, changes, given, expected) => {
    const task = { ...running, spec: { ...spec, firstOutputTimeout: 8_000, ...changes } };
    expect(endOf(decide(task, evidence(given), now))).toBe(expected);
  });

  test('is not missed while the machine sleeps', () => {
    const attempt = { ...started, idleFrom: 95_000 };
    const task = { ...running, attempt, spec: { ...spec, firstOutputTimeout: 8_000 } };
    expect(endOf(decide(task, evidence({ vitals: nothing }), 102_999))).toBe('-');
    expect(endOf(decide(task, evidence({ vitals: nothing }), 103_000))).toBe(
      'requestStop no_first_output',
    );
  });

  test('may take for ever where nothing was said about it', () => {
    const { firstOutputTimeout: _, ...older } = spec;
    expect(decide({ ...running, spec: older }, evidence({ vitals: nothing }), 150_000)).toBeNull();
  });
});

describe('the stop of an agent', () => {
  test('begins with half of the grace to close the session', () => {
    const stopping = apply(running, requestStop(running, 'user', 5_000, NOW));
    expect(stopping).toMatchObject({
      state: 'stopping',
      stop: { reason: 'user', requestedAt: NOW, termAt: NOW + 2_500, killAt: NOW + 5_000 },
    });
    expect(dueAt(stopping)).toBe(NOW + 2_500);
  });

  test('is a kill where there is no grace, and a command is asked at once', () => {
    const killed = apply(running, requestStop(running, 'user', 0, NOW));
    expect(killed).toHaveProperty('stop', { reason: 'user', requestedAt: NOW, killAt: NOW });
    expect(dueAt(killed)).toBe(NOW);
    const command = { ...running, spec: { ...spec, work: { kind: 'command', argv: [] } as const } };
    const asked = apply(command, requestStop(command, 'user', 5_000, NOW));
    expect(asked).toHaveProperty('stop', { reason: 'user', requestedAt: NOW, killAt: NOW + 5_000 });
  });

  test.each<[StopReason, number, AgentOutcome | null, string]>([
    // it ended by itself before it was asked to: what it said counts
    ['user', 94_000, { kind: 'ok' }, 'completed'],
    ['max_turns', 94_000, { kind: 'agent_error', message: 'no' }, 'failed agent_error'],
    ['timed_out', 94_000, null, 'failed exit_code'],
    // else the stored reason, whatever it said at its end
    ['user', 96_000, { kind: 'ok' }, 'cancelled user'],
    ['timed_out', 96_000, { kind: 'ok' }, 'failed timed_out'],
    ['max_turns', 96_000, { kind: 'ok' }, 'failed max_turns'],
    ['budget_exceeded', 96_000, refused('rate_limited', 'transient'), 'failed budget_exceeded'],
  ])('for %s, with an end at %i and %j → %s', (reason, at, outcome, expected) => {
    const task = apply(running, requestStop(running, reason, 5_000, 95_000));
    const given = evidence({ attempt: { ...EXITED, at }, agent: seen({}, outcome) });
    const end = decideAll(task, given, NOW).reduce(apply, task);
    expect(`${end.state}${'reason' in end ? ` ${end.reason}` : ''}`).toBe(expected);
  });
});
