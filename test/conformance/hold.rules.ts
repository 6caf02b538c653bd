import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/domain/attempt.ts';
import { holdBy } from '../../src/domain/hold-step.ts';
import { type Hold, manualHold, RESET_BUFFER } from '../../src/domain/holds.ts';
import { amend, apply, type Step, step, type Task, type TaskIn } from '../../src/domain/task.ts';
import type { Store } from '../../src/ports/store.ts';
import {
  candidates,
  agentWork,
  claim,
  exit,
  inState,
  NOON,
  QUIET,
  refused,
  requeue,
  start,
  submit,
  submitQueued,
} from './sample.ts';

const OPUS = 'claude/default/opus';
const HOUR = 3_600_000;
const OK: Outcome = { kind: 'ok' };
const LIMIT = refused('quota_exhausted', 'until', NOON + HOUR);

const hold = (account: string, changes: Partial<Hold> = {}): Hold => ({
  ...manualHold('claude', HOUR, 'not now', NOON),
  account,
  ...changes,
});

const ids = (tasks: readonly Task[]): string[] => tasks.map(({ id }) => id);

export function holdRules(store: () => Store): void {
  const commit = (one: Step): Promise<Task | null> => store().commit([one], QUIET);
  const forAgent = (id: string, account: string, more: Parameters<typeof submit>[2] = {}) =>
    submitQueued(store(), id, { ...more, spec: { ...more.spec, work: agentWork(account) } });
  const drop = (accounts: string[]) => store().dropHolds(accounts, 'released', NOON + HOUR);
  /** Its attempt starts two ms after it was queued. */
  async function running(id: string, now = NOON, account = OPUS): Promise<TaskIn<'running'>> {
    const queued = await forAgent(id, account, { now });
    const claimed = inState(await commit(claim(queued)), 'claimed');
    return inState(await commit(start(claimed)), 'running');
  }
  const ending = (task: TaskIn<'running'>, outcome: Outcome, at = task.attempt.startedAt + 1) =>
    exit(task, 1, at, outcome);

  describe('as they are kept', () => {
    test('there is none at first', async () => {
      expect(await store().holds()).toEqual([]);
    });

    test('they come by account, whole, one for each', async () => {
      const told = hold('claude/default/opus', {
        class: 'until',
        until: NOON + HOUR,
        failure: 'rate_limited',
        taskId: 't-1',
        count: 3,
      });
      const laidAside = manualHold('claude', null, 'holidays', NOON + 0.5);
      const codex = hold('codex/default/default', { retryAt: null, class: 'needs_person' });
      for (const one of [codex, told, laidAside]) await store().setHold(one);
      expect(await store().holds()).toEqual([laidAside, told, codex]);
    });

    test('a later one takes the place of the one of its account', async () => {
      await store().setHold(hold(OPUS, { retryAt: null }));
      await store().setHold(hold('codex/*'));
      const later = hold(OPUS, { count: 2, since: NOON + 1 });
      await store().setHold(later);
      expect(await store().holds()).toEqual([later, hold('codex/*')]);
    });

    test('those that are dropped are gone, and no others', async () => {
      for (const account of ['a/1/x', 'a/*', 'b/1/x']) await store().setHold(hold(account));
      await drop(['a/1/x', 'b/1/x', 'c/1/x', 'a/1/x']);
      expect(await store().holds()).toEqual([hold('a/*')]);
      await drop([]);
      expect(await store().holds()).toEqual([hold('a/*')]);
    });

    test('nobody changes one from outside', async () => {
      const given = hold(OPUS);
      await store().setHold(given);
      given.count = 99;
      for (const one of await store().holds()) one.count = 98;
      expect(await store().holds()).toEqual([hold(OPUS)]);
    });

    test('one that is over stays', async () => {
      await store().setHold(hold(OPUS, { retryAt: NOON - HOUR }));
      await candidates(store(), 9, NOON);
      expect(await store().holds()).toHaveLength(1);
    });
  });

  describe('by the end of an attempt', () => {
    test('a refusal holds the account, in the write that ends the attempt', async () => {
      const task = await running('t-1');
      const exiting = ending(task, LIMIT);
      const expected = holdBy(exiting, task.spec, null);
      expect(expected).toMatchObject({ account: OPUS, taskId: 't-1', count: 1 });
      const finishing = inState(await commit(exiting), 'finishing');
      expect(await store().holds()).toEqual([expected]);
      const next = { state: 'queued', queuedAt: NOON + 9, attempt: finishing.attempt } as const;
      await commit(step('requeue', finishing, next, NOON + 9));
      expect(await store().holds()).toEqual([expected]);
    });

    test('it holds it from a chain of steps, too, and the task waits for it', async () => {
      const task = await running('t-1');
      const exiting = ending(task, LIMIT);
      const { attempt } = inState(apply(task, exiting), 'finishing');
      const next = { state: 'queued', queuedAt: NOON + 3, attempt } as const;
      const requeueing = step(
        'requeue',
        inState(apply(task, exiting), 'finishing'),
        next,
        NOON + 3,
      );
      await store().commit([exiting, requeueing], QUIET);
      expect(await store().holds()).toHaveLength(1);
      const free = NOON + HOUR + RESET_BUFFER;
      expect(await candidates(store(), 9, free - 1)).toEqual([]);
      expect(ids(await candidates(store(), 9, free))).toEqual(['t-1']);
    });

    test('refused once more after the wait, it grows', async () => {
      const transient = refused('overloaded', 'transient');
      const first = await running('t-1');
      await commit(ending(first, transient));
      const [before = null] = await store().holds();
      const later = NOON + HOUR;
      const second = await running('t-2', later);
      const exiting = ending(second, transient);
      await commit(exiting);
      const expected = holdBy(exiting, second.spec, before);
      expect(expected?.count).toBe(2);
      expect(await store().holds()).toEqual([expected]);
    });

    test('a success clears the hold of its account, and no other', async () => {
      const others = [hold('claude/*'), hold('claude/default/sonnet')];
      for (const one of [...others, hold(OPUS)]) await store().setHold(one);
      await commit(ending(await running('t-1'), OK));
      expect(await store().holds()).toEqual(others);
    });

    test('a success that had begun before the hold leaves it', async () => {
      const task = await running('t-1');
      await store().setHold(hold(OPUS, { since: task.attempt.startedAt + 1 }));
      await commit(ending(task, OK, task.attempt.startedAt + 9));
      expect(await store().holds()).toHaveLength(1);
    });

    test('any other end changes none', async () => {
      await store().setHold(hold(OPUS));
      const outcomes: Outcome[] = [
        { kind: 'auth_failed', message: 'log in' },
        { kind: 'stopped', reason: 'user' },
        { kind: 'exited', code: 0 },
      ];
      for (const [nth, outcome] of outcomes.entries())
        await commit(ending(await running(`t-${nth}`), outcome));
      expect(await store().holds()).toEqual([hold(OPUS)]);
    });

    test('the end of a command changes none, whatever it came to', async () => {
      await store().setHold(hold(OPUS));
      const queued = await submitQueued(store(), 't-1');
      const claimed = inState(await commit(claim(queued)), 'claimed');
      const task = inState(await commit(start(claimed)), 'running');
      await commit(ending(task, OK));
      expect(await store().holds()).toEqual([hold(OPUS)]);
    });

    test('a stale step changes none', async () => {
      const task = await running('t-1');
      const moved = { ...task.attempt, deadlineAt: task.attempt.deadlineAt + 1 };
      await store().amend(amend(task, { attempt: moved }));
      expect(await commit(ending(task, LIMIT))).toBeNull();
      expect(await store().holds()).toEqual([]);
      await store().setHold(hold(OPUS));
      expect(await commit(ending(task, OK))).toBeNull();
      expect(await commit({ ...ending(task, OK), id: 't-2' })).toBeNull();
      expect(await store().holds()).toEqual([hold(OPUS)]);
    });

    test('a chain that breaks changes none', async () => {
      const task = await running('t-1');
      const exiting = ending(task, LIMIT);
      const breaking = store().commit([exiting, exiting], QUIET);
      await expect(breaking).rejects.toThrow(RangeError);
      expect(await store().holds()).toEqual([]);
    });

    test('a retry of the ended attempt, and an amendment of it, change none', async () => {
      const task = await running('t-1');
      const finishing = inState(await commit(ending(task, LIMIT)), 'finishing');
      await drop([OPUS]);
      const waiting = inState(await commit(requeue(finishing, NOON + 9)), 'waiting');
      await store().amend(amend(waiting, { runAt: null, attempt: waiting.attempt }));
      expect(await store().holds()).toEqual([]);
    });
  });

  describe('and the queue', () => {
    test('tasks of a held account are passed over, all others come in their order', async () => {
      await forAgent('t-opus', OPUS, { spec: { priority: 9 } });
      await forAgent('t-sonnet', 'claude/default/sonnet');
      await submit(store(), 't-command', { now: NOON + 1 });
      await forAgent('t-codex', 'codex/default/default', { now: NOON + 2 });
      await store().setHold(hold(OPUS));
      expect(ids(await candidates(store(), 9, NOON))).toEqual(['t-sonnet', 't-command', 't-codex']);
      expect(ids(await candidates(store(), 1, NOON))).toEqual(['t-sonnet']);
      await drop([OPUS]);
      expect(ids(await candidates(store(), 1, NOON))).toEqual(['t-opus']);
    });

    test('they are taken again when the account may be used again', async () => {
      await forAgent('t-1', OPUS);
      await store().setHold(hold(OPUS, { retryAt: NOON + 100 }));
      expect(await candidates(store(), 9, NOON + 99)).toEqual([]);
      expect(ids(await candidates(store(), 9, NOON + 100))).toEqual(['t-1']);
      await store().setHold(hold(OPUS, { retryAt: null }));
      expect(await candidates(store(), 9, NOON + 1_000 * HOUR)).toEqual([]);
    });

    test('an agent that was laid aside is held with all its accounts', async () => {
      await forAgent('t-opus', OPUS);
      await forAgent('t-own', 'claude/api.example-1a2b/sonnet', { now: NOON + 1 });
      await forAgent('t-codex', 'codex/default/default', { now: NOON + 2 });
      await forAgent('t-claude2', 'claude2/default/opus', { now: NOON + 3 });
      await submit(store(), 't-command', { now: NOON + 4 });
      const others = ['t-codex', 't-claude2', 't-command'];
      await store().setHold(manualHold('claude', 100, 'holidays', NOON));
      expect(ids(await candidates(store(), 9, NOON + 99))).toEqual(others);
      expect(ids(await candidates(store(), 9, NOON + 100))).toEqual(['t-opus', 't-own', ...others]);
      await store().setHold(manualHold('claude', null, 'holidays', NOON));
      expect(ids(await candidates(store(), 9, NOON + HOUR))).toEqual(others);
    });

    test('a task waits for both, its account and its agent', async () => {
      await forAgent('t-1', OPUS);
      await store().setHold(hold(OPUS, { retryAt: NOON + 100 }));
      await store().setHold(hold('claude/*', { retryAt: NOON + 200 }));
      expect(await candidates(store(), 9, NOON + 150)).toEqual([]);
      expect(ids(await candidates(store(), 9, NOON + 200))).toEqual(['t-1']);
    });

    test('a hold keeps no task from being listed, due or stopped', async () => {
      const task = await forAgent('t-1', OPUS, { spec: { queueTimeout: 100 } });
      await store().setHold(hold(OPUS, { retryAt: null }));
      expect(ids((await store().list({ limit: 9, states: ['queued'] })).tasks)).toEqual(['t-1']);
      expect(ids(await store().due(NOON + 100, 9))).toEqual(['t-1']);
      const next = { state: 'cancelled', reason: 'user', attempt: null, endedAt: NOON } as const;
      expect(await commit(step('cancel', task, next, NOON))).toMatchObject({ state: 'cancelled' });
    });
  });
}
