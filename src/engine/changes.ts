import { isTerminal } from '../domain/lifecycle.ts';
import type { TaskId } from '../domain/task.ts';
import type { Change, Store } from '../ports/store.ts';
import type { Feed } from './feed.ts';
import { Signal } from './signal.ts';

const PAGE = 500;

/** Changes after `after` (null = from now on) as they become durable; of one task until it has ended. */
export async function* changes(
  store: Store,
  feed: Feed,
  after: number | null,
  only: TaskId | null,
  signal: AbortSignal,
): AsyncIterable<Change> {
  const changed = new Signal(signal);
  const stop = feed.listen((task) => void ((only === null || task.id === only) && changed.raise()));
  let seen = after ?? (await store.lastSeq());
  try {
    while (!signal.aborted) {
      const page = only === null ? await store.changes(seen, PAGE) : await store.history(only);
      for (const change of page) {
        if (change.seq <= seen) continue;
        seen = change.seq;
        yield change;
      }
      const last = page.at(-1);
      if (only !== null && (last === undefined || isTerminal(last.state))) return;
      if (only !== null || page.length < PAGE) await changed.raised();
    }
  } finally {
    stop();
  }
}
