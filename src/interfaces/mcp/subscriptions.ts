import type { Change } from '../client/index.ts';
import type { Calls } from './calls.ts';
import { outputUri, placeOf, taskUri } from './resources.ts';

/** Who hears of changes. */
export interface Listener {
  updated(uri: string): void;
  /** The list of live tasks is another one. */
  listChanged(): void;
}

/** Tells one client what changes, as soon as it cares for anything at all. */
export interface Subscriptions {
  /** From now on: changes of the list. Starts the one stream of events that all of this lives on. */
  watch(): void;
  /** From now on: changes of what this URI names. Answers false when it is none of ours, or there are too many. */
  subscribe(uri: string): boolean;
  unsubscribe(uri: string): void;
  close(): void;
}

/** A client hears of one thing at most this often (ms). */
const QUIET = 500;
const MOST = 256;
/** Outputs that are followed at once. */
const MOST_FOLLOWED = 16;
/** A stream that could not be had is asked for again after so long (ms). */
const PAUSE = 5_000;

/** `all` = the client filters by itself, so everything is told. */
export function openSubscriptions(calls: Calls, listener: Listener, all = false): Subscriptions {
  const uris = new Set<string>();
  const followed = new Map<string, AbortController>();
  const end = new AbortController();
  const soon = coalesced((key) => (key === '' ? listener.listChanged() : listener.updated(key)));
  let watching = false;

  const touch = (uri: string): void => {
    if (all || uris.has(uri)) soon.touch(uri);
  };
  const changed = ({ taskId, event }: Change): void => {
    touch(taskUri(taskId));
    touch(outputUri(taskId));
    if (MOVES.has(event)) soon.touch('');
  };
  const follow = (uri: string, id: string): void => {
    if (followed.has(uri) || followed.size >= MOST_FOLLOWED) return;
    const one = new AbortController();
    followed.set(uri, one);
    const signal = AbortSignal.any([one.signal, end.signal]);
    void each(calls.growth(id, signal), () => touch(uri))
      .catch(() => undefined)
      .finally(() => followed.delete(uri));
  };
  const watch = (): void => {
    if (watching) return;
    watching = true;
    void endlessly(() => each(calls.changes(end.signal), changed), end.signal);
  };

  return {
    watch,
    subscribe(uri) {
      const place = placeOf(uri);
      if (place === null || uris.size >= MOST) return false;
      uris.add(uri);
      watch();
      if (place.part === 'output') follow(uri, place.id);
      return true;
    },
    unsubscribe(uri) {
      uris.delete(uri);
      followed.get(uri)?.abort();
    },
    close() {
      end.abort();
      soon.close();
    },
  };
}

/** Events by which a task comes to the list, or leaves it. */
const MOVES: ReadonlySet<string> = new Set([
  'submit',
  'schedule',
  'complete',
  'fail',
  'cancel',
  'skip',
]);

async function each<T>(items: AsyncIterable<T>, act: (item: T) => void): Promise<void> {
  for await (const item of items) act(item);
}

/** Asks for a stream anew when it broke off, until `signal` aborts. */
async function endlessly(open: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await open().catch(() => undefined);
    if (!signal.aborted) await pause(PAUSE, signal);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Tells a key at once, and what comes of it within the time after that together at its end. */
function coalesced(tell: (key: string) => void) {
  const waiting = new Map<string, { again: boolean; timer: NodeJS.Timeout }>();
  const touch = (key: string): void => {
    const known = waiting.get(key);
    if (known !== undefined) {
      known.again = true;
      return;
    }
    tell(key);
    const timer = setTimeout(() => {
      const { again = false } = waiting.get(key) ?? {};
      waiting.delete(key);
      if (again) touch(key);
    }, QUIET);
    waiting.set(key, { again: false, timer });
  };
  return {
    touch,
    close: () => {
      for (const { timer } of waiting.values()) clearTimeout(timer);
      waiting.clear();
    },
  };
}
