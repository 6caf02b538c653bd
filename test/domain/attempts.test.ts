/** A task from claim to end, attempt after attempt, with outcomes thrown at it at random. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EndedAttempt, Outcome } from '../../src/domain/attempt.ts';
import { decideAll } from '../../src/domain/decide.ts';
import {
  completions,
  type PushTargets,
  PUSH_TRIES,
  pushDelay,
  reminder,
} from '../../src/domain/delivery.ts';
import { type AttemptEvidence, type Evidence, NO_CHILDREN } from '../../src/domain/evidence.ts';
import { TERMINAL } from '../../src/domain/lifecycle.ts';
import { MAX_LOST_RETRIES, type RetryPolicy, retryDelay } from '../../src/domain/retry.ts';
import { apply, isEnded, step, type Task, type TaskSpec } from '../../src/domain/task.ts';
import { endedAttempt, moment, spec, taskIn } from './arbitraries.ts';

type Fate = 'succeeds' | 'fails' | 'vanishes' | 'is voided';
const PROCESS = { pid: 1, startTime: '1', bootId: 'b' };

/** Numbers that differ make no other error. */
const inLetters = (at: number): string =>
  String(at).replace(/\d/g, (digit) => 'ghijklmnop'[Number(digit)] ?? '');

const remains = (at: number) => ({
  process: PROCESS,
  startedAt: at,
  at,
  output: { bytes: 0, truncated: false, preview: '', errorTail: `error ${inLetters(at)}` },
  survivors: [],
});
const shown = (fate: Fate, now: number): AttemptEvidence => {
  switch (fate) {
    case 'succeeds':
      return { kind: 'exited', exit: { code: 0 }, ...remains(now) };
    case 'fails':
      return { kind: 'exited', exit: { code: 1 }, ...remains(now) };
    case 'vanishes':
      return { kind: 'gone', how: 'vanished', ...remains(now) };
    case 'is voided':
      return { kind: 'voided' };
  }
};

/** Plays the engine for one task until it ends, or until the fates are used up. */
function live(asked: TaskSpec, fates: readonly Fate[]): { task: Task; ended: EndedAttempt[] } {
  const ended: EndedAttempt[] = [];
  let task: Task = {
    id: 't-1',
    version: 1,
    node: 'n',
    createdAt: 0,
    spec: { ...asked, queueTimeout: null },
    state: 'queued',
    queuedAt: 0,
    attempt: null,
  };
  let now = 0;
  const evidence = (attempt: AttemptEvidence): Evidence => ({
    attempt,
    agent: null,
    readiness: { kind: 'ready' },
    children: NO_CHILDREN,
    earlier: [...ended],
    checks: [],
    orphaned: false,
    vitals: null,
    outputLimit: 0,
    overBudget: false,
    chance: 0,
  });
  for (const fate of fates) {
    if (task.state === 'waiting') now = Math.max(now, task.runAt ?? 0);
    task = decideAll(task, evidence({ kind: 'none' }), now).reduce(apply, task);
    if (task.state !== 'queued') break;
    const attempt = { number: ended.length + 1, node: 'n', claimedAt: now, process: null };
    const open = { ...attempt, startedAt: null, deadlineAt: null, endedAt: null, outcome: null };
    task = apply(task, step('claim', task, { state: 'claimed', attempt: open }, now));
    now += 1;
    task = decideAll(task, evidence(shown(fate, now)), now).reduce(apply, task);
    if (task.attempt?.outcome) ended.push(task.attempt);
  }
  return { task, ended };
}

const count = (ended: readonly EndedAttempt[], kind: Outcome['kind']): number =>
  ended.filter((attempt) => attempt.outcome.kind === kind).length;

test('a task ends once, after no more attempts than it was granted', () => {
  const fates = fc.array(fc.constantFrom<Fate>('succeeds', 'fails', 'vanishes', 'is voided'), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(spec, fates, (asked, given) => {
      const { task, ended } = live(asked, given);
      const voided = count(ended, 'voided');
      expect(ended.length - voided).toBeLessThanOrEqual(asked.retry.attempts + 1);
      expect(count(ended, 'lost')).toBeLessThanOrEqual(MAX_LOST_RETRIES + 1);
      if (
        given.includes('succeeds') &&
        ended.some((one) => one.exit && 'code' in one.exit && one.exit.code === 0)
      )
        expect(task.state).toBe('completed');
      expect(ended.map((attempt) => attempt.number)).toEqual(ended.map((_, n) => n + 1));
    }),
  );
});

test('a task that always fails is tried exactly as often as granted', () => {
  fc.assert(
    fc.property(spec, (asked) => {
      const { task, ended } = live(
        asked,
        Array.from({ length: 10 }, () => 'fails' as const),
      );
      expect(task).toMatchObject({ state: 'failed', reason: 'exit_code' });
      expect(ended).toHaveLength(asked.retry.attempts + 1);
    }),
  );
});

test('voided launches cost nothing: the same end after any number of them', () => {
  fc.assert(
    fc.property(spec, fc.nat({ max: 8 }), (asked, times) => {
      const voided = Array.from({ length: times }, () => 'is voided' as const);
      const failing = Array.from({ length: 10 }, () => 'fails' as const);
      const { task, ended } = live(asked, [...voided, ...failing]);
      expect(task).toMatchObject({ state: 'failed', reason: 'exit_code' });
      expect(ended).toHaveLength(times + asked.retry.attempts + 1);
    }),
  );
});

test('a retry waits at least its back-off and at most a fifth more', () => {
  const policy: fc.Arbitrary<RetryPolicy> = spec.map((asked) => asked.retry);
  const chance = fc.double({ min: 0, max: 0.999, noNaN: true });
  fc.assert(
    fc.property(policy, fc.array(endedAttempt, { maxLength: 6 }), chance, (asked, ended, luck) => {
      const least = retryDelay(asked, ended, 0);
      const delay = retryDelay(asked, ended, luck);
      expect(delay === null).toBe(least === null);
      if (delay === null || least === null) return;
      expect(delay).toBeGreaterThanOrEqual(least);
      expect(delay).toBeLessThanOrEqual(Math.round(least * 1.2));
    }),
  );
});

const names = fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/), { maxLength: 5 });
const targets: fc.Arbitrary<PushTargets> = fc.record({ webhooks: names, onDone: fc.boolean() });

test('a completion has one stable id for each subscriber, and the owner is always one', () => {
  fc.assert(
    fc.property(taskIn(...TERMINAL), targets, (task, given) => {
      const told = completions(task, given);
      const ids = told.map((one) => one.id);
      expect(new Set(ids).size).toBe(told.length);
      expect(new Set(told.map((one) => one.subscriber)).size).toBe(told.length);
      expect(told[0]?.subscriber).toBe(`owner:${task.spec.owner}`);
      expect(completions({ ...task, version: task.version + 1 }, given)).toEqual(told);
      if (task.spec.notify === 'never') expect(told).toHaveLength(1);
      expect(isEnded(task)).toBe(true);
    }),
  );
});

test('different tasks never share a delivery id', () => {
  const two = fc.tuple(taskIn(...TERMINAL), taskIn(...TERMINAL)).filter(([a, b]) => a.id !== b.id);
  fc.assert(
    fc.property(two, targets, ([one, other], given) => {
      const ids = [one, other].flatMap((task) => completions(task, given).map((told) => told.id));
      expect(new Set(ids).size).toBe(ids.length);
    }),
  );
});

test('a reminder has one id for each interval of each attempt', () => {
  fc.assert(
    fc.property(taskIn('running'), moment, moment, (task, a, b) => {
      const [one, other] = [reminder(task, a), reminder(task, b)];
      if (one === null || other === null) return;
      expect(one.id === other.id).toBe(one.createdAt === other.createdAt);
      expect(one.createdAt).toBeLessThanOrEqual(a);
      expect(a - one.createdAt).toBeLessThan(task.spec.remind);
    }),
  );
});

test('pushes wait longer and longer, and not for ever', () => {
  const tries = fc.integer({ min: 1, max: PUSH_TRIES - 1 });
  fc.assert(
    fc.property(tries, fc.double({ min: 0, max: 0.999, noNaN: true }), (n, chance) => {
      const delay = pushDelay(n, chance) ?? Number.NaN;
      expect(delay).toBeGreaterThanOrEqual(pushDelay(n, 0) ?? Number.NaN);
      expect(delay).toBeLessThanOrEqual(4 * 3_600_000 * 1.2);
      if (n > 1) expect(pushDelay(n, 0)).toBeGreaterThanOrEqual(pushDelay(n - 1, 0) ?? 0);
    }),
  );
});
