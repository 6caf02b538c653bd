import { z } from 'zod';
import { BUDGET_WINDOWS, levelOf } from '../domain/budget.ts';
import { COST_KEYS, countedUsd, type Share, type Spent } from '../domain/spent.ts';
import type { CostReport } from '../engine/cost.ts';
import { lineText } from './fields.ts';
import { operation } from './operation.ts';
import { iso } from './view.ts';

const money = z.number().nonnegative();
const sums = {
  costUsd: money.meta({ description: 'All that counts: known, unknown and reserved.' }),
  knownUsd: money.meta({ description: 'Of ended attempts that told their cost.' }),
  unknown: z.int().meta({ description: 'Ended attempts that did not tell their cost.' }),
  unknownUsd: money.meta({ description: 'The most that those may have cost: they count as that.' }),
  running: z.int().meta({ description: 'Attempts that have not ended.' }),
  reservedUsd: money.meta({ description: 'The most that those may cost.' }),
  attempts: z.int(),
  tokens: z.number().meta({ description: 'In and out, as far as they were told.' }),
};
const share = z.object({ ...sums, tasks: z.int() });

const budget = z.object({
  name: z.string(),
  limitUsd: money,
  window: z.enum(BUDGET_WINDOWS),
  agent: z.string().nullable(),
  group: z.string().nullable(),
  owner: z.string().nullable(),
  warn: z.number(),
  level: z.enum(['ok', 'warned', 'spent']),
  until: z.iso.datetime().nullable().meta({ description: 'When it begins anew; null = never.' }),
  ...sums,
});

const sumsOf = (spent: Spent) => {
  const { knownUsd, unknown, unknownUsd, running, reservedUsd, attempts, tokens } = spent;
  const told = { knownUsd, unknown, unknownUsd, running, reservedUsd, attempts, tokens };
  return { costUsd: countedUsd(spent), ...told };
};
const shareOf = (given: Share) => ({ ...sumsOf(given), tasks: given.tasks });
const budgetOf = (state: CostReport['budgets'][number]) => {
  const { budget: of, until, spent } = state;
  return {
    ...of,
    level: levelOf(state),
    until: until === null ? null : iso(until),
    ...sumsOf(spent),
  };
};

export const cost = operation({
  name: 'cost',
  summary: 'What attempts of agents have cost, and what is left of the budgets.',
  http: { method: 'GET', path: '/v1/cost', success: 200 },
  input: z.strictObject({
    by: z.enum(COST_KEYS).default('agent'),
    since: lineText(40).default('7d').meta({
      description: 'How long ago, such as 12h or 7d, or a date such as 2026-11-01.',
    }),
  }),
  output: z.object({
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    by: z.enum(COST_KEYS),
    total: share,
    shares: z.array(
      share.extend({ key: z.string().nullable().meta({ description: 'Null = of no group.' }) }),
    ),
    more: z.boolean().meta({ description: 'There are more shares than those.' }),
    budgets: z.array(budget),
  }),
  run: async (engine, { by, since }) => {
    const report = await engine.cost({ by, since });
    return {
      from: iso(report.from),
      to: iso(report.to),
      by: report.by,
      total: shareOf(report.total),
      shares: report.shares.map((one) => ({ key: one.key, ...shareOf(one) })),
      more: report.more,
      budgets: report.budgets.map(budgetOf),
    };
  },
});
