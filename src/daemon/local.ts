import { z } from 'zod';
import { TendError } from '../domain/errors.ts';
import type { Engine } from '../engine/facade.ts';
import type { Client, StreamOptions } from '../interfaces/client/index.ts';
import { operations, streams } from '../operations/index.ts';
import { type Operation, resumedAt, type StreamOperation } from '../operations/operation.ts';

type Values = Record<string, unknown>;

/** The verbs on an engine in this process, with the shapes and the checks that they have over HTTP. */
export function localClient(engine: Engine, close: () => void): Client {
  const methods = Object.entries(operations).map(([name, verb]) => [
    name,
    (input: Values = {}, options: { signal?: AbortSignal } = {}) =>
      call(engine, verb as Operation, input, options.signal),
  ]);
  const generators = Object.entries(streams).map(([name, verb]) => [
    name,
    (input: Values = {}, options: StreamOptions = {}) =>
      stream(engine, verb as StreamOperation, input, options),
  ]);
  return { ...Object.fromEntries([...methods, ...generators]), close } as Client;
}

async function call(
  engine: Engine,
  verb: Operation,
  input: Values,
  signal = new AbortController().signal,
): Promise<unknown> {
  const answer = await verb.run(engine, checked(verb.input, input), {
    signal,
    repeated: () => undefined,
  });
  return verb.output.parse(answer);
}

async function* stream(
  engine: Engine,
  verb: StreamOperation,
  input: Values,
  { signal, lastEventId }: StreamOptions,
) {
  const resumed = lastEventId === undefined ? {} : resumedAt(verb, lastEventId);
  const aborted = signal ?? new AbortController().signal;
  yield* verb.stream(engine, checked(verb.input, { ...input, ...resumed }), aborted);
}

function checked(schema: z.ZodType, input: Values): unknown {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw new TendError(
    'invalid_input',
    z.prettifyError(result.error),
    'See the shapes in docs/openapi.json.',
    result.error,
  );
}
