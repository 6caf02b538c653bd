/** The values that stand in a batch file, each complained about in its own words. */
import { z } from 'zod';
import { duration } from '../../domain/duration.ts';

export const text = (what: string) =>
  z
    .string({ error: `must be ${what} in quotes` })
    .min(1, { error: 'must not be empty' })
    .refine((given) => !given.includes('\0'), 'must not contain a NUL byte');
export const line = (what: string, most: number) =>
  text(what)
    .max(most, { error: `must be at most ${most} characters` })
    .refine((given) => !/\p{Cc}/u.test(given), 'must be one line');
export const oneOf = <const T extends readonly string[]>(words: T) =>
  z.enum(words, { error: `must be one of ${words.map((word) => `"${word}"`).join(', ')}` });
export const whole = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
};
export const flag = z.boolean({ error: 'must be true or false' });
const NO_DURATION = 'is no duration; write "90s", "10m", "2h" or "1d"';
export const time = z
  .union([z.string(), z.number().nonnegative()], { error: NO_DURATION })
  .refine((given) => duration(given) !== null, NO_DURATION);
const DAY = 86_400_000;
export const span = time.refine((given) => {
  const ms = duration(given);
  return ms === null || (ms > 0 && ms <= DAY);
}, 'must be more than 0 and at most 24h');
export const table = z.record(z.string(), z.string({ error: 'must be text in quotes' }), {
  error: 'must be a table, as in { NAME = "value" }',
});
export const list = (what: string) =>
  z.array(z.string({ error: `must be a list of ${what}` }).min(1), {
    error: `must be a list of ${what}, as in ["one", "two"]`,
  });
/** One is as good as a list of one. */
export const oneOrMore = (what: string) =>
  z.union([text(what), list(what)], { error: `must be one of the ${what} in quotes, or a list` });
