import { z } from 'zod';
import { type Operation, resumedAt, type StreamOperation } from '../../operations/operation.ts';
import { readBody } from './body.ts';
import type { Asked } from './exchange.ts';
import { refusal } from './faults.ts';
import { hasBody } from './openapi.ts';
import { type Problem, problem } from './problem.ts';

type Verb = Operation | StreamOperation;
type Fields = Record<string, unknown>;

export type Read = { input: unknown } | { problem: Problem };

/** The checked input of `verb`: path, query or body, and the headers that stand for a field. */
export async function readInput(
  verb: Verb,
  path: Record<string, string>,
  asked: Asked,
): Promise<Read> {
  const body = hasBody(verb.http) ? await readBody(asked.body) : { fields: {} };
  if ('problem' in body) return body;
  const fields: Fields = { ...queryOf(asked.query), ...body.fields };
  const twice = Object.keys(path).find((name) => name in fields && fields[name] !== path[name]);
  if (twice !== undefined) return { problem: contradiction(twice, 'path') };
  Object.assign(fields, path);
  const key = verb.name === 'submit' ? headerOf(asked, 'idempotency-key') : undefined;
  if (key !== undefined && (fields['key'] ?? key) !== key)
    return { problem: contradiction('key', 'header Idempotency-Key') };
  if (key !== undefined) fields['key'] = key;
  if ('position' in verb) Object.assign(fields, resumption(verb, asked));
  return check(verb, fields);
}

/** Node joins a header that was sent twice, so only the type allows a list. */
const headerOf = ({ headers }: Asked, name: string): string | undefined =>
  headers[name]?.toString();

function queryOf(query: URLSearchParams): Fields {
  const names = [...new Set(query.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const values = query.getAll(name);
      return [name, values.length === 1 ? values[0] : values];
    }),
  );
}

/** The id of the last event seen says where to go on. */
function resumption(verb: StreamOperation, asked: Asked): Fields {
  const last = headerOf(asked, 'last-event-id');
  if (last === undefined || last === '') return {};
  return resumedAt(verb, last);
}

const contradiction = (field: string, place: string): Problem =>
  problem(
    'invalid_input',
    `${field} in the input is not the one in the ${place}`,
    'Give it once.',
    [{ path: field, message: `contradicts the ${place}` }],
  );

const fieldNames = (verb: Verb): string[] =>
  verb.input instanceof z.ZodObject ? Object.keys(verb.input.shape) : [];

function check(verb: Verb, fields: Fields): Read {
  const checked = verb.input.safeParse(fields);
  return checked.success
    ? { input: checked.data }
    : { problem: refusal(checked.error, fieldNames(verb)) };
}
