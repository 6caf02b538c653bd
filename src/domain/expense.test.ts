import { describe, expect, test } from 'vitest';
import type { Usage } from './agent-event.ts';
import { type AgentReport, EMPTY_REPORT } from './agent-report.ts';
import type { AgentFacts, AgentWork } from './agent-work.ts';
import { type EndedAttempt, NO_OUTPUT, type OpenAttempt, type Outcome } from './attempt.ts';
import { ENVELOPES } from './envelope.ts';
import { type Expense, expenseBy, expenseOf } from './expense.ts';
import { NO_RETRY } from './retry.ts';
import type { Next, Step, TaskSpec } from './task.ts';

const AT = 1_000_000;

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
  group: 'nightly',
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

const usage = (costUsd: number | null, inputTokens: number | null = 10): Usage => ({
  inputTokens,
  outputTokens: inputTokens,
  cachedTokens: 1,
  costUsd,
});
const facts = (
  report: Partial<AgentReport> | null,
  more: Partial<AgentFacts> = {},
): AgentFacts => ({
  sessionId: 's-1',
  resumed: null,
  before: null,
  report: report === null ? null : { ...EMPTY_REPORT, ...report },
  settledAt: null,
  ...more,
});
const open: OpenAttempt = {
  number: 2,
  node: 'n',
  claimedAt: AT,
  process: null,
  startedAt: null,
  deadlineAt: null,
  endedAt: null,
  outcome: null,
};
const OK: Outcome = { kind: 'ok' };
const ended = (outcome: Outcome, changes: Partial<EndedAttempt> = {}): EndedAttempt => ({
  ...open,
  startedAt: AT + 1,
  endedAt: AT + 9,
  outcome,
  exit: null,
  output: NO_OUTPUT,
  survivors: [],
  ...changes,
});
const step = (event: Step['event'], next: Next): Step => ({
  id: 't-1',
  version: 3,
  event,
  at: AT + 9,
  next,
});

const reserved: Expense = {
  taskId: 't-1',
  attempt: 2,
  agent: 'claude',
  account: 'claude/default/opus',
  group: 'nightly',
  owner: 'cli:1',
  at: AT,
  reservedUsd: 2,
  costUsd: null,
  ended: false,
  tokens: null,
};

describe('what a step does', () => {
  const place = { taskId: 't-1', attempt: 2 };

  test('a claim reserves the ceiling', () => {
    const claim = step('claim', { state: 'claimed', attempt: open });
    expect(expenseBy(claim, spec)).toEqual({ ...place, expense: reserved });
  });

  test('the ceiling is that of the seat that the attempt takes', () => {
    const envelope = ENVELOPES.lite;
    const seat = { ...work, agent: 'codex', account: 'codex/default/default', envelope };
    const attempt = { ...open, agent: facts(null, { seat }) };
    expect(expenseBy(step('claim', { state: 'claimed', attempt }), spec)?.expense).toMatchObject({
      agent: 'codex',
      account: 'codex/default/default',
      reservedUsd: 0.5,
    });
  });

  test('the end settles it', () => {
    const attempt = ended(OK, { agent: facts({ usage: usage(0.25) }) });
    expect(expenseBy(step('exit', { state: 'finishing', attempt }), spec)).toEqual({
      ...place,
      expense: { ...reserved, costUsd: 0.25, ended: true, tokens: 20 },
    });
  });

  test('a launch that was voided costs nothing', () => {
    const attempt = ended({ kind: 'voided' }, { startedAt: null });
    const unclaim = step('unclaim', { state: 'queued', queuedAt: AT, attempt });
    expect(expenseBy(unclaim, spec)).toEqual({ ...place, expense: null });
  });

  test('nothing else does anything, and nothing that a command does', () => {
    const { attempt } = { attempt: ended(OK) };
    const complete = step('complete', { state: 'completed', attempt, endedAt: AT });
    expect(expenseBy(complete, spec)).toBeNull();
    const submit = step('submit', { state: 'queued', queuedAt: AT, attempt: null });
    expect(expenseBy(submit, spec)).toBeNull();
    const command: TaskSpec = { ...spec, work: { kind: 'command', argv: ['true'] } };
    expect(expenseBy(step('claim', { state: 'claimed', attempt: open }), command)).toBeNull();
    expect(expenseOf('t-1', command, open)).toBeNull();
    expect(expenseOf('t-1', spec, ended({ kind: 'voided' }))).toBeNull();
  });
});

describe('what an ended attempt has cost', () => {
  const stopped: Outcome = { kind: 'stopped', reason: 'user' };
  const never = { startedAt: null };
  const total = { session: usage(3), usage: usage(3) };
  test.each<[string, EndedAttempt, number | null]>([
    ['as it told', ended(OK, { agent: facts({ usage: usage(0.25) }) }), 0.25],
    ['nothing, as it told', ended(OK, { agent: facts({ usage: usage(0) }) }), 0],
    ['it told nonsense', ended(OK, { agent: facts({ usage: usage(-1) }) }), null],
    ['it told tokens alone', ended(OK, { agent: facts({ usage: usage(null) }) }), null],
    ['it told nothing', ended(OK, { agent: facts({}) }), null],
    ['nothing of it was read', ended(OK, { agent: facts(null) }), null],
    ['its agent was not known any more', ended(OK), null],
    ['it could not be started', ended({ kind: 'spawn_failed', detail: 'no' }, never), 0],
    ['it was stopped before it started', ended(stopped, never), 0],
    ['it was stopped', ended(stopped, { agent: facts({ usage: usage(0.1) }) }), 0.1],
    ['it was stopped and told nothing', ended(stopped, { agent: facts({}) }), null],
    ['it was lost', ended({ kind: 'lost', how: 'unreadable' }, never), null],
    ['the totals of a session of its own', ended(OK, { agent: facts(total) }), 3],
    [
      'the totals of a session that went on, without what it had cost before',
      ended(OK, {
        agent: facts({ ...total, usage: usage(1) }, { resumed: 's-1', before: usage(2) }),
      }),
      1,
    ],
    [
      'the totals of a session of which nobody knows what it had cost before',
      ended(OK, { agent: facts(total, { resumed: 's-1' }) }),
      null,
    ],
    [
      'the totals of a session that had told tokens alone',
      ended(OK, { agent: facts(total, { resumed: 's-1', before: usage(null) }) }),
      null,
    ],
    [
      'a session that went on, and an agent that tells what the attempt alone cost',
      ended(OK, { agent: facts({ usage: usage(0.5), session: usage(null) }, { resumed: 's-1' }) }),
      0.5,
    ],
  ])('%s', (_, attempt, expected) => {
    expect(expenseOf('t-1', spec, attempt)?.costUsd).toBe(expected);
  });

  test.each<[string, Usage | null, number | null]>([
    ['both', { ...usage(null), inputTokens: 5, outputTokens: 2 }, 7],
    ['in alone', { ...usage(null), inputTokens: 5, outputTokens: null }, 5],
    ['out alone', { ...usage(null), inputTokens: null, outputTokens: 2 }, 2],
    ['a part of one', { ...usage(null), inputTokens: 1.5, outputTokens: 0 }, 2],
    ['nonsense', usage(1, -1), null],
    ['more nonsense', usage(1, 1e300), 1e15],
    ['none', usage(1, null), null],
    ['nothing', null, null],
  ])('tokens: %s', (_, told, expected) => {
    const attempt = ended(OK, { agent: facts({ usage: told }) });
    expect(expenseOf('t-1', spec, attempt)?.tokens).toBe(expected);
  });
});
