import { describe, expect, test } from 'vitest';
import {
  AGENT_CHANGES,
  AGENT_CHANGES_KEPT,
  changeByAttempt,
  changeByHand,
  changeByPerson,
} from './agent-change.ts';
import { drainAfter } from './drain.ts';
import { type Hold, manualHold } from './holds.ts';

const NOW = 1_795_222_830_000;
const HOUR = 3_600_000;
const OPUS = 'claude/default/opus';

const limit = (changes: Partial<Hold> = {}): Hold => ({
  account: OPUS,
  agent: 'claude',
  class: 'until',
  until: NOW + HOUR,
  retryAt: NOW + HOUR,
  since: NOW,
  count: 1,
  reason: 'limit reached',
  failure: 'rate_limited',
  taskId: 't-1',
  ...changes,
});
const drain = (count: number): Hold => {
  let row: Hold | null = null;
  for (let nth = 0; nth < count; nth++)
    row =
      drainAfter(
        row,
        { agent: 'claude', taskId: `t-${nth}` },
        { kind: 'agent_error', message: 'boom' },
        NOW,
      ) ?? null;
  if (row === null) throw new RangeError(`${count}`);
  return row;
};

describe('what an attempt brought about', () => {
  test.each<[string, Hold | null, Hold | null, string | null]>([
    ['a first refusal', null, limit(), 'held'],
    ['another one after the wait', limit(), limit({ since: NOW + HOUR, count: 2 }), 'extended'],
    ['a longer one', limit(), limit({ retryAt: null }), 'extended'],
    ['one that changes nothing', limit(), limit(), null],
    ['a success', limit(), null, 'ended'],
    ['nothing at all', null, null, null],
    ['a first failure', null, drain(1), null],
    ['a second failure', drain(1), drain(2), 'drained'],
    ['a third failure', drain(2), drain(3), null],
    ['a success after one failure', drain(1), null, null],
    ['a success after two', drain(2), null, 'ended'],
  ])('%s', (_name, before, after, kind) => {
    const { account } = before ?? after ?? limit();
    const change = changeByAttempt({ account, before, after }, 't-9', NOW + 5);
    expect(change?.kind ?? null).toBe(kind);
    if (change === null) return;
    expect(change).toMatchObject({ at: NOW + 5, agent: 'claude', account, taskId: 't-9' });
    expect(AGENT_CHANGES).toContain(change.kind);
  });

  test('says why, and until when', () => {
    const told = (after: Hold) =>
      changeByAttempt({ account: OPUS, before: null, after }, 't-9', NOW)?.detail;
    expect(told(limit())).toBe('limit reached; until 2026-11-21 02:00 UTC');
    expect(told(limit({ retryAt: null }))).toBe('limit reached');
    expect(
      changeByAttempt({ account: OPUS, before: limit(), after: null }, 't-9', NOW)?.detail,
    ).toBe('limit reached');
    const { account } = drain(2);
    expect(
      changeByAttempt({ account, before: drain(1), after: drain(2) }, 't-1', NOW)?.detail,
    ).toBe('failed twice in a row (agent error: boom)');
  });
});

test('what a person brought about', () => {
  expect(changeByHand(manualHold('claude', HOUR, 'a break', NOW))).toEqual({
    at: NOW,
    agent: 'claude',
    account: 'claude/*',
    kind: 'manual',
    detail: 'a break; until 2026-11-21 02:00 UTC',
    taskId: null,
  });
  expect(changeByPerson(limit(), 'released', NOW + 1)).toEqual({
    at: NOW + 1,
    agent: 'claude',
    account: OPUS,
    kind: 'released',
    detail: 'limit reached',
    taskId: null,
  });
  expect(changeByPerson(drain(2), 'acknowledged', NOW)?.kind).toBe('acknowledged');
  expect(changeByPerson(drain(1), 'acknowledged', NOW)).toBeNull();
  expect(changeByPerson(drain(1), 'released', NOW)).toBeNull();
  expect(AGENT_CHANGES_KEPT).toBe(10_000);
});
