import { describe, expect, test } from 'vitest';
import {
  AGENT_FAILURES,
  type AgentOutcome,
  type LimitClass,
  type LimitFailure,
} from './agent-outcome.ts';
import { type AgentReport, EMPTY_REPORT } from './agent-report.ts';
import type { AgentFacts, AgentWork } from './agent-work.ts';
import { type EndedAttempt, NO_OUTPUT, type Outcome, type RunningAttempt } from './attempt.ts';
import { decide, decideAll } from './decide.ts';
import { ENVELOPES } from './envelope.ts';
import { type AgentEvidence, type Evidence, NO_CHILDREN } from './evidence.ts';
import { NO_RETRY } from './retry.ts';
import type { Step, TaskIn, TaskSpec } from './task.ts';

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
const ended = (outcome: Outcome, changes: Partial<EndedAttempt> = {}): EndedAttempt => ({
  ...started,
  endedAt: 96_000,
  outcome,
  exit: null,
  output: NO_OUTPUT,
  survivors: [],
  ...changes,
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
        step.event === 'requeue' ? step.next.state : '',
        'reason' in step.next ? step.next.reason : '',
        'stop' in step.next ? step.next.stop.reason : '',
      ]
        .filter((word) => word !== '')
        .join(' ');

describe('a finishing agent, by what its attempt came to', () => {
  const GOLDEN: readonly (readonly [Outcome, once: string, retried: string])[] = [
    [{ kind: 'ok' }, 'complete', 'complete'],
    [refused('rate_limited', 'transient'), 'requeue queued', 'requeue queued'],
    [refused('quota_exhausted', 'until'), 'requeue queued', 'requeue queued'],
    [refused('quota_exhausted', 'windowed'), 'requeue queued', 'requeue queued'],
    [refused('overloaded', 'transient'), 'requeue queued', 'requeue queued'],
    [refused('rate_limited', 'needs_person'), 'fail rate_limited', 'fail rate_limited'],
    [refused('quota_exhausted', 'needs_person'), 'fail quota_exhausted', 'fail quota_exhausted'],
    [{ kind: 'auth_failed', message: 'a' }, 'fail auth_failed', 'fail auth_failed'],
    [
      { kind: 'model_unavailable', message: 'a' },
      'fail model_unavailable',
      'fail model_unavailable',
    ],
    [{ kind: 'max_turns', message: 'a' }, 'fail max_turns', 'fail max_turns'],
    [{ kind: 'budget_exceeded', message: 'a' }, 'fail budget_exceeded', 'fail budget_exceeded'],
    [{ kind: 'no_final_answer', message: 'a' }, 'fail no_final_answer', 'requeue waiting'],
    [{ kind: 'agent_error', message: 'a' }, 'fail agent_error', 'requeue waiting'],
    [{ kind: 'resume_unavailable', message: 'a' }, 'fail agent_error', 'fail agent_error'],
    [{ kind: 'stopped', reason: 'no_first_output' }, 'requeue queued', 'requeue queued'],
    [{ kind: 'stopped', reason: 'idle' }, 'fail idle', 'requeue waiting'],
    [{ kind: 'stopped', reason: 'max_turns' }, 'fail max_turns', 'fail max_turns'],
    [{ kind: 'stopped', reason: 'user' }, 'cancel user', 'cancel user'],
    [{ kind: 'lost', how: 'vanished' }, 'fail lost_vanished', 'requeue waiting'],
  ];
  const finishing = (
    outcome: Outcome,
    attempts = 0,
    changes: Partial<AgentWork> = {},
  ): TaskIn<'finishing'> => ({
    ...core,
    spec: { ...spec, retry: { attempts, backoff: [5_000] }, work: { ...work, ...changes } },
    state: 'finishing',
    attempt: ended(outcome),
  });

  test.each(GOLDEN)('%j → %s, with a retry left → %s', (outcome, once, retried) => {
    expect(endOf(decide(finishing(outcome), evidence(), NOW))).toBe(once);
    expect(endOf(decide(finishing(outcome, 1), evidence(), NOW))).toBe(retried);
  });

  test('the table knows every failure of an agent', () => {
    const known = GOLDEN.map(([{ kind }]) => kind);
    expect(AGENT_FAILURES.filter((kind) => !known.includes(kind))).toEqual([]);
  });

  test.each<[LimitFailure, string]>([
    ['rate_limited', 'fail rate_limited'],
    ['quota_exhausted', 'fail quota_exhausted'],
    // a provider without room refuses as one does whose rate was exceeded
    ['overloaded', 'fail rate_limited'],
  ])('%s, where it shall fail instead of waiting → %s', (kind, expected) => {
    const task = finishing(refused(kind, 'until'), 5, { onQuota: 'fail' });
    expect(endOf(decide(task, evidence(), NOW))).toBe(expected);
  });

  test('a refused one waits in the queue from now on, at the cost of no retry', () => {
    const limit = ended(refused('quota_exhausted', 'until'));
    const task = finishing(limit.outcome);
    expect(decide(task, evidence(), NOW)?.next).toEqual({
      state: 'queued',
      queuedAt: NOW,
      attempt: task.attempt,
    });
    const error = finishing({ kind: 'agent_error', message: 'a' }, 1);
    const before = (...earlier: EndedAttempt[]) => decide(error, evidence({ earlier }), NOW);
    expect(before(limit, limit, limit)?.next).toMatchObject({
      state: 'waiting',
      runAt: NOW + 5_000,
    });
    expect(endOf(before(limit, ended(error.attempt.outcome), limit))).toBe('fail agent_error');
  });

  test('a session that could not be loaded costs one further attempt, the new one no more', () => {
    const outcome = { kind: 'resume_unavailable', message: 'no such session' } as const;
    const resumed = ended(outcome, { agent: { ...facts, resumed: 's-0' } });
    const task = { ...finishing(outcome), attempt: resumed };
    expect(endOf(decide(task, evidence(), NOW))).toBe('requeue queued');
    const anew = finishing(outcome);
    expect(endOf(decide(anew, evidence({ earlier: [resumed] }), NOW))).toBe('fail agent_error');
  });

  test('silence from the first moment on costs exactly one further attempt', () => {
    const silent = finishing({ kind: 'stopped', reason: 'no_first_output' }, 5);
    expect(endOf(decide(silent, evidence(), NOW))).toBe('requeue queued');
    const given = evidence({ earlier: [silent.attempt] });
    expect(endOf(decide(silent, given, NOW))).toBe('fail no_first_output');
  });

  test('a requeue at once ends the pass: it must be durable before the next claim', () => {
    const limit = refused('rate_limited', 'transient');
    const given = evidence({ attempt: EXITED, agent: seen({}, limit) });
    expect(decideAll(running, given, NOW).map(endOf)).toEqual(['exit', 'requeue queued']);
  });
});
