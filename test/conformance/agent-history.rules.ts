import { describe, expect, test } from 'vitest';
import { AGENT_CHANGES_KEPT } from '../../src/domain/agent-change.ts';
import type { Outcome } from '../../src/domain/attempt.ts';
import { manualHold } from '../../src/domain/holds.ts';
import type { Store } from '../../src/ports/store.ts';
import { agentWork, attemptWith, NOON, QUIET, refused, submitQueued } from './sample.ts';

const OPUS = 'claude/default/opus';
const HOUR = 3_600_000;
const OK: Outcome = { kind: 'ok' };
const ERROR: Outcome = { kind: 'agent_error', message: 'boom' };

export function agentHistoryRules(store: () => Store): void {
  /** A task of the account whose only attempt came to this. */
  async function came(
    id: string,
    outcome: Outcome,
    { account = OPUS, now = NOON, targets = QUIET, ask = false } = {},
  ): Promise<void> {
    const work = { ...agentWork(account), onQuota: ask ? ('ask' as const) : ('wait' as const) };
    const task = await submitQueued(store(), id, { now, spec: { work } });
    await store().commit(attemptWith(task, outcome), targets);
  }
  const kinds = async (agent?: string): Promise<string[]> =>
    (await store().agentChanges(99, agent)).map(
      ({ account, kind, taskId }) => `${account} ${kind} ${taskId ?? '-'}`,
    );
  const rows = async (): Promise<[string, number][]> =>
    (await store().holds()).map(({ account, count }) => [account, count]);
  const asked = async (): Promise<string[]> =>
    (await store().inbox({ owner: 'cli:1000', limit: 99 })).map(
      ({ kind, taskId }) => `${kind} ${taskId}`,
    );

  describe('failures in a row', () => {
    test('two tasks drain the agent in the write that ends the second attempt', async () => {
      await came('t-1', ERROR);
      expect(await rows()).toEqual([['claude/drained', 1]]);
      expect(await asked()).toEqual([]);
      await came('t-2', { kind: 'no_final_answer', message: 'no' }, { account: 'claude/own-1/x' });
      expect(await rows()).toEqual([['claude/drained', 2]]);
      expect(await store().holds()).toMatchObject([{ class: 'drained', retryAt: null }]);
      expect(await kinds()).toEqual(['claude/drained drained t-2']);
      expect(await asked()).toEqual(['question t-2']);
    });

    test('further ones count, and are not asked about', async () => {
      for (const id of ['t-1', 't-2', 't-3']) await came(id, ERROR);
      expect(await rows()).toEqual([['claude/drained', 3]]);
      expect(await kinds()).toEqual(['claude/drained drained t-2']);
      expect(await asked()).toEqual(['question t-2']);
    });

    test('those of one agent are not those of another', async () => {
      await came('t-1', ERROR);
      await came('t-2', ERROR, { account: 'codex/default/gpt' });
      expect(await rows()).toEqual([
        ['claude/drained', 1],
        ['codex/drained', 1],
      ]);
    });

    test('a success ends them, and what it ended is told', async () => {
      await came('t-1', ERROR);
      await came('t-2', OK);
      expect(await rows()).toEqual([]);
      expect(await kinds()).toEqual([]);
      for (const id of ['t-3', 't-4']) await came(id, ERROR);
      await came('t-5', OK);
      expect(await rows()).toEqual([]);
      expect(await kinds()).toEqual(['claude/drained ended t-5', 'claude/drained drained t-4']);
    });

    test('acknowledged, they are counted anew, and asked about again', async () => {
      for (const id of ['t-1', 't-2']) await came(id, ERROR);
      await store().dropHolds(['claude/drained'], 'acknowledged', NOON + HOUR);
      expect(await rows()).toEqual([]);
      for (const id of ['t-3', 't-4']) await came(id, ERROR, { now: NOON + 2 * HOUR });
      expect(await kinds()).toEqual([
        'claude/drained drained t-4',
        'claude/drained acknowledged -',
        'claude/drained drained t-2',
      ]);
      expect(await asked()).toEqual(['question t-2', 'question t-4']);
    });

    test('the question goes to webhooks, too', async () => {
      const targets = { webhooks: ['chat'], onDone: true };
      for (const id of ['t-1', 't-2']) await came(id, ERROR, { targets });
      expect(await store().duePushes('webhook:chat', NOON + HOUR, 9)).toMatchObject([
        { kind: 'question', taskId: 't-2', subscriber: 'webhook:chat' },
      ]);
    });
  });

  describe('limits', () => {
    test('held, for longer, ended', async () => {
      const later = { now: NOON + HOUR };
      await came('t-1', refused('overloaded', 'transient'));
      await came('t-2', refused('overloaded', 'transient'), later);
      await came('t-3', OK, { now: NOON + 2 * HOUR });
      expect(await kinds()).toEqual([
        `${OPUS} ended t-3`,
        `${OPUS} extended t-2`,
        `${OPUS} held t-1`,
      ]);
      expect(await asked()).toEqual([]);
    });

    test('a task that asks is asked about once for each hold', async () => {
      const asks = { ask: true };
      await came('t-1', refused('overloaded', 'transient'), asks);
      await came('t-2', refused('overloaded', 'transient'), { ...asks, now: NOON + HOUR });
      expect(await asked()).toEqual(['question t-1', 'question t-2']);
      const [{ preview } = { preview: '' }] = await store().inbox({ owner: 'cli:1000', limit: 1 });
      expect(preview).toContain('claude was refused: not now');
      expect(preview).toContain('tend retry t-1 --agent');
    });
  });

  describe('as it is kept', () => {
    test('there is none at first', async () => {
      expect(await store().agentChanges(9)).toEqual([]);
    });

    test('what a person did, whole, the newest first', async () => {
      await store().setHold(manualHold('claude', HOUR, 'a break', NOON + 0.5));
      await store().setHold(manualHold('codex', null, 'holidays', NOON + 1));
      await store().dropHolds(['claude/*', 'nobody/*'], 'released', NOON + 2);
      const changes = await store().agentChanges(9);
      expect(changes).toEqual([
        {
          seq: 3,
          at: NOON + 2,
          agent: 'claude',
          account: 'claude/*',
          kind: 'released',
          detail: 'a break',
          taskId: null,
        },
        expect.objectContaining({ seq: 2, account: 'codex/*', kind: 'manual', detail: 'holidays' }),
        expect.objectContaining({ seq: 1, at: NOON + 0.5, kind: 'manual' }),
      ]);
      expect(await store().agentChanges(1)).toEqual(changes.slice(0, 1));
      expect(await kinds('claude')).toEqual(['claude/* released -', 'claude/* manual -']);
      expect(await kinds('gemini')).toEqual([]);
    });

    test('a count that held nothing is forgotten without a line', async () => {
      await came('t-1', ERROR);
      await store().dropHolds(['claude/drained'], 'acknowledged', NOON + 1);
      expect(await rows()).toEqual([]);
      expect(await kinds()).toEqual([]);
    });

    test('it outlives its tasks, and is kept to the newest', async () => {
      const held = manualHold('claude', null, 'x', NOON);
      const writes = Array.from({ length: AGENT_CHANGES_KEPT + 3 }, (_, nth) =>
        store().setHold({ ...held, since: NOON + nth }),
      );
      await Promise.all(writes);
      const changes = await store().agentChanges(2 * AGENT_CHANGES_KEPT);
      expect(changes).toHaveLength(AGENT_CHANGES_KEPT);
      expect(changes.at(-1)).toMatchObject({ seq: 4, at: NOON + 3 });
    });
  });
}
