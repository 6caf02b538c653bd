import type { Task, TaskId } from '../domain/task.ts';

/**
 * Tells listeners in this process that a task or an inbox changed. For most of them it is a hint to read again; the queue
 * knows by it which lanes there are, so whoever stores a task announces it.
 */
export class Feed {
  readonly #listeners = new Set<(task: Task) => void>();
  #growth: (id: TaskId) => void = () => undefined;
  readonly #noting = new Set<(task: Task, noted: Noted) => void>();

  /** Calls `listener` after each change until the answer is called. */
  listen(listener: (task: Task) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  announce(task: Task): void {
    for (const listener of this.#listeners) listener(task);
  }

  /** Calls `listener` when the slow sweep finds that the output of a task has grown; nobody undoes it. */
  onGrowth(listener: (id: TaskId) => void): void {
    this.#growth = listener;
  }

  grew(id: TaskId): void {
    this.#growth(id);
  }

  /** Calls `listener` with everything that is noted from now on, until the answer is called. */
  onNote(listener: (task: Task, noted: Noted) => void): () => void {
    this.#noting.add(listener);
    return () => void this.#noting.delete(listener);
  }

  note(task: Task, noted: Noted): void {
    for (const listener of this.#noting) listener(task, noted);
  }
}

/** What happened to a task that changed no state: told to who follows just now, and kept nowhere. */
export type Noted = 'asked' | 'answered' | 'progress' | 'finished';

/**
 * Resolves true as soon as `check` answers true, asked now and after every change that `concerns`;
 * false at the time-out (ms) or when `signal` aborts.
 */
export function until(
  feed: Feed,
  concerns: (task: Task) => boolean,
  check: () => Promise<boolean>,
  timeout: number | null,
  signal: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let asking = false;
    let again = false;
    const settle = (answer: boolean) => {
      stopListening();
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      resolve(answer);
    };
    const ask = async (): Promise<void> => {
      again = true;
      if (asking) return;
      asking = true;
      while (again) {
        again = false;
        if (await check()) return settle(true);
      }
      asking = false;
    };
    const abort = () => settle(false);
    const stopListening = feed.listen((task) => {
      if (concerns(task)) ask().catch(reject);
    });
    const timer =
      timeout === null ? undefined : setTimeout(abort, Math.min(timeout, LONGEST_TIMER));
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    else ask().catch(reject);
  });
}

/** Timers beyond 2^31 - 1 ms fire at once in JavaScript. */
export const LONGEST_TIMER = 2_147_483_647;
