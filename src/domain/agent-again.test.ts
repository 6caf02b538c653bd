import { describe, expect, test } from 'vitest';
import { again, sessionToResume } from './agent-again.ts';
import { AGENT_FAILURES, type AgentOutcome, type LimitClass, isLimit } from './agent-outcome.ts';
import { EMPTY_REPORT } from './agent-report.ts';
import { type AgentFacts, type AgentWork, QUOTA_POLICIES } from './agent-work.ts';
import { type EndedAttempt, NO_OUTPUT, type Outcome } from './attempt.ts';
import { ENVELOPES } from './envelope.ts';
import { STOP_REASONS, type StopReason } from './lifecycle.ts';
import { NO_RETRY } from './retry.ts';
import type { TaskIn, TaskSpec } from './task.ts';
import { CHECKS } from './work-sample.ts';

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
  onQuota: 'wait',
  account: 'claude/default/default',
  resume: null,
};
const RESUME = { sessionId: 'asked', before: null, fresh: 'mend it, from the start' };

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

const facts = (of: Partial<AgentFacts> = {}): AgentFacts => ({
  sessionId: null,
  resumed: null,
  before: null,
  report: null,
  settledAt: null,
  ...of,
});
/** It has printed which session it is in. */
const inSession = (sessionId: string): AgentFacts =>
  facts({ sessionId, report: { ...EMPTY_REPORT, sessionId } });

const ended = (outcome: Outcome, agent?: AgentFacts): EndedAttempt => ({
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
  ...(agent !== undefined && { agent }),
});

const refused = (
  kind: 'rate_limited' | 'quota_exhausted' | 'overloaded',
  of: LimitClass,
): AgentOutcome => ({ kind, limit: { class: of, until: null, message: 'no' }, message: 'no' });
const stopped = (reason: StopReason): Outcome => ({ kind: 'stopped', reason });
const LOST: Outcome = { kind: 'lost', how: 'vanished' };
const ERROR: Outcome = { kind: 'agent_error', message: 'boom' };
const UNAVAILABLE: Outcome = { kind: 'resume_unavailable', message: 'no such session' };

describe('a further attempt at once, at the cost of no retry', () => {
  const finishing = (
    outcome: Outcome,
    agent?: AgentFacts,
    given: TaskSpec['work'] = work,
  ): TaskIn<'finishing'> => ({
    ...core,
    spec: { ...spec, work: given },
    state: 'finishing',
    attempt: ended(outcome, agent),
  });

  test.each([
    ['rate_limited', 'transient', true],
    ['rate_limited', 'until', true],
    ['rate_limited', 'windowed', true],
    ['rate_limited', 'needs_person', false],
    ['quota_exhausted', 'transient', true],
    ['quota_exhausted', 'until', true],
    ['quota_exhausted', 'windowed', true],
    ['quota_exhausted', 'needs_person', false],
    ['overloaded', 'transient', true],
    ['overloaded', 'until', true],
    ['overloaded', 'windowed', true],
    ['overloaded', 'needs_person', false],
  ] as const)('%s, %s: %s, unless it shall fail', (kind, of, waits) => {
    const outcome = refused(kind, of);
    for (const onQuota of QUOTA_POLICIES) {
      const task = finishing(outcome, undefined, { ...work, onQuota });
      const isAgain = waits ? onQuota !== 'fail' : onQuota === 'ask';
      expect(again(task, [])).toBe(isAgain);
      expect(again(task, Array(99).fill(ended(outcome)))).toBe(isAgain);
    }
  });

  test('a session that could not be loaded is begun anew; a new one that fails so is not', () => {
    expect(again(finishing(UNAVAILABLE, facts({ resumed: 's-1' })), [])).toBe(true);
    expect(again(finishing(UNAVAILABLE, inSession('s-1')), [])).toBe(false);
    expect(again(finishing(UNAVAILABLE), [])).toBe(false);
  });

  test('silence from the first moment on is given one more chance', () => {
    const silent = stopped('no_first_output');
    expect(again(finishing(silent), [])).toBe(true);
    expect(again(finishing(silent), [ended(ERROR), ended(stopped('idle')), ended(LOST)])).toBe(
      true,
    );
    expect(again(finishing(silent), [ended(silent)])).toBe(false);
    expect(again(finishing(silent), [ended(silent), ended(ERROR)])).toBe(false);
  });

  const OTHERS: Outcome[] = [
    { kind: 'ok' },
    { kind: 'exited', code: 0 },
    { kind: 'exited', code: 1 },
    { kind: 'signaled', signal: 'SIGSEGV' },
    { kind: 'spawn_failed', detail: 'no folder' },
    { kind: 'voided' },
    LOST,
    ...STOP_REASONS.filter((reason) => reason !== 'no_first_output').map(stopped),
    ...AGENT_FAILURES.flatMap((kind) =>
      isLimit(kind) || kind === 'resume_unavailable' ? [] : [{ kind, message: 'boom' }],
    ),
  ];
  test.each(OTHERS)('not after %j', (outcome) => {
    expect(again(finishing(outcome, facts({ resumed: 's-1' })), [])).toBe(false);
  });

  test('never for a command', () => {
    const command = { kind: 'command', argv: ['true'] } as const;
    for (const outcome of [refused('overloaded', 'transient'), UNAVAILABLE, stopped('idle')])
      expect(again(finishing(outcome, facts({ resumed: 's-1' }), command), [])).toBe(false);
    expect(again(finishing(stopped('no_first_output'), undefined, command), [])).toBe(false);
  });
});

describe('the session of the next attempt', () => {
  const queued = (
    attempt: EndedAttempt | null,
    given: TaskSpec['work'] = work,
  ): TaskIn<'queued'> => ({
    ...core,
    spec: { ...spec, work: given },
    state: 'queued',
    queuedAt: 40,
    attempt,
  });
  const nextSession = (task: TaskIn<'queued'>, canResume: boolean): string | null =>
    sessionToResume(task, canResume, work);
  const resuming: AgentWork = { ...work, resume: RESUME };

  test('the first attempt begins one, or goes on with the one that was asked for', () => {
    expect(nextSession(queued(null), true)).toBeNull();
    expect(nextSession(queued(null, resuming), true)).toBe('asked');
  });

  test.each<[string, Outcome]>([
    ['a lost process', LOST],
    ['a restart of the machine', { kind: 'lost', how: 'rebooted' }],
    ['a question', { kind: 'parked' }],
    ['a time-out', stopped('timed_out')],
    ['a rate limit', refused('rate_limited', 'transient')],
    ['a spent quota', refused('quota_exhausted', 'until')],
    ['an overload', refused('overloaded', 'transient')],
  ])('what was cut off by %s goes on', (_, outcome) => {
    expect(nextSession(queued(ended(outcome, inSession('s-1'))), true)).toBe('s-1');
    expect(nextSession(queued(ended(outcome, inSession('s-1')), resuming), true)).toBe('s-1');
  });

  test.each<Outcome>([{ kind: 'ok' }, { kind: 'exited', code: 0 }])(
    'what came out well (%j) but was sent back goes on, unless it competes',
    (outcome) => {
      const task = queued(ended(outcome, inSession('s-1')));
      expect(nextSession(task, true)).toBe('s-1');
      expect(nextSession(task, false)).toBeNull();
      const of = (bestOf: number) => ({
        ...task,
        spec: { ...task.spec, checks: { ...CHECKS, bestOf } },
      });
      expect(nextSession(of(1), true)).toBe('s-1');
      expect(nextSession(of(2), true)).toBeNull();
    },
  );

  test('not where the agent cannot resume, nor where no session was ever seen', () => {
    expect(nextSession(queued(ended(LOST, inSession('s-1'))), false)).toBeNull();
    expect(nextSession(queued(ended(LOST)), true)).toBeNull();
    expect(nextSession(queued(ended(LOST, facts())), true)).toBeNull();
    // chosen by us, but perhaps never opened
    expect(nextSession(queued(ended(LOST, facts({ sessionId: 'ours' }))), true)).toBeNull();
    const silent = facts({ sessionId: 'ours', report: EMPTY_REPORT });
    expect(nextSession(queued(ended(LOST, silent)), true)).toBeNull();
  });

  test('not where the session was resumed but never printed: what it was told may not have arrived', () => {
    const silent = facts({ sessionId: 's-1', resumed: 's-1', report: EMPTY_REPORT });
    expect(nextSession(queued(ended(LOST, silent)), true)).toBeNull();
    expect(nextSession(queued(ended(LOST, silent), resuming), true)).toBeNull();
  });

  test('the session that was printed last counts, not the one before it', () => {
    const forked = { ...inSession('s-2'), resumed: 's-1' };
    expect(nextSession(queued(ended(LOST, forked)), true)).toBe('s-2');
  });

  const FAILURES: Outcome[] = [
    ERROR,
    UNAVAILABLE,
    { kind: 'no_final_answer', message: 'silent' },
    { kind: 'exited', code: 1 },
    { kind: 'signaled', signal: 'SIGSEGV' },
    { kind: 'spawn_failed', detail: 'no folder' },
    stopped('idle'),
    stopped('no_first_output'),
    stopped('settled'),
  ];
  test.each(FAILURES)('after %j a new one is told what happened', (outcome) => {
    const last = ended(outcome, { ...inSession('s-1'), resumed: 's-1' });
    expect(nextSession(queued(last), true)).toBeNull();
    expect(nextSession(queued(last, resuming), true)).toBeNull();
  });

  describe('a voided launch never began: the next one is what it was to be', () => {
    const voided = (agent?: AgentFacts): EndedAttempt => ended({ kind: 'voided' }, agent);
    test('the first one', () => {
      expect(nextSession(queued(voided(facts({ sessionId: 'ours' }))), true)).toBeNull();
      const asked = facts({ sessionId: 'asked', resumed: 'asked' });
      expect(nextSession(queued(voided(asked), resuming), true)).toBe('asked');
    });

    test('one that was to go on after a limit', () => {
      const planned = facts({ sessionId: 's-1', resumed: 's-1' });
      expect(nextSession(queued(voided(planned)), true)).toBe('s-1');
    });

    test('one that was to begin anew, because the asked session could not be loaded', () => {
      const planned = facts({ sessionId: 'ours' });
      expect(nextSession(queued(voided(planned), resuming), true)).toBeNull();
    });

    test('one of which no plan was stored', () => {
      expect(nextSession(queued(voided()), true)).toBeNull();
    });
  });

  test('a command has none', () => {
    const command = { kind: 'command', argv: ['true'] } as const;
    expect(nextSession(queued(ended(LOST, inSession('s-1')), command), true)).toBeNull();
  });
});
