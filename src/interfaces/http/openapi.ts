import { z } from 'zod';
import { operations, streams } from '../../operations/index.ts';
import type { Operation, StreamOperation } from '../../operations/operation.ts';
import { problemSchema } from './problem.ts';

type Verb = Operation | StreamOperation;
type Json = Record<string, unknown>;
interface ObjectSchema extends Json {
  properties?: Record<string, Json>;
  required?: string[];
}

/** Every verb, streams included, in the order of the tables. */
export const verbs: readonly Verb[] = [...Object.values(operations), ...Object.values(streams)];

/** Names in braces of a path: they come from the input. */
export const pathNames = (path: string): string[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');

/** GET and DELETE carry their input in the path and the query, the others in the path and a JSON body. */
export const hasBody = ({ method }: { method: string }): boolean =>
  method === 'POST' || method === 'PUT';

/** Schemas with an id become named components; all others stand where they are used. */
function schemas(components: Record<string, Json>) {
  return (schema: z.ZodType): Json => {
    const root = z.toJSONSchema(z.object({ it: schema }), {
      io: 'input',
      override: ({ jsonSchema }) => {
        if (jsonSchema.format === 'starts_with') delete jsonSchema.format;
      },
    });
    const text = JSON.stringify(root).replaceAll('"#/$defs/', '"#/components/schemas/');
    const { properties, $defs } = JSON.parse(text) as {
      properties: { it: Json };
      $defs?: Record<string, Json>;
    };
    Object.assign(components, $defs);
    return properties.it;
  };
}

/** The OpenAPI 3.1 document of the verbs: made of the schemas that check the requests. */
export function openapi(version: string): Json {
  const components: Record<string, Json> = {};
  const schemaOf = schemas(components);
  const problem = { 'application/problem+json': { schema: schemaOf(problemSchema) } };
  const paths: Record<string, Json> = {};
  for (const verb of verbs) {
    const { method, path } = verb.http;
    paths[path] = {
      ...paths[path],
      [method.toLowerCase()]: operationOf(verb, schemaOf, components),
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tend',
      version,
      description:
        'Background tasks that are never lost. Errors are problem documents (RFC 9457) with a stable code.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: 'http://localhost', description: 'Over the unix socket of the daemon.' }],
    security: [{}, { token: [] }],
    paths,
    components: {
      schemas: Object.fromEntries(
        Object.entries(components).toSorted(([a], [b]) => a.localeCompare(b)),
      ),
      responses: { Problem: { description: 'What went wrong.', content: problem } },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'Over TCP only.' },
      },
    },
  };
}

function operationOf(
  verb: Verb,
  schemaOf: (schema: z.ZodType) => Json,
  components: Record<string, Json>,
): Json {
  const { path, success } = verb.http;
  const input = schemaOf(verb.input);
  const whole = resolve(input, components);
  const names = pathNames(path);
  const content =
    'output' in verb
      ? { 'application/json': { schema: schemaOf(verb.output) } }
      : { 'text/event-stream': { schema: schemaOf(verb.item) } };
  const answers = { [success]: { description: verb.summary, content } };
  const parameters = parametersOf(verb, whole, names);
  const body = hasBody(verb.http) ? bodyOf(input, whole, names) : null;
  return {
    operationId: verb.name,
    summary: verb.summary,
    ...('output' in verb ? {} : { description: STREAM_NOTE }),
    ...(parameters.length > 0 && { parameters }),
    ...(body !== null && { requestBody: body }),
    responses: {
      ...(verb.name === 'submit' && { 200: { description: 'Submitted before.', content } }),
      ...answers,
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

const STREAM_NOTE =
  'Server-sent events; the schema is that of the data of each. A last event named `end` says that nothing ' +
  'will follow, one named `error` carries a problem document; a stream that breaks off without either goes on ' +
  'where it was when asked again with the header Last-Event-ID.';

const resolve = (schema: Json, components: Record<string, Json>): ObjectSchema => {
  const name = typeof schema['$ref'] === 'string' ? schema['$ref'].split('/').at(-1) : undefined;
  return (name === undefined ? schema : components[name]) ?? {};
};

function parametersOf(verb: Verb, input: ObjectSchema, names: string[]): Json[] {
  const { properties = {}, required = [] } = input;
  const shown = Object.entries(properties).filter(
    ([name]) => names.includes(name) || !hasBody(verb.http),
  );
  const parameters: Json[] = shown.map(([name, { description, ...schema }]) => ({
    name,
    in: names.includes(name) ? 'path' : 'query',
    required: required.includes(name),
    ...(description !== undefined && { description }),
    ...(!names.includes(name) && isList(schema) && { style: 'form', explode: false }),
    schema,
  }));
  if (verb.name === 'submit') parameters.push(headerParameter('Idempotency-Key', 'As `key`.'));
  if (!('output' in verb))
    parameters.push(headerParameter('Last-Event-ID', 'Go on after this event.'));
  return parameters;
}

const isList = (schema: Json): boolean =>
  ((schema['anyOf'] ?? [schema]) as Json[]).some((option) => option['type'] === 'array');

const headerParameter = (name: string, description: string): Json => ({
  name,
  in: 'header',
  required: false,
  description,
  schema: { type: 'string' },
});

/** The input without what the path says; null when nothing is left. */
function bodyOf(input: Json, whole: ObjectSchema, names: string[]): Json | null {
  const { properties = {}, required = [] } = whole;
  const left = Object.entries(properties).filter(([name]) => !names.includes(name));
  if (left.length === 0) return null;
  const needed = required.filter((name) => !names.includes(name));
  const rest = {
    ...whole,
    properties: Object.fromEntries(left),
    ...(needed.length > 0 ? { required: needed } : { required: undefined }),
  };
  const schema = names.length === 0 ? input : rest;
  return { required: needed.length > 0, content: { 'application/json': { schema } } };
}
