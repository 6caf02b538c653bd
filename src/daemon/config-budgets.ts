/** `[budgets.<name>]` in config.toml: limits of money over a span of time. */
import { z } from 'zod';
import { BUILT_IN } from '../adapters/agents/built-in.ts';
import { type Budget, BUDGET_WINDOWS } from '../domain/budget.ts';
import { nearest } from '../domain/nearest.ts';
import { oneOf, quoted } from './config-agent-values.ts';

const MOST_USD = 1_000_000;
const usd = `must be more than 0 and at most ${MOST_USD} dollars`;
const part = 'must be a fraction from 0 to 1';

const budget = z.strictObject({
  usd: z
    .number({ error: usd })
    .gt(0, { error: usd })
    .max(MOST_USD, { error: usd })
    .meta({ description: 'The limit, in dollars.' }),
  window: oneOf(BUDGET_WINDOWS).meta({
    description:
      'What the limit is for: each "day", "week" (from Monday on) or "month", in the time zone of the machine, or "ever".',
  }),
  agent: quoted('the name of an agent').optional().meta({
    description: 'Counts this agent alone.',
  }),
  group: quoted('the name of a group').optional().meta({
    description: 'Counts tasks of this group alone.',
  }),
  owner: quoted('an owner').optional().meta({ description: 'Counts tasks of this owner alone.' }),
  warn: z
    .number({ error: part })
    .min(0, { error: part })
    .max(1, { error: part })
    .prefault(0.8)
    .meta({ description: 'The fraction of the limit from which on it is warned of.' }),
});

const name = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/,
    'is no name for a budget (1-64 of A-Z a-z 0-9 _ -, beginning with a letter or digit)',
  );

export const budgetsSchema = z.record(name, budget);
type BudgetsFile = z.output<typeof budgetsSchema>;

/** Refuses a budget of an agent that is neither built in nor defined. */
export function checkBudgets(
  { agents, budgets }: { agents: object; budgets: BudgetsFile },
  context: Pick<z.RefinementCtx, 'addIssue'>,
): void {
  const known = new Set([...BUILT_IN.map((agent) => agent.name), ...Object.keys(agents)]);
  for (const [called, { agent }] of Object.entries(budgets)) {
    if (agent === undefined || known.has(agent)) continue;
    const near = nearest(agent, [...known]);
    context.addIssue({
      code: 'custom',
      path: ['budgets', called, 'agent'],
      message: `names no known agent${near === null ? '' : `; did you mean "${near}"?`}`,
    });
  }
}

/** What the section means. */
export const budgetsOf = (file: BudgetsFile): Budget[] =>
  Object.entries(file).map(([called, given]) => ({
    name: called,
    limitUsd: given.usd,
    window: given.window,
    agent: given.agent ?? null,
    group: given.group ?? null,
    owner: given.owner ?? null,
    warn: given.warn,
  }));

/** The budgets by the names of their settings. */
export const flatBudgets = (budgets: readonly Budget[]): Record<string, string | number> =>
  Object.fromEntries(
    budgets.flatMap(({ name: called, limitUsd, ...given }) => {
      const values = { usd: limitUsd, ...given };
      return Object.entries(values).flatMap(([key, value]) =>
        value === null ? [] : [[`budgets.${called}.${key}`, value] as const],
      );
    }),
  );
