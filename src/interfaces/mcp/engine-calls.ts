import { TendError } from '../../domain/errors.ts';
import { operations, streams } from '../../operations/index.ts';
import type { Operation } from '../../operations/operation.ts';
import type { Change, Input, Output, Verb } from '../client/index.ts';
import type { Calls } from './calls.ts';
import { faultsOf } from './faults.ts';

export type Engine = Parameters<Operation['run']>[0];

const IGNORED = (): void => undefined;

/** The verbs of the engine in this process, with the same checks of their input as over HTTP. */
export function engineCalls(engine: Engine): Calls {
  const never = new AbortController().signal;
  return {
    async call<K extends Verb>(verb: K, input: Input<K>, signal?: AbortSignal): Promise<Output<K>> {
      const operation = operations[verb] as Operation;
      const checked = operation.input.safeParse(input);
      if (!checked.success)
        throw new TendError(
          'invalid_input',
          faultsOf(checked.error),
          'Correct the fields named and ask again.',
        );
      const call = { signal: signal ?? never, repeated: IGNORED };
      return (await operation.run(engine, checked.data, call)) as Output<K>;
    },
    async *changes(signal) {
      for await (const { data } of streams.events.stream(engine, {}, signal)) yield data as Change;
    },
    growth: (id, signal) => {
      const input = streams.follow.input.parse({ id, tail: 0 });
      return streams.follow.stream(engine, input, signal);
    },
  };
}
