import { describe, expect, test } from 'vitest';
import { SCENARIOS as STUB } from '../fixtures/stub-model-server.mjs';
import { mismatches, rowOf } from './compare.ts';
import { PINS } from './pins.ts';
import { PROVIDERS } from './providers.ts';
import { SCENARIOS } from './scenarios.ts';
import type { Seen } from './seen.ts';

const DONE: Seen = {
  exit: 0,
  state: 'completed',
  reason: null,
  queueReason: null,
  verdict: 'delivered',
  outcome: 'ok',
  limit: null,
  answer: 'Wrote hello.txt and checked it.',
  usage: { inputTokens: 3600, cachedTokens: 1200, outputTokens: 150, costUsd: null },
  sessionId: 's',
  leaves: '?? hello.txt',
  attempts: 1,
  endedAt: 1_000_000,
  requests: { all: 3, answered: 3, withTools: 3 },
  wrong: [],
};
const HELD: Seen = {
  ...DONE,
  exit: 75,
  state: 'queued',
  queueReason: 'held',
  verdict: 'pending',
  outcome: 'quota_exhausted',
  limit: { class: 'until', until: 1_000_000 + 3_590_000 },
  answer: '',
  usage: null,
  leaves: '',
};
const FAILED: Seen = {
  ...HELD,
  exit: 1,
  state: 'failed',
  reason: 'auth_failed',
  queueReason: null,
  verdict: 'failed',
  outcome: 'auth_failed',
  limit: null,
};

test('every scenario is known to the stub and to the expectations, every program to the providers', () => {
  for (const { name, stub = name } of SCENARIOS) {
    expect(STUB).toHaveProperty(stub);
    expect(() => rowOf(name)).not.toThrow();
  }
  for (const { name } of PINS) expect(PROVIDERS).toHaveProperty(name);
});

test('what is as expected has no mismatch', () => {
  expect(mismatches('claude', 'tool', DONE)).toEqual([]);
  expect(mismatches('claude', 'quota', HELD)).toEqual([]);
  expect(mismatches('claude', 'auth', FAILED)).toEqual([]);
});

describe('a difference is a mismatch', () => {
  const cases: readonly [string, Seen, Partial<Seen>][] = [
    ['tool', DONE, { exit: 1 }],
    ['tool', DONE, { state: 'failed' }],
    ['tool', DONE, { verdict: 'unverified' }],
    ['tool', DONE, { outcome: 'exited' }],
    ['tool', DONE, { answer: '' }],
    ['tool', DONE, { usage: null }],
    ['tool', DONE, { requests: { all: 4, answered: 4, withTools: 4 } }],
    ['tool', DONE, { sessionId: null }],
    ['tool', DONE, { leaves: '' }],
    ['tool', DONE, { attempts: 2 }],
    ['tool', DONE, { wrong: ['left running: 12 sleep'] }],
    ['quota', HELD, { exit: 0 }],
    ['quota', HELD, { queueReason: 'slots' }],
    ['quota', HELD, { outcome: 'rate_limited' }],
    ['quota', HELD, { limit: { class: 'windowed', until: null } }],
    ['quota', HELD, { limit: { class: 'until', until: 1_000_000 + 7_200_000 } }],
    ['auth', FAILED, { reason: 'agent_error' }],
    ['auth', FAILED, { outcome: 'agent_error' }],
    ['auth', FAILED, { requests: { all: 0, answered: 0, withTools: 0 } }],
  ];
  test.each(cases)('%s %#', (scenario, good, changed) => {
    expect(mismatches('claude', scenario, { ...good, ...changed })).not.toEqual([]);
  });
});
