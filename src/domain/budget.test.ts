import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  beyondBudget,
  type Budget,
  type BudgetLevel,
  type Cost,
  counts,
  hasRoom,
  levelOf,
  refusedBy,
  reserved,
  type Spending,
} from './budget.ts';
import { sumUsd } from './money.ts';

const budget = (changes: Partial<Budget> = {}): Budget => ({
  name: 'daily',
  limitUsd: 10,
  window: 'day',
  agent: null,
  group: null,
  owner: null,
  warn: 0.8,
  ...changes,
});
const spending = (spentUsd: number, changes: Partial<Budget> = {}): Spending => ({
  budget: budget(changes),
  spentUsd,
  until: 86_400_000,
});
const cost = (costUsd: number, changes: Partial<Cost> = {}): Cost => ({
  agent: 'claude',
  group: 'nightly',
  owner: 'me',
  costUsd,
  ...changes,
});

describe('what a budget counts', () => {
  test.each<[string, Partial<Budget>, boolean]>([
    ['everything', {}, true],
    ['its agent', { agent: 'claude' }, true],
    ['another agent', { agent: 'codex' }, false],
    ['its group', { group: 'nightly' }, true],
    ['another group', { group: 'weekly' }, false],
    ['its owner', { owner: 'me' }, true],
    ['another owner', { owner: 'you' }, false],
    ['all of it', { agent: 'claude', group: 'nightly', owner: 'me' }, true],
    ['not all of it', { agent: 'claude', group: 'nightly', owner: 'you' }, false],
  ])('%s', (_, changes, expected) => {
    expect(counts(budget(changes), cost(1))).toBe(expected);
  });

  test('a task of no group is in the budget of none', () => {
    expect(counts(budget({ group: 'nightly' }), cost(1, { group: null }))).toBe(false);
  });
});

describe('room', () => {
  test.each([
    [0, 10, true],
    [0, 10.01, false],
    [8, 2, true],
    [8.5, 2, false],
    [12, 0, false],
  ])('$%d spent, $%d more of $10: %s', (spent, more, expected) => {
    expect(hasRoom(budget(), spent, more)).toBe(expected);
  });

  test('ten times ten cents are a dollar', () => {
    const tenth = cost(0.1);
    let spendings = [spending(0, { limitUsd: 1 })];
    for (let n = 0; n < 10; n += 1) {
      expect(refusedBy(spendings, tenth)).toBeNull();
      spendings = reserved(spendings, tenth);
    }
    expect(refusedBy(spendings, tenth)).toEqual(spending(1, { limitUsd: 1 }));
  });

  test('of several without room the one that begins anew last refuses', () => {
    const day = { ...spending(10, { name: 'day' }), until: 5 };
    const week = { ...spending(10, { name: 'week' }), until: 9 };
    const ever = { ...spending(10, { name: 'ever' }), until: null };
    const refusing = (...given: Spending[]) => refusedBy(given, cost(1))?.budget.name;
    expect(refusing(day, week)).toBe('week');
    expect(refusing(week, day)).toBe('week');
    expect(refusing(week, ever, day)).toBe('ever');
  });

  test('one that never has room refuses before all that begin anew, and never does', () => {
    const day = { ...spending(0, { name: 'day', limitUsd: 1 }), until: 5 };
    const week = { ...spending(10, { name: 'week' }), until: 9 };
    expect(refusedBy([day, week], cost(2))).toEqual({ ...day, until: null });
    expect(refusedBy([week, day], cost(2))).toEqual({ ...day, until: null });
  });

  test('a budget without room refuses, of those that count it', () => {
    const spendings = [
      spending(10, { name: 'codex', agent: 'codex' }),
      spending(5, { name: 'roomy' }),
      spending(9, { name: 'tight' }),
    ];
    expect(refusedBy(spendings, cost(2))?.budget.name).toBe('tight');
    expect(refusedBy(spendings, cost(1))).toBeNull();
    const after = reserved(spendings, cost(1));
    expect(after.map(({ spentUsd }) => spentUsd)).toEqual([10, 6, 10]);
  });
});

describe('levels', () => {
  test.each<[number, BudgetLevel]>([
    [0, 'ok'],
    [7.99, 'ok'],
    [8, 'warned'],
    [9.99, 'warned'],
    [10, 'spent'],
    [11, 'spent'],
  ])('$%d of $10 is %s', (spent, expected) => {
    expect(levelOf(spending(spent))).toBe(expected);
  });

  test('the fraction is the one of the budget', () => {
    expect(levelOf(spending(5, { warn: 0.5 }))).toBe('warned');
    expect(levelOf(spending(9.99, { warn: 1 }))).toBe('ok');
    expect(levelOf(spending(0, { warn: 0 }))).toBe('warned');
  });
});

test.each([
  [9, 1, false],
  [9, 1.000001, true],
  [10.5, 0, true],
  [0, 10, false],
])('$%d settled and $%d reported of $10 is beyond it: %s', (settled, reported, expected) => {
  expect(beyondBudget(budget(), settled, reported)).toBe(expected);
});

/** Attempts that want to start, each with its ceiling, what it comes to, and whether an end comes before it. */
const wish = fc.record({
  cents: fc.integer({ min: 1, max: 400 }),
  part: fc.double({ min: 0, max: 1, noNaN: true }),
  agent: fc.constantFrom('claude', 'codex'),
  endsFirst: fc.boolean(),
});

test('whatever ends in between, no claim ever makes more than the limit, and in the end it is what was spent', () => {
  fc.assert(
    fc.property(fc.array(wish), (wishes) => {
      const caps = [budget({ limitUsd: 5, agent: 'claude' }), budget({ limitUsd: 8 })];
      const running: { agent: string; ceiling: number; real: number }[] = [];
      const settled: typeof running = [];
      const spentOf = (of: Budget): number =>
        sumUsd(
          ...running.filter((one) => counts(of, cost(0, one))).map(({ ceiling }) => ceiling),
          ...settled.filter((one) => counts(of, cost(0, one))).map(({ real }) => real),
        );
      for (const { cents, part, agent, endsFirst } of wishes) {
        const first = endsFirst ? running.shift() : undefined;
        if (first !== undefined) settled.push(first);
        const ceiling = cents / 100;
        const spendings = caps.map((one) => ({
          budget: one,
          spentUsd: spentOf(one),
          until: null,
        }));
        const refused = refusedBy(spendings, cost(ceiling, { agent }));
        if (refused === null) running.push({ agent, ceiling, real: ceiling * part });
        else
          expect(sumUsd(spentOf(refused.budget), ceiling)).toBeGreaterThan(refused.budget.limitUsd);
        for (const one of caps) expect(spentOf(one)).toBeLessThanOrEqual(one.limitUsd);
      }
      const real = sumUsd(...[...running, ...settled].map((one) => one.real));
      settled.push(...running.splice(0));
      expect(spentOf(budget())).toBe(real);
    }),
  );
});
