import { z } from 'zod';
import type { Task } from '../client/index.ts';
import type { Place } from './tool.ts';
import { hasEnded, needsWord } from './words.ts';

/** Seconds: hosts give a call about a minute. */
export const LONGEST_WAIT = 50;

export const waitField = (seconds: number) => z.number().min(0).max(LONGEST_WAIT).default(seconds);

/** A host that is told something this often (ms) does not give a call up. */
const BEAT = 10_000;

interface Until {
  any: boolean;
  seconds: number;
}

/** Waits until the tasks (or any of them) have ended or need somebody's word, or the time is over; the tasks as they are then. */
export async function settled(
  place: Place,
  ids: readonly string[],
  { any, seconds }: Until,
): Promise<{ tasks: Task[]; timedOut: boolean }> {
  const { calls, signal, progress } = place;
  const turned = new AbortController();
  const over = AbortSignal.any([signal, turned.signal]);
  const beat = setInterval(() => progress(`still waiting for ${ids.join(', ')}`), BEAT);
  try {
    const watched = watch(place, ids, over);
    const now = await look(place, ids);
    if (now.some(needsWord) || isOver(now, any)) return { tasks: now, timedOut: false };
    const wait = calls.call('wait', { ids: [...ids], any, timeout: seconds }, over);
    const first = await Promise.race([wait, watched]);
    if (first !== null) return first;
    wait.catch(() => undefined);
    return { tasks: await look(place, ids), timedOut: false };
  } finally {
    clearInterval(beat);
    turned.abort();
  }
}

const isOver = (tasks: readonly Task[], any: boolean): boolean =>
  any ? tasks.some(hasEnded) : tasks.every(hasEnded);

const look = ({ calls, signal }: Place, ids: readonly string[]): Promise<Task[]> =>
  Promise.all(ids.map((id) => calls.call('show', { id }, signal)));

/** Resolves when one of the tasks begins to wait for a person; a fault only means that nobody is told sooner. */
async function watch({ calls }: Place, ids: readonly string[], signal: AbortSignal): Promise<null> {
  try {
    for await (const change of calls.changes(signal))
      if (needsWord(change) && ids.some((id) => change.taskId.startsWith(id))) return null;
  } catch {
    // The wait itself tells what is wrong.
  }
  return new Promise<null>(() => undefined);
}
