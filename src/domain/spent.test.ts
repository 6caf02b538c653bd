import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Expense } from './expense.ts';
import { sumUsd } from './money.ts';
import { countedUsd, settledUsd, sharesIn, spentIn } from './spent.ts';

const reserved: Expense = {
  taskId: 't-1',
  attempt: 2,
  agent: 'claude',
  account: 'claude/default/opus',
  group: 'nightly',
  owner: 'cli:1',
  at: 1_000_000,
  reservedUsd: 2,
  costUsd: null,
  ended: false,
  tokens: null,
};

const amount = fc.nat({ max: 5_000 }).map((cents) => cents / 100);
const expense = fc.record<Expense>({
  taskId: fc.constantFrom('t-1', 't-2', 't-3'),
  attempt: fc.integer({ min: 1, max: 3 }),
  agent: fc.constantFrom('claude', 'codex'),
  account: fc.constant('a'),
  group: fc.constantFrom(null, 'nightly'),
  owner: fc.constantFrom('me', 'you'),
  at: fc.nat({ max: 20 }),
  reservedUsd: amount,
  costUsd: fc.option(amount),
  ended: fc.boolean(),
  tokens: fc.option(fc.nat()),
});
const all = fc.array(expense.map((one) => (one.ended ? one : { ...one, costUsd: null })));

describe('sums', () => {
  test('what is unknown stays apart, and counts as its ceiling', () => {
    const end = { ended: true, reservedUsd: 2 };
    const spent = spentIn(
      [
        { ...reserved, ...end, costUsd: 0.1, tokens: 5 },
        { ...reserved, ...end, attempt: 3, costUsd: 0.2 },
        { ...reserved, ...end, taskId: 't-2' },
        { ...reserved, taskId: 't-3', reservedUsd: 0.5 },
      ],
      { from: 0 },
    );
    expect(spent).toEqual({
      knownUsd: 0.3,
      unknown: 1,
      unknownUsd: 2,
      running: 1,
      reservedUsd: 0.5,
      attempts: 4,
      tokens: 5,
    });
    expect(settledUsd(spent)).toBe(2.3);
    expect(countedUsd(spent)).toBe(2.8);
  });

  test('the parts of a sum are the sum', () => {
    fc.assert(
      fc.property(all, fc.nat({ max: 20 }), (expenses, cut) => {
        const whole = countedUsd(spentIn(expenses, { from: 0 }));
        const parts = [
          [{ from: 0, to: cut }, { from: cut }],
          [
            { from: 0, agent: 'claude' },
            { from: 0, agent: 'codex' },
          ],
          [
            { from: 0, owner: 'me' },
            { from: 0, owner: 'you' },
          ],
        ];
        for (const queries of parts) {
          const sums = queries.map((query) => countedUsd(spentIn(expenses, query)));
          expect(sumUsd(...sums)).toBe(whole);
        }
        const ofGroup = spentIn(expenses, { from: 0, group: 'nightly' });
        expect(ofGroup.attempts).toBe(expenses.filter(({ group }) => group !== null).length);
      }),
    );
  });

  test('once everything is settled the sum is what was really spent', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(expense, amount)), (given) => {
        const settled = given.map(([one, costUsd]) => ({ ...one, costUsd, ended: true }));
        const spent = spentIn(settled, { from: 0 });
        expect(countedUsd(spent)).toBe(sumUsd(...given.map(([, costUsd]) => costUsd)));
        expect(spent).toMatchObject({ unknown: 0, running: 0 });
      }),
    );
  });

  test.each([
    ['agent', ['claude', 'codex']],
    ['group', [null, 'nightly']],
    ['owner', ['cli:2', 'cli:1']],
    ['task', ['t-2', 't-1', 't-3']],
    [null, [null]],
  ] as const)('told apart by %s, the dearest first, then by name', (by, expected) => {
    const expenses: Expense[] = [
      { ...reserved, reservedUsd: 1 },
      { ...reserved, reservedUsd: 1, attempt: 3 },
      { ...reserved, taskId: 't-2', agent: 'codex', group: null, owner: 'cli:2', reservedUsd: 4 },
      { ...reserved, taskId: 't-3', group: null, owner: 'cli:2', reservedUsd: 2 },
      { ...reserved, taskId: 't-9', at: 9 },
    ];
    const shares = sharesIn(expenses, { from: 10, by, limit: 9 });
    expect(shares.map(({ key }) => key)).toEqual(expected);
    expect(sumUsd(...shares.map(countedUsd))).toBe(8);
    expect(sharesIn(expenses, { from: 10, by, limit: 1 })).toEqual(shares.slice(0, 1));
  });

  test('of equally dear ones that of no group goes first', () => {
    const both = [reserved, { ...reserved, group: null }];
    for (const expenses of [both, both.toReversed()])
      expect(sharesIn(expenses, { from: 0, by: 'group', limit: 9 }).map(({ key }) => key)).toEqual([
        null,
        'nightly',
      ]);
  });

  test('a share has its tasks, and the sum of nothing is one, too', () => {
    const twice = [reserved, { ...reserved, attempt: 3 }];
    const [share] = sharesIn(twice, { from: 0, by: 'task', limit: 9 });
    expect(share).toEqual({ ...spentIn(twice, { from: 0 }), key: 't-1', tasks: 1 });
    expect(sharesIn([], { from: 0, by: 'task', limit: 9 })).toEqual([]);
    expect(sharesIn([], { from: 0, by: null, limit: 9 })).toMatchObject([
      { attempts: 0, tasks: 0 },
    ]);
  });
});
