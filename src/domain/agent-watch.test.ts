import { describe, expect, test } from 'vitest';
import type { LimitClass } from './agent-outcome.ts';
import { type AgentReport, EMPTY_REPORT } from './agent-report.ts';
import {
  ASKED_GRACE,
  beyond,
  isSettled,
  LONGEST_RETRY_WAIT,
  SETTLED_GRACE,
  settlesAt,
} from './agent-watch.ts';
import type { AgentFacts, AgentWork } from './agent-work.ts';
import type { RunningAttempt } from './attempt.ts';
import { ENVELOPES } from './envelope.ts';
import { ANSWER, finishOf, QUESTION } from './worker-sample.ts';
import type { WorkerFacts } from './worker.ts';

const report = (of: Partial<AgentReport>): AgentReport => ({ ...EMPTY_REPORT, ...of });
const FINAL = { ok: true, text: 'done', failure: null, message: null };
const limit = (of: LimitClass): AgentReport['limit'] => ({
  result: 'rate_limited',
  limit: { class: of, until: null, message: 'no' },
});
const costing = (costUsd: number | null): AgentReport['usage'] => ({
  inputTokens: 1_000_000,
  outputTokens: 1_000_000,
  cachedTokens: null,
  costUsd,
});

describe('an agent is settled', () => {
  test.each<[string, Partial<AgentReport>, boolean]>([
    ['not while it works', { turns: 5, text: 'I think' }, false],
    ['when it said that it is done', { final: FINAL }, true],
    ['when it said that it failed', { final: { ...FINAL, ok: false } }, true],
    ['when it is done after a limit', { final: FINAL, limit: limit('transient') }, true],
    ['not by a mere error', { error: { message: 'no', failure: 'auth_failed' } }, false],
    ['not by a wait for no limit', { wait: 3_600_000, retries: 9 }, false],
    ['when a reset was told', { limit: limit('until') }, true],
    ['when a window is used up', { limit: limit('windowed') }, true],
    ['when only a person can help', { limit: limit('needs_person') }, true],
    ['not by a limit that passes', { limit: limit('transient') }, false],
    ['not by a short wait', { limit: limit('transient'), wait: LONGEST_RETRY_WAIT }, false],
    ['by a wait that is too long', { limit: limit('transient'), wait: 45_001 }, true],
  ])('%s', (_, of, expected) => {
    expect(isSettled(report(of))).toBe(expected);
  });
});

const running: RunningAttempt = {
  number: 1,
  node: 'n',
  claimedAt: 10,
  process: { pid: 7, startTime: '42', bootId: 'boot' },
  startedAt: 20,
  deadlineAt: 90_000,
  idleFrom: 20,
  endedAt: null,
  outcome: null,
};
const facts: AgentFacts = {
  sessionId: null,
  resumed: null,
  before: null,
  report: null,
  settledAt: null,
};

describe('an agent that asked', () => {
  const asked = (of: Partial<WorkerFacts> = {}, more: Partial<RunningAttempt> = {}) =>
    settlesAt({ ...running, worker: { question: QUESTION, ...of }, ...more });
  test('has two minutes to end by itself', () => {
    expect(asked()).toBe(30 + ASKED_GRACE);
  });
  test('is ended sooner when its protocol is over', () => {
    expect(asked({}, { agent: { ...facts, settledAt: 50 } })).toBe(50 + SETTLED_GRACE);
    expect(asked({}, { agent: { ...facts, settledAt: 900_000 } })).toBe(30 + ASKED_GRACE);
  });
  test('works on when it is answered, or has finished', () => {
    expect(asked({ question: { ...QUESTION, answer: ANSWER } })).toBe(Infinity);
    expect(asked({ finish: finishOf() })).toBe(Infinity);
  });
});

test('the process of a settled attempt has ten seconds to end by itself', () => {
  expect(settlesAt(running)).toBe(Infinity);
  expect(settlesAt({ ...running, agent: facts })).toBe(Infinity);
  expect(settlesAt({ ...running, agent: { ...facts, settledAt: 0 } })).toBe(SETTLED_GRACE);
  expect(settlesAt({ ...running, agent: { ...facts, settledAt: 50_000 } })).toBe(60_000);
});

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

describe('15 turns and half a dollar', () => {
  test.each<[string, Partial<AgentReport>, ReturnType<typeof beyond>]>([
    ['nothing told', {}, null],
    ['the last turn', { turns: 15 }, null],
    ['one turn more', { turns: 16 }, 'max_turns'],
    ['the last cent', { usage: costing(0.5) }, null],
    ['one cent more', { usage: costing(0.51) }, 'budget_exceeded'],
    ['a cost that is not told', { usage: costing(null) }, null],
    ['money goes first', { turns: 16, usage: costing(0.51) }, 'budget_exceeded'],
    ['turns, though the cost is not told', { turns: 16, usage: costing(null) }, 'max_turns'],
    ['too much, but it is done', { turns: 99, usage: costing(9), final: FINAL }, null],
    [
      'too much, and it failed by itself',
      { turns: 99, final: { ...FINAL, ok: false, failure: 'max_turns' } },
      null,
    ],
  ])('%s', (_, of, expected) => {
    expect(beyond(work, report(of))).toBe(expected);
  });

  test('a budget that is overspent ends it, unless it is done', () => {
    expect(beyond(work, report({ turns: 16 }), true)).toBe('budget_exceeded');
    expect(beyond(work, report({ final: FINAL }), true)).toBeNull();
  });
});
