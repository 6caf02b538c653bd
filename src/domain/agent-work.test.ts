import { describe, expect, test } from 'vitest';
import { again, sessionToResume } from './agent-again.ts';
import type { LimitClass } from './agent-outcome.ts';
import { EMPTY_REPORT } from './agent-report.ts';
import {
  type AgentFacts,
  type AgentWork,
  isSameSeat,
  type QuotaPolicy,
  type Seat,
  seated,
  seatOf,
  seatsOf,
  usableSeats,
} from './agent-work.ts';
import { type EndedAttempt, NO_OUTPUT, type Outcome } from './attempt.ts';
import { ENVELOPES } from './envelope.ts';
import { holdBy } from './hold-step.ts';
import { NO_RETRY } from './retry.ts';
import type { Step, TaskIn, TaskSpec } from './task.ts';

const seat = (agent: string): Seat => ({
  agent,
  model: `${agent}-model`,
  tier: 'lite',
  envelope: ENVELOPES.lite,
  permissions: 'read-only',
  isolated: true,
  account: `${agent}/default/default`,
});
const CODEX = seat('codex');
const GEMINI = seat('gemini');
const work: AgentWork = {
  kind: 'agent',
  agent: 'claude',
  brief: 'mend it',
  prompt: 'mend it',
  model: null,
  tier: 'standard',
  envelope: ENVELOPES.standard,
  permissions: 'workspace',
  isolated: false,
  onQuota: 'fallback',
  account: 'claude/default/default',
  others: [CODEX, GEMINI],
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
const core = { id: 't-1', version: 3, node: 'n', createdAt: 1, spec };
const facts = (on: Seat | null, sessionId: string | null = null): AgentFacts => ({
  ...(on !== null && { seat: on }),
  sessionId,
  resumed: null,
  before: null,
  report: sessionId === null ? null : { ...EMPTY_REPORT, sessionId },
  settledAt: null,
});
const ended = (outcome: Outcome, agent: AgentFacts): EndedAttempt => ({
  number: 2,
  node: 'n',
  claimedAt: 10,
  process: null,
  startedAt: 20,
  deadlineAt: 60_020,
  endedAt: 30,
  outcome,
  exit: null,
  output: NO_OUTPUT,
  survivors: [],
  agent,
});
const refused = (of: LimitClass): Outcome => ({
  kind: 'quota_exhausted',
  limit: { class: of, until: null, message: 'no' },
  message: 'no',
});
const LOST: Outcome = { kind: 'lost', how: 'vanished' };

describe('the work as an attempt does it', () => {
  test('is the work itself, or has all of another agent', () => {
    expect(seated(work, undefined)).toBe(work);
    expect(seated(work, {})).toBe(work);
    expect(seated(work, { seat: CODEX })).toMatchObject({ ...CODEX, prompt: 'mend it' });
  });

  test('has the seats of the work, of which some may be used', () => {
    expect(seatsOf(work).map(({ agent }) => agent)).toEqual(['claude', 'codex', 'gemini']);
    expect(seatOf(work)).toEqual({ ...CODEX, ...seatOf(work) });
    expect(Object.keys(seatOf(work)).toSorted()).toEqual(Object.keys(CODEX).toSorted());
    const usable = (change: Partial<AgentWork>): string[] =>
      usableSeats({ ...work, ...change }).map(({ agent }) => agent);
    expect(usable({})).toEqual(['claude', 'codex', 'gemini']);
    expect(usable({ onQuota: 'wait' })).toEqual(['claude']);
    expect(usable({ onQuota: 'ask', pick: 'in_order' })).toEqual(['claude']);
    expect(usable({ onQuota: 'wait', pick: 'least_busy' })).toHaveLength(3);
    const { others: _others, ...alone } = work;
    expect(usableSeats(alone)).toEqual([alone]);
  });

  test('is the same seat with the same agent and account alone', () => {
    const richer: Seat = { ...CODEX, tier: 'high' };
    expect(isSameSeat(CODEX, richer)).toBe(true);
    expect(isSameSeat(CODEX, { ...CODEX, account: 'codex/other/default' })).toBe(false);
    expect(isSameSeat(CODEX, { ...CODEX, agent: 'other' })).toBe(false);
  });
});

describe('a session', () => {
  const queued = (attempt: EndedAttempt | null, given = work): TaskIn<'queued'> => ({
    ...core,
    spec: { ...spec, work: given },
    state: 'queued',
    queuedAt: 40,
    attempt,
  });

  test('is gone on with by the agent and account that had it, and by no other', () => {
    const onCodex = queued(ended(refused('until'), facts(CODEX, 's-1')));
    expect(sessionToResume(onCodex, true, CODEX)).toBe('s-1');
    expect(sessionToResume(onCodex, true, GEMINI)).toBeNull();
    expect(sessionToResume(onCodex, true, work)).toBeNull();
    expect(sessionToResume(onCodex, true, { ...CODEX, account: 'codex/other/x' })).toBeNull();
    const onClaude = queued(ended(LOST, facts(null, 's-1')));
    expect(sessionToResume(onClaude, true, work)).toBe('s-1');
    expect(sessionToResume(onClaude, true, CODEX)).toBeNull();
  });

  test('that was asked for is that of the preferred agent', () => {
    const resuming = { ...work, resume: { sessionId: 's-0', before: null, fresh: 'mend it' } };
    expect(sessionToResume(queued(null, resuming), true, work)).toBe('s-0');
    expect(sessionToResume(queued(null, resuming), true, CODEX)).toBeNull();
    const planned = { ...facts(null, 's-0'), resumed: 's-0' };
    const voided = queued(ended({ kind: 'voided' }, planned), resuming);
    expect(sessionToResume(voided, true, work)).toBe('s-0');
    expect(sessionToResume(voided, true, CODEX)).toBeNull();
  });
});

describe('after a refusal by somebody without whom it does not go on', () => {
  const isAgain = (on: Seat | null, before: readonly (Seat | null)[], given = work): boolean =>
    again(
      {
        ...core,
        spec: { ...spec, work: given },
        state: 'finishing',
        attempt: ended(refused('needs_person'), facts(on)),
      },
      before.map((one) => ended(refused('needs_person'), facts(one))),
    );

  test('another agent goes on, as long as there is one', () => {
    expect(isAgain(null, [])).toBe(true);
    expect(isAgain(CODEX, [null])).toBe(true);
    expect(isAgain(GEMINI, [null, CODEX])).toBe(false);
    expect(isAgain(CODEX, [CODEX, null])).toBe(true);
  });

  test.each<[QuotaPolicy, boolean]>([
    ['wait', true],
    ['fallback', true],
    ['fail', false],
  ])('with %s of a task that takes whoever is free: %s', (onQuota, expected) => {
    const given: AgentWork = { ...work, onQuota, pick: 'least_busy' };
    expect(isAgain(null, [], given)).toBe(expected);
  });

  test('not without another one', () => {
    const { others: _others, ...alone } = work;
    expect(isAgain(null, [], alone)).toBe(false);
    expect(isAgain(null, [], { ...work, onQuota: 'wait' })).toBe(false);
  });

  test('a refusal that passes is told from one that does not', () => {
    const attempt = ended(refused('needs_person'), facts(GEMINI));
    const passing = [ended(refused('until'), facts(null)), ended(LOST, facts(CODEX))];
    expect(again({ ...core, state: 'finishing', attempt }, passing)).toBe(true);
  });
});

describe('the hold of a refused attempt', () => {
  const exit = (on: Seat | null): Step => ({
    id: 't-1',
    version: 4,
    event: 'exit',
    at: 100,
    next: { state: 'finishing', attempt: ended(refused('windowed'), facts(on)) },
  });

  test('is that of the account it used', () => {
    expect(holdBy(exit(null), spec, null)).toMatchObject({
      account: 'claude/default/default',
      agent: 'claude',
    });
    expect(holdBy(exit(CODEX), spec, null)).toMatchObject({
      account: 'codex/default/default',
      agent: 'codex',
    });
  });

  test('is none where no agent worked', () => {
    const command = { ...spec, work: { kind: 'command', argv: ['true'] } as const };
    expect(holdBy(exit(null), command, null)).toBeUndefined();
  });
});
