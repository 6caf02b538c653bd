import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AgentWork } from '../../src/domain/agent-work.ts';
import type { Outcome } from '../../src/domain/attempt.ts';
import type { Budget } from '../../src/domain/budget.ts';
import type { Cap } from '../../src/domain/cap.ts';
import { EMPTY_REPORT } from '../../src/domain/agent-report.ts';
import { NO_OUTPUT } from '../../src/domain/attempt.ts';
import { sumUsd } from '../../src/domain/money.ts';
import { countedUsd } from '../../src/domain/spent.ts';
import { type Step, step, type Task, type TaskIn, type TaskSpec } from '../../src/domain/task.ts';
import type { Store } from '../../src/ports/store.ts';
import {
  agentWork,
  claim,
  exit,
  finish,
  inState,
  NOON,
  QUIET,
  start,
  submitEnded,
  submitQueued,
} from './sample.ts';

const OK: Outcome = { kind: 'ok' };
const NOTHING = {
  knownUsd: 0,
  unknown: 0,
  unknownUsd: 0,
  running: 0,
  reservedUsd: 0,
  attempts: 0,
  tokens: 0,
};
const work = (account = 'claude/default/opus', costUsd = 2): AgentWork => ({
  ...agentWork(account),
  envelope: { turns: 40, costUsd, minutes: 30 },
});
const cap = (limitUsd: number, changes: Partial<Budget> = {}, from = NOON): Cap => ({
  from,
  budget: {
    name: 'daily',
    limitUsd,
    window: 'day',
    agent: null,
    group: null,
    owner: null,
    warn: 0.8,
    ...changes,
  },
});

/** What the agent told: null = nothing of its cost. */
const told = (task: TaskIn<'running'>, costUsd: number | null): TaskIn<'running'> => {
  const usage = { inputTokens: 10, outputTokens: 5, cachedTokens: null, costUsd };
  const facts = { sessionId: 's-1', resumed: null, before: null, settledAt: null };
  const agent = { ...facts, report: { ...EMPTY_REPORT, usage } };
  return { ...task, attempt: { ...task.attempt, agent } };
};

export function spendingRules(store: () => Store): void {
  const commit = (one: Step, caps: readonly Cap[] = []): Promise<Task | null> =>
    store().commit([one], QUIET, caps);
  const queued = (id: string, spec: Partial<TaskSpec> = {}, now = NOON) =>
    submitQueued(store(), id, { now, spec: { work: work(), ...spec } });
  const claimed = async (...given: Parameters<typeof queued>): Promise<TaskIn<'claimed'>> =>
    inState(await commit(claim(await queued(...given))), 'claimed');
  async function ended(
    costUsd: number | null,
    ...given: Parameters<typeof queued>
  ): Promise<TaskIn<'finishing'>> {
    const running = inState(await commit(start(await claimed(...given))), 'running');
    const at = running.attempt.startedAt + 1;
    return inState(await commit(exit(told(running, costUsd), 0, at, OK)), 'finishing');
  }
  const spent = () => store().spent({ from: 0 });

  describe('what attempts cost', () => {
    test('nothing at first, and nothing for commands', async () => {
      expect(await spent()).toEqual(NOTHING);
      await submitEnded(store(), 't-1');
      expect(await spent()).toEqual(NOTHING);
      expect(await store().costs({ from: 0, by: 'agent', limit: 9 })).toEqual([]);
      expect(await store().costs({ from: 0, by: null, limit: 9 })).toEqual([
        { ...NOTHING, key: null, tasks: 0 },
      ]);
    });

    test('a claim reserves its ceiling, the end settles it', async () => {
      const task = await claimed('t-1');
      const reserved = { ...NOTHING, running: 1, reservedUsd: 2, attempts: 1 };
      expect(await spent()).toEqual(reserved);
      const running = inState(await commit(start(task)), 'running');
      expect(await spent()).toEqual(reserved);
      await commit(exit(told(running, 0.1), 0, NOON + 9, OK));
      expect(await spent()).toEqual({ ...NOTHING, knownUsd: 0.1, attempts: 1, tokens: 15 });
    });

    test('what is not told stays unknown, with its ceiling', async () => {
      await ended(null, 't-1');
      const unknown = { unknown: 1, unknownUsd: 2, attempts: 1, tokens: 15 };
      expect(await spent()).toEqual({ ...NOTHING, ...unknown });
    });

    test('a launch that was voided has cost nothing', async () => {
      const task = await claimed('t-1');
      const attempt = {
        ...task.attempt,
        endedAt: NOON + 5,
        outcome: { kind: 'voided' } as const,
        exit: null,
        output: NO_OUTPUT,
        survivors: [],
      };
      const next = { state: 'queued', queuedAt: NOON + 5, attempt } as const;
      await commit(step('unclaim', task, next, NOON + 5));
      expect(await spent()).toEqual(NOTHING);
    });

    test('each attempt of a task counts', async () => {
      const { attempt, ...task } = await ended(0.5, 't-1');
      const next = { state: 'queued', queuedAt: NOON + 10, attempt } as const;
      const again = await commit(step('requeue', { ...task, attempt }, next, NOON + 10));
      await commit(claim(inState(again, 'queued')));
      expect(await spent()).toMatchObject({ knownUsd: 0.5, running: 1, attempts: 2 });
      const [share] = await store().costs({ from: 0, by: 'task', limit: 9 });
      expect(share).toMatchObject({ key: 't-1', attempts: 2, tasks: 1 });
    });

    test('it is known when the task is long removed', async () => {
      const finishing = await ended(0.5, 't-1', { notify: 'never' });
      await commit(finish(finishing));
      for (const { id } of await store().deliveries('t-1'))
        await store().ack('cli:1000', [id], NOON);
      expect(await store().remove('t-1')).toBe(true);
      expect(await spent()).toMatchObject({ knownUsd: 0.5, attempts: 1 });
    });

    test('a stale step costs nothing', async () => {
      const task = await queued('t-1');
      await commit(claim(task));
      expect(await commit(claim(task, NOON + 5))).toBeNull();
      expect(await spent()).toMatchObject({ reservedUsd: 2, attempts: 1 });
    });
  });

  describe('questions', () => {
    async function some(): Promise<void> {
      await ended(0.25, 't-1', { group: 'nightly' }, NOON);
      await ended(null, 't-2', { owner: 'me' }, NOON + 100);
      await ended(1, 't-3', { work: work('codex/default/default') }, NOON + 200);
      await claimed('t-4', { group: 'nightly', owner: 'me' }, NOON + 300);
    }

    test('by time, agent, group and owner', async () => {
      await some();
      const counts = async (query: Partial<Parameters<Store['spent']>[0]>): Promise<number> =>
        (await store().spent({ from: 0, ...query })).attempts;
      expect(await counts({})).toBe(4);
      // Each is claimed one ms after it was queued.
      expect(await counts({ from: NOON + 101 })).toBe(3);
      expect(await counts({ from: NOON + 102 })).toBe(2);
      expect(await counts({ to: NOON + 101 })).toBe(1);
      expect(await counts({ agent: 'codex' })).toBe(1);
      expect(await counts({ group: 'nightly' })).toBe(2);
      expect(await counts({ owner: 'me' })).toBe(2);
      expect(await counts({ owner: 'me', group: 'nightly' })).toBe(1);
      expect(await counts({ agent: 'gemini' })).toBe(0);
    });

    test.each([
      ['agent', ['claude', 4.25], ['codex', 1]],
      ['group', [null, 3], ['nightly', 2.25]],
      ['owner', ['me', 4], ['cli:1000', 1.25]],
      ['task', ['t-2', 2], ['t-4', 2], ['t-3', 1], ['t-1', 0.25]],
      [null, [null, 5.25]],
    ] as const)('told apart by %s, the dearest first', async (by, ...expected) => {
      await some();
      const shares = await store().costs({ from: 0, by, limit: 9 });
      const sums = shares.map(({ key, knownUsd, unknownUsd, reservedUsd }) => [
        key,
        knownUsd + unknownUsd + reservedUsd,
      ]);
      expect(sums).toEqual(expected);
      const first = await store().costs({ from: 0, by, limit: 1 });
      expect(first).toEqual(shares.slice(0, 1));
      expect(await store().costs({ from: NOON + 200, to: NOON + 300, by, limit: 9 })).toMatchObject(
        [{ knownUsd: 1, attempts: 1, tasks: 1, tokens: 15 }],
      );
    });
  });

  describe('caps', () => {
    test('a claim that does not fit changes nothing', async () => {
      await claimed('t-1');
      const task = await queued('t-2');
      expect(await commit(claim(task), [cap(3.99)])).toBeNull();
      expect(await store().get('t-2')).toEqual(task);
      expect(await spent()).toMatchObject({ attempts: 1 });
      expect(await commit(claim(task), [cap(4)])).toMatchObject({ state: 'claimed' });
    });

    test('two claims of one turn do not see the same room', async () => {
      const tasks = await Promise.all(['t-1', 't-2', 't-3'].map((id) => queued(id)));
      const answers = await Promise.all(tasks.map((task) => commit(claim(task), [cap(5)])));
      expect(answers.map((task) => task?.state)).toEqual(['claimed', 'claimed', undefined]);
      expect(await spent()).toMatchObject({ reservedUsd: 4 });
    });

    test('whatever is claimed and ends together, no more is claimed than the limit, and in the end it is what it cost', async () => {
      const limit = cap(5);
      const turns = fc.array(
        fc.array(fc.record({ cents: fc.integer({ min: 1, max: 300 }), ends: fc.boolean() }), {
          minLength: 1,
          maxLength: 4,
        }),
        { minLength: 1, maxLength: 4 },
      );
      let runs = 0;
      const cases = fc.asyncProperty(turns, async (given) => {
        const owner = `run-${(runs += 1)}`;
        const own = { ...limit, budget: { ...limit.budget, owner } };
        const counted = async (): Promise<number> =>
          countedUsd(await store().spent({ from: NOON, owner }));
        const open: TaskIn<'claimed'>[] = [];
        let real = 0;
        const end = async (task: TaskIn<'claimed'>): Promise<void> => {
          const running = inState(await commit(start(task)), 'running');
          await commit(exit(told(running, 0.01), 0, NOON + 9, OK));
          real = sumUsd(real, 0.01);
        };
        for (const [nth, turn] of given.entries()) {
          const tasks = await Promise.all(
            turn.map(({ cents }, at) => {
              const of = work('claude/default/opus', cents / 100);
              return queued(`${owner}-${nth}-${at}`, { owner, work: of });
            }),
          );
          const claims = tasks.map((task) => commit(claim(task), [own]));
          const ends = turn.flatMap(({ ends: isEnd }) => (isEnd ? (open.shift() ?? []) : []));
          const [answers] = await Promise.all([Promise.all(claims), Promise.all(ends.map(end))]);
          for (const task of answers) if (task !== null) open.push(inState(task, 'claimed'));
          expect(await counted()).toBeLessThanOrEqual(5);
        }
        for (const task of open.splice(0)) await end(task);
        expect(await counted()).toBe(real);
      });
      await fc.assert(cases, { numRuns: 20 });
    });

    test('what has ended counts with what it cost, or with its ceiling', async () => {
      await ended(0.5, 't-1');
      const task = await queued('t-2');
      expect(await commit(claim(task), [cap(2.49)])).toBeNull();
      expect(await commit(claim(task), [cap(2.5)])).not.toBeNull();
      await ended(null, 't-3');
      expect(await commit(claim(await queued('t-4')), [cap(6.49)])).toBeNull();
      expect(await commit(claim(await queued('t-5')), [cap(6.5)])).not.toBeNull();
    });

    test('only what the budget counts, since its window began', async () => {
      await claimed('t-1', { group: 'nightly' });
      const task = await queued('t-2', {}, NOON + 100);
      const caps = [
        cap(2, { agent: 'codex' }),
        cap(2, { group: 'nightly' }),
        cap(2, { owner: 'you' }),
        cap(2, {}, NOON + 50),
      ];
      expect(await commit(claim(task), caps)).not.toBeNull();
      const other = await queued('t-3', { group: 'nightly' }, NOON + 100);
      expect(await commit(claim(other), caps)).toBeNull();
    });

    test('the ceiling is that of the seat which is taken', async () => {
      const task = await queued('t-1');
      const { agent, model, tier, envelope, permissions, isolated, account } = work(
        'codex/default/default',
        0.5,
      );
      const given = claim(task);
      const open = inState({ ...task, ...given.next } as Task, 'claimed').attempt;
      const facts = { sessionId: null, resumed: null, before: null, report: null, settledAt: null };
      const other = { agent, model, tier, envelope, permissions, isolated, account };
      const attempt = { ...open, agent: { ...facts, seat: other } };
      const seated = step('claim', task, { state: 'claimed', attempt }, given.at);
      expect(await commit(seated, [cap(1)])).not.toBeNull();
      expect(await store().spent({ from: 0, agent: 'codex' })).toMatchObject({ reservedUsd: 0.5 });
    });

    test('no other step is capped', async () => {
      const task = await claimed('t-1');
      expect(await commit(start(task), [cap(0.01)])).toMatchObject({ state: 'running' });
    });
  });
}
