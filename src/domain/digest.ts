import { reasonOf } from './delivery.ts';
import { readable } from './notice.ts';
import { oneLine } from './prompt.ts';
import { type Spent, countedUsd } from './spent.ts';
import { stamp } from './stamp.ts';
import type { EndedTask, Task } from './task.ts';
import { isSuccess, verdict, verificationOf } from './verdict.ts';

/** What became of everything in a span of time, `never` as well as loud, and what waits for a person now. */
export interface Digest {
  from: number;
  to: number;
  /** Null = everybody's. */
  owner: string | null;
  /** The newest first; checks are nobody's business but that of their task. */
  ended: readonly EndedTask[];
  /** There are more than those. */
  more: boolean;
  waiting: readonly Task[];
  cost: Spent;
}

export interface Sums {
  succeeded: number;
  failed: number;
  /** Cancelled or skipped. */
  other: number;
}

/** Whether it did its work, did not, or was not meant to any more. */
export function fateOf(task: EndedTask): keyof Sums {
  if (isSuccess(verdict(task.state, reasonOf(task), verificationOf(task)))) return 'succeeded';
  return task.state === 'cancelled' || task.state === 'skipped' ? 'other' : 'failed';
}

export function sumsOf(ended: readonly EndedTask[]): Sums {
  const sums = { succeeded: 0, failed: 0, other: 0 };
  for (const task of ended) sums[fateOf(task)]++;
  return sums;
}

/** Most tasks of each kind that get a line. */
const MOST = 10;
const LONGEST = 100;

/** The digest as a message: a first line that says it all, then what a person would look at. */
export function digestText(digest: Digest): string {
  const { ended, waiting, cost, from, more } = digest;
  const { succeeded, failed, other } = sumsOf(ended);
  const counted = [
    `${succeeded} done`,
    `${failed} failed`,
    ...(other === 0 ? [] : [`${other} cancelled or skipped`]),
    ...(waiting.length === 0 ? [] : [`${waiting.length} waiting for you`]),
  ].join(', ');
  const usd = countedUsd(cost);
  return [
    `Since ${stamp(from)}: ${counted}${more ? ' (of the newest)' : ''}`,
    ...(cost.attempts === 0
      ? []
      : [`cost $${usd.toFixed(2)}${cost.unknown > 0 ? ' at most' : ''}`]),
    ...some(
      ended.filter((task) => fateOf(task) === 'failed'),
      (task) => `failed (${reasonOf(task) ?? 'unverified'}): ${nameOf(task)}`,
    ),
    ...some(waiting, (task) => `waits: ${nameOf(task)}`),
    ...some(
      ended.filter((task) => fateOf(task) === 'succeeded'),
      (task) => `done: ${nameOf(task)}`,
    ),
  ].join('\n');
}

const nameOf = (task: Task): string => `${task.id} ${oneLine(readable(task.spec.title), LONGEST)}`;

function some<T extends Task>(tasks: readonly T[], line: (task: T) => string): string[] {
  const rest = tasks.length - MOST;
  return [...tasks.slice(0, MOST).map(line), ...(rest > 0 ? [`… and ${rest} more`] : [])];
}
