import { beforeEach, describe, expect, test, vi } from 'vitest';
import { AgentCatalog } from '../../src/adapters/agents/catalog.ts';
import { openMemory } from '../../src/adapters/memory/store.ts';
import { EMPTY_REPORT } from '../../src/domain/agent-report.ts';
import type { Budget } from '../../src/domain/budget.ts';
import type { AgentEvidence } from '../../src/domain/evidence.ts';
import type { Live } from '../../src/domain/lifecycle.ts';
import type { Task, TaskIn } from '../../src/domain/task.ts';
import { Budgets } from '../../src/engine/budgets.ts';
import {
  agentWork,
  claim,
  inState,
  NOON,
  QUIET,
  start,
  submitQueued,
} from '../conformance/sample.ts';

const DAY = 24 * 3_600_000;
const MIDNIGHT = NOON + DAY / 2;
const budget = (changes: Partial<Budget> = {}): Budget => ({
  name: 'daily',
  limitUsd: 9,
  window: 'day',
  agent: null,
  group: null,
  owner: null,
  warn: 0.8,
  ...changes,
});

function make() {
  const store = openMemory();
  const asked = vi.spyOn(store, 'spent');
  const settings: { budgets: readonly Budget[] } = { budgets: [budget()] };
  const ports = {
    store,
    clock: { now: () => NOON, monotonic: () => 0 },
    agents: new AgentCatalog([], () => ({ overrides: {}, custom: [] })),
  };
  Object.assign(ports.agents, { timeZone: 'UTC' });
  const live = new Map<string, TaskIn<Live>>();
  const told = new Map<string, AgentEvidence>();
  const seen = ({ id }: TaskIn<Live>) => told.get(id) ?? null;
  const budgets = new Budgets(ports, settings, { live }, { seen });
  return { store, asked, settings, budgets, live, told };
}
let made: ReturnType<typeof make>;
beforeEach(() => {
  made = make();
});

/** An attempt of two dollars is claimed. */
async function claimed(id = 't-1', now = NOON): Promise<Task> {
  const work = agentWork('claude/default/opus');
  const task = await submitQueued(made.store, id, { now, spec: { work } });
  const after = await made.store.commit([claim(task)], QUIET);
  if (after === null) throw new Error(`${id} moved on`);
  return after;
}

describe('what is spent', () => {
  test('is asked for once, until something changes', async () => {
    const { budgets, asked } = made;
    expect(await budgets.spendings(NOON)).toMatchObject([{ spentUsd: 0, until: MIDNIGHT }]);
    await Promise.all([budgets.spendings(NOON + 1), budgets.spendings(MIDNIGHT - 1)]);
    expect(asked).toHaveBeenCalledTimes(1);
    const task = await claimed();
    expect(budgets.saw(task)).toBe(false);
    expect(await budgets.spendings(NOON)).toMatchObject([
      { spentUsd: 2, spent: { reservedUsd: 2, running: 1 } },
    ]);
    expect(asked).toHaveBeenCalledTimes(2);
  });

  test('is asked for again when a window ends, and when the clock is set back', async () => {
    const { budgets } = made;
    budgets.saw(await claimed());
    expect(await budgets.spendings(NOON)).toMatchObject([{ spentUsd: 2 }]);
    const next = await budgets.spendings(MIDNIGHT);
    expect(next).toMatchObject([{ spentUsd: 0, from: MIDNIGHT, until: MIDNIGHT + DAY }]);
    expect(await budgets.spendings(NOON)).toMatchObject([{ spentUsd: 2 }]);
  });

  test('is asked for again when the budgets change', async () => {
    const { budgets, settings, asked } = made;
    await budgets.spendings(NOON);
    settings.budgets = [budget({ limitUsd: 1 })];
    expect(await budgets.spendings(NOON)).toMatchObject([{ budget: { limitUsd: 1 } }]);
    settings.budgets = [];
    expect(await budgets.spendings(NOON)).toEqual([]);
    expect(asked).toHaveBeenCalledTimes(2);
  });

  test('is asked for again after the store failed', async () => {
    const { budgets, asked } = made;
    asked.mockRejectedValueOnce(new Error('disk'));
    await expect(budgets.spendings(NOON)).rejects.toThrow('disk');
    expect(await budgets.spendings(NOON)).toHaveLength(1);
  });

  test('of a command is nothing', async () => {
    const { budgets, asked } = made;
    await budgets.spendings(NOON);
    budgets.saw(await submitQueued(made.store, 't-1'));
    await budgets.spendings(NOON);
    expect(asked).toHaveBeenCalledTimes(1);
  });
});

describe('a running task', () => {
  /** It runs, and has told so much. */
  async function running(
    id = 't-1',
  ): Promise<(turns: number, costUsd: number) => Promise<boolean>> {
    const { store, budgets, live, told } = made;
    const started = await store.commit([start(inState(await claimed(id), 'claimed'))], QUIET);
    const task = inState(started, 'running');
    live.set(id, task);
    budgets.saw(task);
    return (turns, costUsd) => {
      const usage = { inputTokens: null, outputTokens: null, cachedTokens: null, costUsd };
      const agent = { report: { ...EMPTY_REPORT, turns, usage }, outcome: null };
      told.set(id, agent);
      return budgets.isOver(task, agent);
    };
  }

  test('is over with the turn that goes beyond the budget', async () => {
    made.settings.budgets = [budget({ limitUsd: 3 })];
    const tells = await running();
    expect(await tells(1, 3)).toBe(false);
    expect(await tells(2, 3.01)).toBe(true);
    expect(await tells(2, 3.01)).toBe(true);
  });

  test('ends the turn that it is in when the limit is lowered', async () => {
    const { settings } = made;
    const tells = await running();
    expect(await tells(1, 1)).toBe(false);
    settings.budgets = [budget({ limitUsd: 0.5 })];
    expect(await tells(1, 1)).toBe(false);
    expect(await tells(1, 1)).toBe(false);
    expect(await tells(2, 1)).toBe(true);
  });

  test('ends the turn that it is in when others go beyond; without turns its bill tells of its end', async () => {
    made.settings.budgets = [budget({ limitUsd: 3 })];
    const [one, other] = [await running('t-1'), await running('t-2')];
    expect(await one(0, 1)).toBe(false);
    expect(await other(0, 2)).toBe(false);
    expect(await other(0, 2.5)).toBe(true);
    expect(await one(0, 1)).toBe(false);
    expect(await one(0, 1.5)).toBe(true);
  });

  test('is not over for a budget that does not count it, or in which it was not claimed', async () => {
    const { settings } = made;
    const tells = await running();
    settings.budgets = [budget({ limitUsd: 0.1, agent: 'codex' })];
    expect(await tells(1, 1)).toBe(false);
    settings.budgets = [budget({ limitUsd: 0.1, owner: 'you' })];
    expect(await tells(2, 1)).toBe(false);
  });

  test('of which nothing was read is left alone, and so is a command', async () => {
    const { budgets, store, settings } = made;
    settings.budgets = [budget({ limitUsd: 0.1 })];
    await running();
    const [task] = made.live.values();
    if (task === undefined) throw new Error('nothing runs');
    expect(await budgets.isOver(task, null)).toBe(false);
    const agent = { report: EMPTY_REPORT, outcome: null };
    expect(await budgets.isOver(await submitQueued(store, 't-9'), agent)).toBe(false);
  });
});

describe('when something may start again', () => {
  test('is when the first budget begins anew of which something is spent', async () => {
    const { budgets, settings } = made;
    expect(await budgets.nextRelease(NOON)).toBeNull();
    budgets.saw(await claimed());
    expect(await budgets.nextRelease(NOON)).toBe(MIDNIGHT);
    settings.budgets = [budget({ window: 'ever' }), budget({ agent: 'codex' })];
    expect(await budgets.nextRelease(NOON)).toBeNull();
  });
});

test('a claim must fit into each budget in the window that is now', () => {
  const { budgets, settings } = made;
  settings.budgets = [budget(), budget({ window: 'ever' })];
  expect(budgets.caps(NOON).map(({ from }) => from)).toEqual([MIDNIGHT - DAY, 0]);
});
