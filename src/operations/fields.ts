import { z } from 'zod';
import { DEPENDENCY_CONDITIONS } from '../domain/dependencies.ts';
import { DELIVERY_KINDS, NOTIFY_POLICIES } from '../domain/delivery.ts';
import { duration } from '../domain/duration.ts';
import { ID_PATTERN } from '../domain/ids.ts';
import { STATES } from '../domain/lifecycle.ts';

/** The longest a command line, or all arguments together, may be: what one `exec` surely takes. */
export const MAX_COMMAND_BYTES = 1_000_000;

const noNul = (text: string): boolean => !text.includes('\0');
const NUL_MESSAGE = 'must not contain a NUL byte';

/** Text that reaches a process: any characters but NUL, which no operating system passes on. */
export const processText = (max: number) => z.string().max(max).refine(noNul, NUL_MESSAGE);

/** One line for people: titles, owners, labels. */
export const lineText = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((text) => !/\p{Cc}/u.test(text), 'must not contain control characters');

/** `90s`, `10m`, `2h`, `1d`, `250ms`, or a number of seconds; milliseconds inside. */
export const durationField = z
  .union([z.string(), z.number().nonnegative()])
  .transform((given, context) => {
    const ms = duration(given);
    if (ms !== null) return ms;
    context.addIssue({ code: 'custom', message: 'is no duration; write 90s, 10m, 2h or 1d' });
    return z.NEVER;
  })
  .meta({ description: 'A duration such as 90s, 10m, 2h, 1d, or a number of seconds.' });

/** A task's id or a unique prefix of it. */
export const idField = z.string().regex(ID_PATTERN, 'is no task id (1-64 of A-Z a-z 0-9 _ -)');

export const stateField = z.enum(STATES);
export const notifyField = z.enum(NOTIFY_POLICIES);
export const deliveryKindField = z.enum(DELIVERY_KINDS);

/** `id`, or `{ task, when }`. */
export const dependencyField = z.union([
  idField.transform((task) => ({ task, when: 'success' as const })),
  z.strictObject({ task: idField, when: z.enum(DEPENDENCY_CONDITIONS).default('success') }),
]);

/** Query strings carry words: `true`, `1` and an empty value mean yes. */
export const flagField = z
  .union([z.boolean(), z.enum(['true', 'false', '1', '0', ''])])
  .transform((given) => given === true || given === 'true' || given === '1' || given === '');

/** A whole number that may arrive as text. */
export const countField = (min: number, max: number) => z.coerce.number().int().min(min).max(max);

/** One value or several, comma-separated in a query. */
export const listField = <T extends z.ZodType<unknown, string>>(item: T) =>
  z
    .union([z.string(), z.array(z.string())])
    .transform((given) =>
      (typeof given === 'string' ? given.split(',') : given).filter((part) => part !== ''),
    )
    .pipe(z.array(item));
