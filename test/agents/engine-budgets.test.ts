import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Budget } from '../../src/domain/budget.ts';
import type { TaskId } from '../../src/domain/task.ts';
import type { Finding } from '../../src/engine/facade.ts';
import { answers, ends, opens, openStage, says, type Stage, type Step } from './ground.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(async () => {
  await stage.close();
  expect(stage.ground.faults).toEqual([]);
});

const DAY = 24 * 3_600_000;
const HANG: Step = { hang: true };
const budget = (limitUsd: number, changes: Partial<Budget> = {}): Budget => ({
  name: 'daily',
  limitUsd,
  window: 'month',
  agent: null,
  group: null,
  owner: null,
  warn: 0.8,
  ...changes,
});
const allow = (...budgets: readonly Budget[]): void => {
  stage.ground.settings.budgets = budgets;
};
/** Claude works until it may go on, and then says that it has cost a quarter of a dollar. */
const workUntilGo = (): void => stage.plays('claude', { wait_for: stage.at('go') }, ...answers());
const go = (): void => writeFileSync(stage.at('go'), '');
const ask = async (count: number, costUsd = 0.4): Promise<TaskId[]> => {
  const ids: TaskId[] = [];
  for (let n = 0; n < count; n += 1)
    ids.push((await stage.ask('Fix it.', { wish: { costUsd } })).id);
  return ids;
};
const states = async (ids: readonly TaskId[]): Promise<string[]> =>
  Promise.all(ids.map(async (id) => (await stage.ground.node.find(id)).state));
const running = (ids: readonly TaskId[], count: number) =>
  stage.wait(`${count} run`, async () => {
    const found = await states(ids);
    return found.filter((state) => state === 'running').length === count ? found : null;
  });
/** Every pass that is due has been. */
const settle = () => stage.later(0);
const spent = () => stage.ground.ports.store.spent({ from: 0 });
const findings = async (): Promise<Finding[]> =>
  (await stage.ground.node.doctor()).filter(({ check }) => check === 'budget');

/** One model call of opencode, with what it has cost. */
const turn = (nth: number, cost: number): Step[] => {
  const of = { messageID: `m${nth}` };
  const lines = [
    { type: 'step_start', part: of },
    { type: 'text', part: { ...of, text: `Part ${nth}.` } },
    {
      type: 'step_finish',
      part: { ...of, reason: 'tool-calls', cost, tokens: { input: 5, output: 1 } },
    },
  ];
  return lines.map((line) => ({ json: { ...line, sessionID: 'ses_1' } }));
};
const told = (id: TaskId, turns: number) =>
  stage.once(id, ({ attempt }) => (attempt?.agent?.report?.turns ?? 0) >= turns);

describe('a budget', () => {
  test('has room for as many as their ceilings allow; what they leave of it goes to others', async () => {
    // Files keep the real time: a process must not start in the past.
    stage.ground.jump(-DAY);
    allow(budget(1, { window: 'day' }));
    workUntilGo();
    const ids = await ask(5);
    await running(ids, 2);
    await settle();
    expect(await states(ids)).toEqual(['running', 'running', 'queued', 'queued', 'queued']);
    expect(await spent()).toMatchObject({ reservedUsd: 0.8, running: 2 });
    const [described] = await stage.ground.node.describe([
      await stage.ground.node.find(ids[4] ?? ''),
    ]);
    expect(described).toMatchObject({ wait: { block: { reason: 'budget', what: 'daily' } } });

    go();
    // Half a dollar is spent: then three quarters, and forty cents more do not fit.
    await stage.ended(ids[0] ?? '');
    await stage.ended(ids[1] ?? '');
    await stage.ended(ids[2] ?? '');
    await settle();
    expect(await spent()).toMatchObject({ knownUsd: 0.75, running: 0, attempts: 3 });
    expect(await states(ids.slice(3))).toEqual(['queued', 'queued']);
    expect(stage.calls()).toHaveLength(3);

    // The next day it begins anew.
    await stage.later(DAY);
    for (const id of ids.slice(3)) expect((await stage.ended(id)).end).toBe('completed');
    expect(await spent()).toMatchObject({ knownUsd: 1.25 });
  });

  test('counts an attempt that does not tell its cost as its ceiling', async () => {
    allow(budget(1));
    stage.plays('claude', opens(), says('Done.'), ends({ total_cost_usd: undefined }));
    const ids = await ask(3);
    await stage.ended(ids[0] ?? '');
    await stage.ended(ids[1] ?? '');
    await settle();
    expect(await spent()).toMatchObject({ knownUsd: 0, unknown: 2, unknownUsd: 0.8 });
    expect(await states(ids)).toEqual(['completed', 'completed', 'queued']);
  });

  test('that counts another agent, group or owner stands in nobody’s way', async () => {
    allow(
      budget(0.1, { agent: 'codex' }),
      budget(0.1, { group: 'nightly' }),
      budget(0.1, { owner: 'you' }),
    );
    stage.plays('claude', ...answers());
    const [id = ''] = await ask(1);
    expect((await stage.ended(id)).end).toBe('completed');
  });

  test('is not asked for when there is none', async () => {
    const { store } = stage.ground.ports;
    const asked = vi.spyOn(store, 'spent');
    const committed = vi.spyOn(store, 'commit');
    stage.plays('claude', ...answers());
    const [id = ''] = await ask(1);
    await stage.ended(id);
    expect(asked).not.toHaveBeenCalled();
    expect(committed.mock.calls.flatMap(([, , caps]) => caps ?? [])).toEqual([]);
    expect(await findings()).toEqual([]);
    expect(await spent()).toMatchObject({ knownUsd: 0.25 });
  });

  test('keeps what was reserved when another daemon takes over', async () => {
    allow(budget(0.5));
    const committed = vi.spyOn(stage.ground.ports.store, 'commit');
    workUntilGo();
    const ids = await ask(2);
    await running(ids, 1);
    const claims = committed.mock.calls.filter(([[step]]) => step.event === 'claim');
    expect(claims.map(([, , caps]) => caps)).toMatchObject([[{ budget: { limitUsd: 0.5 } }]]);
    await stage.ground.reopen();
    await settle();
    expect(await states(ids)).toEqual(['running', 'queued']);
    go();
    await stage.ended(ids[0] ?? '');
    await settle();
    expect(await spent()).toMatchObject({ knownUsd: 0.25, running: 0 });
  });

  test('that is raised lets others start at once', async () => {
    allow(budget(0.5));
    workUntilGo();
    const ids = await ask(2);
    await running(ids, 1);
    allow(budget(1));
    await settle();
    await running(ids, 2);
    go();
    for (const id of ids) await stage.ended(id);
  });
});

describe('a budget that is overspent', () => {
  test('ends what runs, with the turn in which it was noticed', async () => {
    allow(budget(2));
    stage.plays('opencode', ...turn(1, 0.4), { wait_for: stage.at('go') }, ...turn(2, 0.4), HANG);
    const { id } = await stage.ask('Spend it.', { agent: 'opencode', wish: { costUsd: 2 } });
    await told(id, 1);
    allow(budget(0.3));
    await settle();
    expect(await states([id])).toEqual(['running']);
    go();
    const { end, report } = await stage.ended(id);
    expect(end).toBe('failed budget_exceeded');
    expect(report.usage?.costUsd).toBeCloseTo(0.8);
    expect(await spent()).toMatchObject({ knownUsd: 0.8, running: 0 });
  });

  test('by others ends what runs, too', async () => {
    allow(budget(9));
    const play = (name: string): void =>
      stage.plays('opencode', ...turn(1, 0.4), { wait_for: stage.at(name) }, ...turn(2, 0.1), HANG);
    const start = async (): Promise<TaskId> => {
      const { id } = await stage.ask('Spend it.', { agent: 'opencode', wish: { costUsd: 2 } });
      await told(id, 1);
      return id;
    };
    play('first');
    const first = await start();
    play('second');
    const second = await start();
    allow(budget(0.85));
    writeFileSync(stage.at('first'), '');
    expect((await stage.ended(first)).end).toBe('failed budget_exceeded');
    expect(await states([second])).toEqual(['running']);
    writeFileSync(stage.at('second'), '');
    expect((await stage.ended(second)).end).toBe('failed budget_exceeded');
  });
});

test('doctor tells of budgets that are nearly or wholly spent', async () => {
  allow(budget(1));
  expect(await findings()).toMatchObject([{ level: 'ok', message: '1 with room' }]);
  stage.plays('claude', ...answers());
  await stage.asked('Fix it.', { wish: { costUsd: 1 } });
  allow(budget(0.3), budget(0.25, { name: 'all', window: 'ever' }), budget(9));
  expect(await findings()).toMatchObject([
    { level: 'note', message: '$0.25 of the $0.30 of daily are spent or reserved this month' },
    {
      level: 'problem',
      message:
        '$0.25 of the $0.25 of all are spent or reserved in all: nothing that it counts starts; raise it to go on',
    },
  ]);
});

describe('the report of costs', () => {
  test('tells apart by agent, task and day', async () => {
    stage.ground.jump(-DAY);
    allow(budget(10, { window: 'day' }));
    stage.plays('claude', ...answers());
    stage.plays('opencode', ...turn(1, 0.1));
    const { task } = await stage.asked('Fix it.');
    await stage.asked('Fix it.', { agent: 'opencode' });
    await stage.later(DAY);
    await stage.asked('Fix it.');
    const { node } = stage.ground;
    const keys = async (by: Parameters<typeof node.cost>[0]['by'], since = '7d') =>
      (await node.cost({ by, since })).shares.map(({ key, knownUsd }) => [key, knownUsd]);
    expect(await keys('agent')).toEqual([
      ['claude', 0.5],
      ['opencode', 0.1],
    ]);
    expect(await keys('group')).toEqual([[null, 0.6]]);
    expect(await keys('owner', '1h')).toEqual([['cli:1000', 0.25]]);
    expect(await keys('task')).toContainEqual([task.id, 0.25]);
    const days = await keys('day');
    expect(days.map(([, usd]) => usd)).toEqual([0.35, 0.25]);
    for (const [date] of days) expect(date).toMatch(/^\d{4}-\d\d-\d\d$/);
    const { total, budgets, more } = await node.cost({ by: 'agent', since: '7d' });
    expect(total).toMatchObject({ key: null, knownUsd: 0.6, attempts: 3, tasks: 3 });
    expect(budgets).toMatchObject([{ spentUsd: 0.25 }]);
    expect(more).toBe(false);
  });

  test.each([
    ['agent', 'tomorrow', 'is no time that has been'],
    ['agent', '2999-01-01', 'is no time that has been'],
    ['day', '2000-01-01', 'so many days'],
  ] as const)('by %s since %s is refused', async (by, since, expected) => {
    await expect(stage.ground.node.cost({ by, since })).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining(expected) as unknown,
    });
  });
});
