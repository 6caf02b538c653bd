import type { z } from 'zod';
import type { Engine } from '../engine/facade.ts';

/** Where an operation stands over HTTP; `{name}` parts of the path and, for GET and DELETE, all else in the query come from the input. */
interface HttpBinding {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: `/${string}`;
  success: 200 | 202;
}

/** One call of a verb. */
interface Call {
  /** Aborted when the caller has gone: ends long waits. */
  signal: AbortSignal;
  /** Tells the door that the answer is an earlier one (an idempotency key was known). */
  repeated(): void;
}

/** What every door needs to know of a verb: its words, its shapes, and what it does. */
export interface Operation<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  /** The verb, the same in CLI, HTTP (`operationId`), client and documentation. */
  name: string;
  summary: string;
  http: HttpBinding;
  input: I;
  output: O;
  /** Throws TendError only. */
  run(engine: Engine, input: z.output<I>, call: Call): Promise<z.input<O>>;
}

/** A verb whose answer is a stream: each item becomes one server-sent event with the item's `id`. */
export interface StreamOperation<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  name: string;
  summary: string;
  http: HttpBinding;
  input: I;
  /** The part of the input by which a stream that broke off goes on: after a change, or at a byte. */
  position: 'after' | 'offset';
  /** Shape of one event's data. */
  item: O;
  stream(
    engine: Engine,
    input: z.output<I>,
    signal: AbortSignal,
  ): AsyncIterable<{ id: string; event: string; data: z.input<O> }>;
}

export const operation = <I extends z.ZodType, O extends z.ZodType>(
  given: Operation<I, O>,
): Operation<I, O> => given;

export const streamOperation = <I extends z.ZodType, O extends z.ZodType>(
  given: StreamOperation<I, O>,
): StreamOperation<I, O> => given;

/** The input that goes on after the event `last`. */
export const resumedAt = ({ position }: StreamOperation, last: string): Record<string, unknown> =>
  position === 'offset' ? { offset: last, tail: undefined } : { after: last };
