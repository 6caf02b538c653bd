/** The values that stand in `[agents.<name>]`, each complained about in its own words. */
import { z } from 'zod';
import { QUOTA_POLICIES } from '../domain/agent-work.ts';
import { ENVELOPE_CAPS, TIERS } from '../domain/envelope.ts';

const noNul = (given: string): boolean => !given.includes('\0');
const NUL = 'must not contain a NUL byte';

/** A text that is not empty. */
export const quoted = (what: string) => {
  const error = `must be ${what} in quotes`;
  return z.string({ error }).min(1, { error }).refine(noNul, NUL);
};

export const oneOf = <const T extends readonly string[]>(words: T) =>
  z.enum(words, { error: `must be one of ${words.map((word) => `"${word}"`).join(', ')}` });

const whole = (max: number) => {
  const error = `must be a whole number from 1 to ${max}`;
  return z.int({ error }).min(1, { error }).max(max, { error });
};

export const flag = z.boolean({ error: 'must be true or false' });

export const list = <T extends z.ZodType>(of: T, what: string) =>
  z.array(of, { error: `must be a list of ${what}` });

/** Arguments of a command line; they may be empty. */
export const words = list(
  z.string({ error: 'must be a text in quotes' }).refine(noNul, NUL),
  'texts in quotes',
);

export const variable = z
  .string({ error: 'must be the name of a variable in quotes' })
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is no name of a variable');

export const env = z.record(
  variable,
  z.string({ error: 'must be a text in quotes' }).refine(noNul, NUL),
);

const money = `must be more than 0 and at most ${ENVELOPE_CAPS.costUsd}`;

/** What can be set for every agent, built in or not. */
export const SPENDING = {
  model: quoted('the name of a model').optional().meta({
    description: 'The model when none is asked for.',
  }),
  tier: oneOf(TIERS).optional().meta({ description: 'How much a task may spend, in a word.' }),
  turns: whole(ENVELOPE_CAPS.turns).optional().meta({
    description: 'Most model calls of an attempt.',
  }),
  cost_usd: z
    .number({ error: money })
    .gt(0, { error: money })
    .max(ENVELOPE_CAPS.costUsd, { error: money })
    .optional()
    .meta({ description: 'Most that an attempt may cost, in dollars.' }),
  minutes: whole(ENVELOPE_CAPS.minutes).optional().meta({
    description: 'Longest time of an attempt, in minutes.',
  }),
  max_concurrent: whole(256).optional().meta({
    description:
      'Most tasks of it that run at the same time. Default: 1 for an agent of your own and for an unverified one; as many as there are slots for the others.',
  }),
  on_quota: oneOf(QUOTA_POLICIES).optional().meta({
    description: 'What becomes of a task whose account is used up for a while.',
  }),
  fallback: list(quoted('the name of an agent'), 'names of agents')
    .optional()
    .meta({ description: 'Agents that go on when its account is used up, in this order.' }),
};
