import type { z } from 'zod';
import { TomlError } from 'smol-toml';
import { TendError } from '../domain/errors.ts';
import { jsonSchema, personSchema } from './config-schema.ts';
import { lineOf, places } from './toml-places.ts';

type Path = readonly PropertyKey[];

/** What is wrong with a file that is no TOML; never quotes it, as the line may hold a secret. */
export function syntaxProblem(path: string, error: unknown): TendError {
  const where = error instanceof TomlError ? `, line ${error.line}, column ${error.column}` : '';
  const what = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
  return new TendError(
    'config_invalid',
    `${path}${where}: ${what.replace(/^Invalid TOML document: /, '')}`,
    'Correct the line; strings need quotes, and each section stands once.',
    // the cause is left out: its message quotes the line
  );
}

/** What is wrong with a value or a key: the file, the line, the key, and what is expected there. */
export function schemaProblem(
  path: string,
  text: string,
  error: z.ZodError,
  schema: z.ZodType,
): TendError {
  const [issue, ...others] = error.issues;
  if (issue === undefined) throw new RangeError('a schema error names no issue', { cause: error });
  const { key, message, hint } = told(issue, jsonSchema(schema, ''));
  const line = lineOfKey(text, key);
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return new TendError(
    'config_invalid',
    `${path}${line === null ? '' : `, line ${line}`}: ${key.map(String).join('.')} ${message}${more}`,
    hint,
  );
}

/** The part of a JSON Schema that is read here. */
interface Shape {
  description?: string;
  properties?: Record<string, Shape>;
  additionalProperties?: Shape | boolean;
}

function told(issue: z.core.$ZodIssue, shape: Shape) {
  if (issue.code === 'unrecognized_keys') {
    const key = [...issue.path, issue.keys[0] ?? ''];
    if (at(jsonSchema(personSchema, ''), key) !== undefined)
      return {
        key,
        message: 'cannot be set by a project',
        hint: 'Only the person who runs tend sets it, in the own config file.',
      };
    const near = nearest(key.map(String), shape);
    const hint = near === null ? `Known there: ${known(shape, issue.path)}.` : `Use ${near}.`;
    return { key, message: 'is no setting', hint };
  }
  const key = issue.path;
  const about = at(shape, key)?.description ?? 'See the documentation of the configuration.';
  if (issue.code === 'invalid_key')
    return {
      key,
      message: issue.issues[0]?.message ?? issue.message,
      hint: 'Choose another name.',
    };
  if (issue.code === 'invalid_type' && (issue.expected === 'object' || issue.expected === 'record'))
    return { key, message: `must be a section: [${key.map(String).join('.')}]`, hint: about };
  return { key, message: issue.message, hint: about };
}

function at(shape: Shape | undefined, path: Path): Shape | undefined {
  let here = shape;
  for (const part of path) {
    const properties = here?.properties ?? {};
    const other = here?.additionalProperties;
    here = Object.hasOwn(properties, part)
      ? properties[String(part)]
      : typeof other === 'object'
        ? other
        : undefined;
  }
  return here;
}

const known = (shape: Shape, path: Path): string =>
  Object.keys(at(shape, path)?.properties ?? {}).join(', ');

/** The setting that was probably meant: a similar name in the same section, or the same name in another. */
function nearest(key: readonly string[], shape: Shape): string | null {
  const section = key.slice(0, -1);
  const name = key.at(-1) ?? '';
  const [best] = Object.keys(at(shape, section)?.properties ?? {})
    .map((word) => ({ word, far: distance(name, word) }))
    .filter(({ word, far }) => far <= Math.max(2, Math.ceil(word.length / 3)))
    .toSorted((a, b) => a.far - b.far);
  if (best !== undefined) return [...section, best.word].join('.');
  const elsewhere = Object.entries(shape.properties ?? {}).find(([, { properties = {} }]) =>
    Object.hasOwn(properties, name),
  );
  return elsewhere === undefined ? null : `${elsewhere[0]}.${name}`;
}

/** Single-character edits between two words. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, character] of a.split('').entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (character === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** The line of the key, or of the nearest thing around it that the text names. */
function lineOfKey(text: string, key: Path): number | null {
  const { entries, headers } = places(text);
  const around = [...entries, ...headers]
    .filter(({ path }) => path.every((part, index) => part === key[index]))
    .toSorted((a, b) => b.path.length - a.path.length)[0];
  return around === undefined || around.path.length === 0 ? null : lineOf(text, around.start);
}
