import { isTendError, TendError } from '../../domain/errors.ts';
import { readEvents } from './events.ts';
import { type Route, streams, verbs } from './routes.generated.ts';
import type {
  CallOptions,
  Client,
  StreamEvent,
  StreamOptions,
  StreamVerb,
  Verb,
} from './shapes.ts';
import {
  answer,
  type Endpoint,
  isLost,
  isUnsent,
  openTransport,
  pause,
  problem,
  type Transport,
} from './transport.ts';

export interface ConnectOptions {
  /** Brings back a daemon that went away; calls that can be repeated are then repeated. */
  revive?: () => Promise<void>;
}

type Values = Record<string, unknown>;

/** Doing these twice is not the same as doing them once. */
const ONCE: ReadonlySet<string> = new Set<Verb>([
  'retry',
  'resume',
  'accept',
  'reject',
  'undo',
  'remove',
  'addSchedule',
  'removeSchedule',
  'shutdown',
]);
/** How often one call, or one stuck point of a stream, is tried over a lost connection. */
const TRIES = 5;

/** A typed client of the daemon at `endpoint`; connects with the first call. */
export function connect(endpoint: Endpoint, { revive }: ConnectOptions = {}): Client {
  const link: Link = { transport: openTransport(endpoint), name: nameOf(endpoint), revive };
  const methods = Object.keys(verbs).map((verb) => [
    verb,
    (input: Values = {}, options: CallOptions = {}) => call(link, verb as Verb, input, options),
  ]);
  const generators = Object.keys(streams).map((verb) => [
    verb,
    (input: Values = {}, options: StreamOptions = {}) =>
      listen(link, verb as StreamVerb, input, options),
  ]);
  const close = () => link.transport.close();
  return { ...Object.fromEntries([...methods, ...generators]), close } as Client;
}

interface Link {
  transport: Transport;
  name: string;
  revive: (() => Promise<void>) | undefined;
}

const nameOf = (endpoint: Endpoint): string =>
  'socket' in endpoint ? endpoint.socket : endpoint.url;

async function call(link: Link, verb: Verb, given: Values, { signal }: CallOptions) {
  // With a key, a submit whose answer was lost can be sent again.
  const input = verb === 'submit' && given['key'] === undefined ? keyed(given) : given;
  for (let tries = 1; ; tries++) {
    try {
      const request = { ...requestOf(verbs[verb], input), signal, alone: ONCE.has(verb) };
      return await answer(await link.transport.send(request));
    } catch (error) {
      await recover(link, error, { tries, repeatable: !ONCE.has(verb), signal });
    }
  }
}

let submits = 0;

/** Unlike any other key ever made; a random one of `crypto` would take the CLI 5 ms to load. */
const keyed = (input: Values): Values => {
  const random = Math.random().toString(36).slice(2);
  return { ...input, key: `once-${Date.now()}-${process.pid}-${++submits}-${random}` };
};

async function* listen(
  link: Link,
  verb: StreamVerb,
  input: Values,
  { signal, lastEventId }: StreamOptions,
): AsyncGenerator<StreamEvent<unknown>, void> {
  let last = lastEventId;
  for (let tries = 1; ; tries++) {
    try {
      const headers = last === undefined ? {} : { 'last-event-id': last };
      const response = await link.transport.send({
        ...requestOf(streams[verb], input),
        headers,
        signal,
      });
      if (response.statusCode !== 200) await answer(response);
      for await (const { id, event, data } of readEvents(response)) {
        if (event === 'end') return;
        if (event === 'error') throw problem(JSON.parse(data), 500);
        yield { id, event, data: JSON.parse(data) as unknown };
        [last, tries] = [id, 0];
      }
      throw brokenOff();
    } catch (error) {
      await recover(link, error, { tries, repeatable: true, signal });
    }
  }
}

/** A daemon that ends closes its streams without the event that says they are complete. */
const brokenOff = (): Error =>
  Object.assign(new Error('the stream broke off'), { code: 'ECONNRESET' });

/** Returns when the call is to be made again, else throws the TendError to tell. */
async function recover(
  { name, revive }: Link,
  error: unknown,
  how: { tries: number; repeatable: boolean; signal: AbortSignal | undefined },
): Promise<void> {
  if (how.signal?.aborted === true)
    throw new TendError(
      'interrupted',
      'the call was interrupted',
      'The task itself goes on.',
      error,
    );
  // Refused by a daemon on its way out, or never sent: nothing was done, whatever the verb.
  const refused =
    (isTendError(error) && error.code === 'daemon_stopping') ||
    (revive !== undefined && isUnsent(error));
  const again = refused ? revive !== undefined : how.repeatable && isLost(error);
  if (isTendError(error) && !again) throw error;
  if (!again || how.tries >= TRIES || (revive === undefined && how.tries > 1))
    throw unreachable(name, error);
  if (revive === undefined) return;
  if (how.tries > 1 || refused) await pause(50 * how.tries);
  await revive();
}

const unreachable = (name: string, error: unknown): TendError =>
  new TendError(
    'daemon_unreachable',
    `the daemon at ${name} cannot be reached: ${(error as Error).message}`,
    'Start it with: tend daemon start',
    error,
  );

function requestOf(route: Route, input: Values) {
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => part(name, input[name]));
  const rest = Object.entries(input).filter(
    ([name, value]) => !route.names.includes(name) && value !== undefined,
  );
  if (route.rest === 'body') return { method: route.method, path, body: Object.fromEntries(rest) };
  const query = String(
    new URLSearchParams(
      rest.flatMap(([name, value]) => inQuery(value).map((one): [string, string] => [name, one])),
    ),
  );
  return { method: route.method, path: query === '' ? path : `${path}?${query}` };
}

/** A list says its name once for each: what it holds may have commas. */
const inQuery = (value: unknown): string[] =>
  Array.isArray(value) && value.length > 0 ? value.map(String) : [String(value)];

function part(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return encodeURIComponent(value);
  throw new TendError('invalid_input', `${name} is missing`, `Name the ${name}.`);
}
