import type { components, operations } from './api.generated.ts';
import type { streams, verbs } from './routes.generated.ts';

/** Every verb with one answer, and every verb with a stream of them. */
export type Verb = keyof typeof verbs;
export type StreamVerb = keyof typeof streams;

type Present<T> = [Exclude<T, undefined>] extends [never] ? unknown : Exclude<T, undefined>;
type BodyOf<T> =
  Exclude<T, undefined> extends { content: { 'application/json': infer B } } ? B : unknown;
type Flat<T> = { [P in keyof T]: T[P] };
type Parameters<K extends Verb | StreamVerb> = operations[K]['parameters'];

/** What a verb takes: path, query and body in one object. */
export type Input<K extends Verb | StreamVerb> = Flat<
  Present<Parameters<K>['path']> &
    Present<Parameters<K>['query']> &
    BodyOf<operations[K]['requestBody']>
>;

type JsonOf<R> = R extends { content: { 'application/json': infer B } } ? B : never;
type Answers<K extends Verb> = operations[K]['responses'];

/** What a verb answers. */
export type Output<K extends Verb> = {
  [S in keyof Answers<K>]: S extends 200 | 202 ? JsonOf<Answers<K>[S]> : never;
}[keyof Answers<K>];

/** The data of one event of a stream. */
export type Item<K extends StreamVerb> =
  operations[K]['responses'][200]['content']['text/event-stream'];

export type Task = components['schemas']['Task'];
export type Attempt = components['schemas']['Attempt'];
export type Delivery = components['schemas']['Delivery'];
export type Change = components['schemas']['Change'];
export type OutputSlice = components['schemas']['OutputSlice'];
export type Submit = components['schemas']['Submit'];
export type Diff = components['schemas']['Diff'];

export interface CallOptions {
  /** Aborting ends the call with `interrupted`. */
  signal?: AbortSignal | undefined;
}

export interface StreamOptions extends CallOptions {
  /** Go on after this event. */
  lastEventId?: string | undefined;
}

/** One event; a stream that broke off goes on by itself, so `id` never repeats. */
export interface StreamEvent<T> {
  id: string;
  event: string;
  data: T;
}

/** An input of which nothing is required may be left out. */
type Given<I, O> =
  Record<string, never> extends I ? [input?: I, options?: O] : [input: I, options?: O];

/** Every verb as a method. All throw TendError. */
export type Client = {
  [K in Verb]: (...given: Given<Input<K>, CallOptions>) => Promise<Output<K>>;
} & {
  [K in StreamVerb]: (
    ...given: Given<Input<K>, StreamOptions>
  ) => AsyncGenerator<StreamEvent<Item<K>>, void>;
} & {
  /** Closes the connections; calls under way fail. */
  close(): void;
};
