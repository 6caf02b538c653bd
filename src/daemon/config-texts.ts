import { isAbsolute } from 'node:path';
import { z } from 'zod';

const LONGEST_TEXT = 200_000;

const text = z
  .strictObject({
    text: z.string().max(LONGEST_TEXT).optional().meta({ description: 'The text itself.' }),
    file: z
      .string()
      .refine(isAbsolute, 'must be an absolute path')
      .optional()
      .meta({ description: 'Absolute path of a file that holds it instead.' }),
  })
  .refine(
    (given) => (given.text === undefined) !== (given.file === undefined),
    'takes exactly one of text and file',
  );

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'is no name (1-64 of A-Z a-z 0-9 _ -)');

/** Texts by name, as they stand in config.toml: `[skills.review] file = "/path"`. */
export const textsSchema = z.record(name, text);
