import { describe, expect, test } from 'vitest';
import { type AgentOutcome, LIMIT_FAILURES } from './agent-outcome.ts';
import type { AgentWork } from './agent-work.ts';
import { type EndedAttempt, NO_OUTPUT, type Outcome } from './attempt.ts';
import { ENVELOPES } from './envelope.ts';
import { holdBy, holdsBy } from './hold-step.ts';
import { type Hold, holdAfter, manualHold } from './holds.ts';
import { NO_RETRY } from './retry.ts';
import type { Step, TaskSpec } from './task.ts';

const AT = 1_000_000;
const MINUTE = 60_000;

const work: AgentWork = {
  kind: 'agent',
  agent: 'claude',
  brief: 'mend it',
  prompt: 'mend it',
  model: 'opus',
  tier: 'standard',
  envelope: ENVELOPES.standard,
  permissions: 'workspace',
  isolated: false,
  onQuota: 'wait',
  account: 'claude/default/opus',
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

const ended = (outcome: Outcome, changes: Partial<EndedAttempt> = {}): EndedAttempt => ({
  number: 1,
  node: 'n',
  claimedAt: AT - 3_000,
  process: null,
  startedAt: AT - 2_000,
  deadlineAt: null,
  endedAt: AT - 1,
  outcome,
  exit: null,
  output: NO_OUTPUT,
  survivors: [],
  ...changes,
});
const exit = (outcome: Outcome, changes: Partial<EndedAttempt> = {}): Step => ({
  id: 't-1',
  version: 4,
  event: 'exit',
  at: AT,
  next: { state: 'finishing', attempt: ended(outcome, changes) },
});

const LIMIT = { class: 'until', until: AT + 60 * MINUTE, message: 'until one' } as const;
const refused: AgentOutcome = { kind: 'quota_exhausted', limit: LIMIT, message: 'until one' };
const OK: Outcome = { kind: 'ok' };
const standing = (changes: Partial<Hold> = {}): Hold => ({
  account: 'claude/default/opus',
  agent: 'claude',
  class: 'transient',
  until: null,
  retryAt: AT - 5 * MINUTE,
  since: AT - 10 * MINUTE,
  count: 3,
  reason: 'slow down',
  failure: 'rate_limited',
  taskId: 't-0',
  ...changes,
});

describe('the end of a refused attempt', () => {
  test('holds its account, in the name of the task, from the step on', () => {
    const hold = holdBy(exit(refused), spec, null);
    expect(hold).toMatchObject({
      account: 'claude/default/opus',
      agent: 'claude',
      taskId: 't-1',
      since: AT,
      until: AT + 60 * MINUTE,
      count: 1,
      failure: 'quota_exhausted',
      reason: 'until one',
    });
  });

  test.each(LIMIT_FAILURES)('%s is a hold like any other', (kind) => {
    const limit = { class: 'transient', until: null, message: '' } as const;
    const outcome = { kind, limit, message: '' };
    const of = { account: 'claude/default/opus', agent: 'claude', taskId: 't-1' };
    expect(holdBy(exit(outcome), spec, null)).toEqual(holdAfter(null, of, outcome, AT));
    const previous = standing();
    expect(holdBy(exit(outcome), spec, previous)).toEqual(holdAfter(previous, of, outcome, AT));
    expect(holdBy(exit(outcome), spec, previous)?.count).toBe(4);
  });

  test('leaves a longer hold as it is', () => {
    const longer = standing({ retryAt: null, class: 'needs_person' });
    expect(holdBy(exit(refused), spec, longer)).toEqual(longer);
  });

  test('holds the account also where the task shall fail instead of waiting', () => {
    const fails = { ...spec, work: { ...work, onQuota: 'fail' as const } };
    expect(holdBy(exit(refused), fails, null)).toEqual(holdBy(exit(refused), spec, null));
  });
});

describe('the end of an attempt that succeeded', () => {
  test('clears a hold that was there before it began', () => {
    expect(holdBy(exit(OK), spec, standing())).toBeNull();
    expect(holdBy(exit(OK), spec, standing({ since: AT - 2_000 }))).toBeNull();
  });

  test('tells nothing of a refusal that came after its start', () => {
    expect(holdBy(exit(OK), spec, standing({ since: AT - 1_999 }))).toBeUndefined();
  });

  test('counts from its claim, where its start was not seen', () => {
    const unseen = { startedAt: null };
    expect(holdBy(exit(OK, unseen), spec, standing({ since: AT - 3_000 }))).toBeNull();
    expect(holdBy(exit(OK, unseen), spec, standing({ since: AT - 2_999 }))).toBeUndefined();
  });

  test('has nothing to clear where there is no hold', () => {
    expect(holdBy(exit(OK), spec, null)).toBeUndefined();
  });

  test('does not take back what a person laid aside since', () => {
    const laidAside = manualHold('claude', null, 'holidays', AT - 1_000);
    expect(holdBy(exit(OK), spec, laidAside)).toBeUndefined();
  });
});

describe('nothing else changes a hold', () => {
  test.each<Outcome>([
    { kind: 'exited', code: 0 },
    { kind: 'exited', code: 1 },
    { kind: 'signaled', signal: 'SIGKILL' },
    { kind: 'stopped', reason: 'user' },
    { kind: 'stopped', reason: 'settled' },
    { kind: 'lost', how: 'vanished' },
    { kind: 'spawn_failed', detail: 'no folder' },
    { kind: 'voided' },
    { kind: 'agent_error', message: 'boom' },
    { kind: 'auth_failed', message: 'who are you' },
    { kind: 'no_final_answer', message: 'silent' },
    { kind: 'resume_unavailable', message: 'no such session' },
  ])('not the end of an attempt with %j', (outcome) => {
    expect(holdBy(exit(outcome), spec, standing())).toBeUndefined();
    expect(holdBy(exit(outcome), spec, null)).toBeUndefined();
  });

  test('not a later step that shows the same attempt', () => {
    for (const outcome of [refused, OK]) {
      const attempt = ended(outcome);
      const requeue: Step = {
        ...exit(outcome),
        event: 'requeue',
        next: { state: 'queued', queuedAt: AT, attempt },
      };
      const complete: Step = {
        ...exit(outcome),
        event: 'complete',
        next: { state: 'completed', attempt, endedAt: AT },
      };
      expect(holdBy(requeue, spec, standing())).toBeUndefined();
      expect(holdBy(complete, spec, standing())).toBeUndefined();
    }
  });

  test('not an exit that leads elsewhere than the lifecycle says', () => {
    const odd: Step = {
      ...exit(refused),
      next: { state: 'completed', attempt: ended(refused), endedAt: AT },
    };
    expect(holdBy(odd, spec, null)).toBeUndefined();
  });

  test('not a command', () => {
    const command = { ...spec, work: { kind: 'command', argv: ['true'] } as const };
    expect(holdBy(exit(refused), command, null)).toBeUndefined();
    expect(holdBy(exit(OK), command, standing())).toBeUndefined();
  });
});

describe('all rows that the end of an attempt changes', () => {
  const ERROR: Outcome = { kind: 'agent_error', message: 'boom' };
  const rows = (step: Step, given: Record<string, Hold> = {}, of = spec) =>
    holdsBy(step, of, (account) => given[account] ?? null).map(({ account, before, after }) => [
      account,
      before?.count ?? null,
      after?.count ?? null,
    ]);
  const failed = standing({ account: 'claude/drained', class: 'drained', failure: null });
  const both = { [standing().account]: standing(), 'claude/drained': failed };

  test('a refusal: the account', () => {
    expect(rows(exit(refused))).toEqual([['claude/default/opus', null, 1]]);
  });

  test('a failure: the failures of the agent', () => {
    expect(rows(exit(ERROR))).toEqual([['claude/drained', null, 1]]);
    expect(rows(exit(ERROR), both)).toEqual([['claude/drained', 3, 4]]);
  });

  test('a success: both, or none', () => {
    expect(rows(exit(OK), both)).toEqual([
      ['claude/default/opus', 3, null],
      ['claude/drained', 3, null],
    ]);
    expect(rows(exit(OK))).toEqual([]);
  });

  test('of an attempt on another seat: those of that agent', () => {
    const { kind: _kind, ...mine } = work;
    const seat = { ...mine, agent: 'codex', account: 'codex/default/gpt' };
    const agent = {
      seat,
      sessionId: null,
      resumed: null,
      before: null,
      report: null,
      settledAt: null,
    };
    expect(rows(exit(ERROR, { agent }), both)).toEqual([['codex/drained', null, 1]]);
    expect(rows(exit(refused, { agent }), both)).toEqual([['codex/default/gpt', null, 1]]);
  });

  test('of a command, of another step, of an odd state: none', () => {
    const command = { ...spec, work: { kind: 'command', argv: ['false'] } } as const;
    expect(rows(exit(ERROR), both, command)).toEqual([]);
    expect(rows({ ...exit(ERROR), event: 'complete' }, both)).toEqual([]);
    const odd = { ...exit(ERROR), next: { state: 'queued', queuedAt: AT, attempt: null } } as const;
    expect(rows(odd, both)).toEqual([]);
  });
});
