import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AGENT_FAILURES, type AgentOutcome, isLimit, limitFor } from './agent-outcome.ts';
import type { Outcome } from './attempt.ts';
import { DRAIN_AFTER, drainAfter, isDrain, isDrained, type Sign, signOf } from './drain.ts';
import {
  accountsOf,
  drainOf,
  type Hold,
  holdOn,
  isHeld,
  manualHold,
  RESUME_AT_ONCE,
} from './holds.ts';
import { STOP_REASONS } from './lifecycle.ts';

const NOW = 1_795_222_830_000;
const ERROR: Outcome = { kind: 'agent_error', message: 'boom' };
const OK: Outcome = { kind: 'ok' };

const after = (previous: Hold | null, taskId: string, outcome: Outcome, now = NOW) =>
  drainAfter(previous, { agent: 'codex', taskId }, outcome, now);
/** The row after attempts of these tasks came to these outcomes. */
const row = (...ends: readonly (readonly [string, Outcome])[]): Hold | null =>
  ends.reduce<Hold | null>((hold, [taskId, outcome], nth) => {
    const next = after(hold, taskId, outcome, NOW + nth);
    return next === undefined ? hold : next;
  }, null);

const agentOutcome = (kind: (typeof AGENT_FAILURES)[number]): AgentOutcome =>
  isLimit(kind) ? { kind, limit: limitFor(kind, 'no'), message: 'no' } : { kind, message: 'no' };

describe('what an outcome says of the agent', () => {
  const outcomes: [string, Outcome, Sign][] = [
    ['ok', OK, 'works'],
    ['exit 0', { kind: 'exited', code: 0 }, null],
    ['exit 1', { kind: 'exited', code: 1 }, 'fails'],
    ['a signal', { kind: 'signaled', signal: 'SIGSEGV' }, 'fails'],
    ['not started', { kind: 'spawn_failed', detail: 'no such file' }, 'fails'],
    ['lost', { kind: 'lost', how: 'vanished' }, null],
    ['rebooted', { kind: 'lost', how: 'rebooted' }, null],
    ['parked', { kind: 'parked' }, null],
    ['voided', { kind: 'voided' }, null],
    ...AGENT_FAILURES.map((kind): [string, Outcome, Sign] => [
      kind,
      agentOutcome(kind),
      kind === 'agent_error' || kind === 'no_final_answer' ? 'fails' : null,
    ]),
    ...STOP_REASONS.map((reason): [string, Outcome, Sign] => [
      `stopped ${reason}`,
      { kind: 'stopped', reason },
      reason === 'idle' || reason === 'no_first_output' ? 'fails' : null,
    ]),
  ];
  test.each(outcomes)('%s', (_name, outcome, sign) => {
    expect(signOf(outcome)).toBe(sign);
  });
});

describe('the row of failures', () => {
  test('begins with the first one, which holds nothing', () => {
    const first = row(['a', ERROR]);
    expect(first).toEqual({
      account: 'codex/drained',
      agent: 'codex',
      class: 'drained',
      until: null,
      retryAt: 0,
      since: NOW,
      count: 1,
      reason: 'failed once (agent error: boom)',
      failure: null,
      taskId: 'a',
    });
    expect(isDrained(first)).toBe(false);
  });

  test('holds from the second one on, until a person acts', () => {
    expect(DRAIN_AFTER).toBe(2);
    const second = row(['a', ERROR], ['b', { kind: 'exited', code: 3 }]);
    expect(second).toMatchObject({
      retryAt: null,
      count: 2,
      since: NOW + 1,
      reason: 'failed twice in a row (exit code 3)',
      taskId: 'b',
    });
    expect(isDrained(second)).toBe(true);
  });

  test('counts what failed after that, and says no more of it', () => {
    const third = row(['a', ERROR], ['b', ERROR], ['c', { kind: 'signaled', signal: 'SIGKILL' }]);
    expect(third).toMatchObject({
      count: 3,
      since: NOW + 1,
      retryAt: null,
      reason: 'failed twice in a row (agent error: boom)',
      taskId: 'c',
    });
  });

  test('counts the attempts of one task once', () => {
    expect(row(['a', ERROR], ['a', ERROR], ['a', ERROR])).toMatchObject({ count: 1 });
    expect(row(['a', ERROR], ['a', ERROR], ['b', ERROR])).toMatchObject({ count: 2 });
    expect(row(['a', ERROR], ['b', ERROR], ['b', ERROR])).toMatchObject({ count: 2 });
  });

  test('ends with a success, drained or not', () => {
    expect(after(null, 'a', OK)).toBeUndefined();
    expect(row(['a', ERROR], ['b', OK])).toBeNull();
    expect(row(['a', ERROR], ['b', OK], ['c', ERROR])).toMatchObject({ count: 1 });
    expect(row(['a', ERROR], ['b', ERROR], ['c', OK])).toBeNull();
  });

  test('is left alone by what says nothing', () => {
    const one = row(['a', ERROR]);
    for (const outcome of [
      agentOutcome('rate_limited'),
      { kind: 'stopped', reason: 'user' } as const,
    ])
      for (const previous of [null, one]) expect(after(previous, 'b', outcome)).toBeUndefined();
  });

  test.each<[Outcome, string]>([
    [{ kind: 'spawn_failed', detail: 'no program' }, 'spawn failed: no program'],
    [{ kind: 'no_final_answer', message: '' }, 'no final answer'],
    [{ kind: 'stopped', reason: 'no_first_output' }, 'no first output'],
    [{ kind: 'signaled', signal: 'SIGSEGV' }, 'SIGSEGV'],
    [{ kind: 'agent_error', message: 'two\nlines' }, 'agent error: two lines'],
  ])('says what happened: %j', (outcome, words) => {
    expect(after(null, 'a', outcome)?.reason).toBe(`failed once (${words})`);
  });
});

test('only a row of failures is a drain', () => {
  expect(isDrain(manualHold('codex', null, 'x', NOW))).toBe(false);
  expect(isDrained(null)).toBe(false);
  expect(isDrained({ ...manualHold('codex', null, 'x', NOW), count: 9 })).toBe(false);
});

test('whatever came, it holds every account of the agent if and only if two failed in a row', () => {
  const end = fc.record({
    task: fc.constantFrom('a', 'b', 'c'),
    outcome: fc.constantFrom<Outcome>(ERROR, OK, { kind: 'stopped', reason: 'user' }),
  });
  fc.assert(
    fc.property(fc.array(end), fc.integer({ min: 0, max: 2 * NOW }), (ends, now) => {
      const hold = row(...ends.map(({ task, outcome }) => [task, outcome] as const));
      // The tasks that failed since the last success; the same one again counts once.
      const failed: string[] = [];
      for (const { task, outcome } of ends)
        if (outcome === OK) failed.length = 0;
        else if (outcome === ERROR && failed.at(-1) !== task) failed.push(task);
      expect(hold?.count ?? 0).toBe(failed.length);
      expect(isDrained(hold)).toBe(failed.length >= DRAIN_AFTER);
      if (hold === null) return;
      expect(isHeld(hold, now)).toBe(isDrained(hold));
      expect(accountsOf('codex/own-1/gpt')).toContain(drainOf('codex'));
      const standing = holdOn([hold], 'codex/own-1/gpt', RESUME_AT_ONCE, [now], now);
      expect(standing?.freeAt).toBe(isDrained(hold) ? null : undefined);
      expect(holdOn([hold], 'claude/default/opus', RESUME_AT_ONCE, [], now)).toBeNull();
    }),
  );
});
