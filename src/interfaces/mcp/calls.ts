import type { Change, Client, Input, Output, Verb } from '../client/index.ts';

/** How tools reach the verbs: through the socket of a daemon, or in the daemon itself. All throw TendError. */
export interface Calls {
  call<K extends Verb>(verb: K, input: Input<K>, signal?: AbortSignal): Promise<Output<K>>;
  /** What changes from now on, until `signal` aborts. */
  changes(signal: AbortSignal): AsyncIterable<Change>;
  /** Something for each time that a task wrote; ends with the task. */
  growth(id: string, signal: AbortSignal): AsyncIterable<unknown>;
}

/** Over a client that is opened with the first call: listing tools needs no daemon. */
export function clientCalls(open: () => Promise<Client>): Calls {
  return {
    async call<K extends Verb>(verb: K, input: Input<K>, signal?: AbortSignal): Promise<Output<K>> {
      const client = await open();
      const method = client[verb] as (
        given: Input<K>,
        options: { signal?: AbortSignal | undefined },
      ) => Promise<Output<K>>;
      return method(input, { signal });
    },
    async *changes(signal) {
      const client = await open();
      for await (const { data } of client.events({}, { signal })) yield data;
    },
    async *growth(id, signal) {
      const client = await open();
      yield* client.follow({ id, tail: 0 }, { signal });
    },
  };
}
