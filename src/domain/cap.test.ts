import { expect, test } from 'vitest';
import type { AgentWork } from './agent-work.ts';
import type { OpenAttempt } from './attempt.ts';
import type { Budget } from './budget.ts';
import { type Cap, countedBy, isCapped } from './cap.ts';
import { ENVELOPES } from './envelope.ts';
import { NO_RETRY } from './retry.ts';
import type { Step, TaskSpec } from './task.ts';

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
const attempt: OpenAttempt = {
  number: 1,
  node: 'n',
  claimedAt: 5,
  process: null,
  startedAt: null,
  deadlineAt: null,
  endedAt: null,
  outcome: null,
};
const claim: Step = {
  id: 't-1',
  version: 1,
  event: 'claim',
  at: 5,
  next: { state: 'claimed', attempt },
};
const cap = (changes: Partial<Budget> = {}): Cap => ({
  from: 1,
  budget: {
    name: 'daily',
    limitUsd: 10,
    window: 'day',
    agent: null,
    group: null,
    owner: null,
    warn: 0.8,
    ...changes,
  },
});
const spent = (usd: number) => (): number => usd;

test('a claim of $2 fits as long as there is so much', () => {
  expect(isCapped([claim], spec, [cap()], spent(8))).toBe(false);
  expect(isCapped([claim], spec, [cap()], spent(8.01))).toBe(true);
  expect(isCapped([claim], spec, [cap({ limitUsd: 100 }), cap()], spent(9))).toBe(true);
  expect(isCapped([claim], spec, [], spent(99))).toBe(false);
});

test('only budgets that count it are asked', () => {
  expect(isCapped([claim], spec, [cap({ agent: 'codex' })], spent(99))).toBe(false);
  expect(isCapped([claim], spec, [cap({ group: 'nightly' })], spent(99))).toBe(true);
});

test('nothing but the claim of an agent is capped', () => {
  const unclaim: Step = { ...claim, event: 'unclaim' };
  expect(isCapped([unclaim], spec, [cap()], spent(99))).toBe(false);
  const command: TaskSpec = { ...spec, work: { kind: 'command', argv: ['true'] } };
  expect(isCapped([claim], command, [cap()], spent(99))).toBe(false);
});

test('what a budget counts', () => {
  expect(countedBy(cap())).toEqual({ from: 1 });
  expect(countedBy(cap({ agent: 'a', group: 'g', owner: 'o' }))).toEqual({
    from: 1,
    agent: 'a',
    group: 'g',
    owner: 'o',
  });
});
