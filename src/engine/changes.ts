import { isTerminal } from '../domain/lifecycle.ts';
import type { Task, TaskId } from '../domain/task.ts';
import type { Change, Store } from '../ports/store.ts';
import type { Feed, Noted } from './feed.ts';
import { Signal } from './signal.ts';

const PAGE = 500;
/** Notes that wait for a slow reader: who is slower than that misses the oldest. */
const MOST_NOTES = 1_000;

/** A change of a state; or a note, which has no number of its own: `seq` is that of the change before. */
export type Told = Change | (Omit<Change, 'event'> & { event: Noted });

/** Changes after `after` (null = from now on) as they become durable, and notes as they come; of one task until it has ended. */
export async function* changes(
  store: Store,
  feed: Feed,
  after: number | null,
  only: TaskId | null,
  signal: AbortSignal,
): AsyncIterable<Told> {
  const changed = new Signal(signal);
  const isMeant = (task: Task): boolean => only === null || task.id === only;
  const stop = feed.listen((task) => void (isMeant(task) && changed.raise()));
  const notes: [Task, Noted][] = [];
  const stopNotes = feed.onNote((task, noted) => {
    if (!isMeant(task)) return;
    notes.push([task, noted]);
    if (notes.length > MOST_NOTES) notes.shift();
    changed.raise();
  });
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
      const isThrough = only !== null || page.length < PAGE;
      if (!isThrough) continue;
      for (const [task, noted] of notes.splice(0)) yield noteOf(task, noted, seen);
      await changed.raised();
    }
  } finally {
    stop();
    stopNotes();
  }
}

function noteOf({ id: taskId, version, state, attempt }: Task, event: Noted, seq: number): Told {
  const { question, progress, finish } = attempt?.worker ?? {};
  const at = {
    asked: question?.askedAt,
    answered: question?.answer?.at,
    progress: progress?.at,
    finished: finish?.at,
  }[event];
  return { seq, taskId, version, event, state, reason: null, at: at ?? 0 };
}
