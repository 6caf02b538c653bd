import { MINUTE } from './civil.ts';
import type { TaskId } from './task.ts';

/** What becomes of firings that were missed while the machine slept or no daemon ran: none, one for all, each. */
export const CATCH_UPS = ['skip', 'once', 'all'] as const;
export type CatchUp = (typeof CATCH_UPS)[number];

/** What becomes of a firing while the task of the one before has not ended. */
export const OVERLAPS = ['skip', 'queue', 'allow'] as const;
export type Overlap = (typeof OVERLAPS)[number];

/** When it fires: times of the clock face, every so often (ms) from its creation on, or once. */
export type When =
  | { kind: 'cron'; cron: string; timeZone: string }
  | { kind: 'every'; every: number }
  | { kind: 'at'; at: number };

/** Something that starts tasks by itself. Times are epoch ms. */
export interface Schedule<Request = unknown> {
  id: string;
  name: string | null;
  when: When;
  catchUp: CatchUp;
  overlap: Overlap;
  /** What is submitted at each firing; for the engine alone to read. */
  request: Request;
  /** Name of the captured environment. */
  environment: string;
  createdAt: number;
  paused: boolean;
  /** The first firing that nothing was decided about yet; null while it is paused, and when none will come. */
  nextAt: number | null;
  /** The latest firing that became a task, and that task. */
  lastAt: number | null;
  lastTask: TaskId | null;
  /** The firing since then that could not become a task. */
  lastError: { at: number; message: string } | null;
  /** The latest firing that was left out as the policies say. */
  lastSkip: { at: number; why: 'missed' | 'overlap' } | null;
}

/** The first time after a moment at which a cron expression fires in a time zone; null = never. */
export type Calendar = (cron: string, timeZone: string, after: number) => number | null;

/** The shortest interval (ms): for anything more frequent a command that runs on is the better tool. */
export const SHORTEST_INTERVAL = 10_000;
export const LONGEST_INTERVAL = 366 * 86_400_000;
/** Most missed firings that are made up for, the newest ones. */
export const MOST_MISSED = 100;
/** A firing that comes this late (ms) still is on time: a timer may come a minute late after the machine slept. */
export const PUNCTUAL = 90_000;
/** A schedule that is done is forgotten after this long (ms). */
export const DONE_KEPT = 7 * 86_400_000;

/** The first firing after `after`; null = none. */
export function firingAfter(
  { when, createdAt }: Pick<Schedule, 'when' | 'createdAt'>,
  after: number,
  calendar: Calendar,
): number | null {
  switch (when.kind) {
    case 'cron':
      return calendar(when.cron, when.timeZone, after);
    case 'every':
      return createdAt + Math.max(1, Math.floor((after - createdAt) / when.every) + 1) * when.every;
    case 'at':
      return when.at > after ? when.at : null;
  }
}

/** The next `count` firings. */
export function upcoming(schedule: Schedule, count: number, calendar: Calendar): number[] {
  const found: number[] = [];
  let at = schedule.nextAt;
  while (at !== null && found.length < count) {
    found.push(at);
    at = firingAfter(schedule, at, calendar);
  }
  return found;
}

/** What to do about the firings that are due: which become tasks, the oldest first. */
export interface Plan {
  fire: readonly number[];
  /** The latest of those that are given up as missed. */
  missed: number | null;
}

/** The firings due at `now`, after what the schedule says about missed ones. */
export function plan(schedule: Schedule, now: number, calendar: Calendar): Plan {
  const first = schedule.nextAt;
  if (first === null || first > now) return { fire: [], missed: null };
  const most = schedule.catchUp === 'all' ? MOST_MISSED : 1;
  // One more than wanted: the latest of those that are given up.
  const due = newest(schedule, first, now, most + 1, calendar);
  const fire = due.slice(-most);
  if (schedule.catchUp === 'all') return { fire, missed: due.at(-most - 1) ?? null };
  if (schedule.catchUp === 'once') return { fire, missed: null };
  const late = fire.filter((at) => now - at > PUNCTUAL);
  return { fire: fire.filter((at) => !late.includes(at)), missed: late[0] ?? null };
}

/** The latest `count` firings from `first` to `now`: looked for backwards, so that years take no longer than days. */
function newest(
  schedule: Schedule,
  first: number,
  now: number,
  count: number,
  calendar: Calendar,
): number[] {
  for (let span = MINUTE; ; span *= 4) {
    const start = Math.max(first, now - span);
    const found: number[] = [];
    let at = start === first ? first : firingAfter(schedule, start - 1, calendar);
    while (at !== null && at <= now) {
      found.push(at);
      at = firingAfter(schedule, at, calendar);
    }
    if (start === first || found.length >= count) return found.slice(-count);
  }
}

/** What a firing comes to while the task of the one before is open, or is not; `after` = it waits for that one's end. */
export function meets(
  overlap: Overlap,
  previous: { isOpen: boolean } | null,
): 'start' | 'after' | 'skip' {
  if (previous === null || overlap === 'allow') return 'start';
  if (overlap === 'queue') return 'after';
  return previous.isOpen ? 'skip' : 'start';
}

/** The schedule once its firing at `at` is the task `task`. */
export const fired = <R>(
  schedule: Schedule<R>,
  at: number,
  task: TaskId,
  calendar: Calendar,
): Schedule<R> => ({
  ...schedule,
  lastAt: at,
  lastTask: task,
  lastError: null,
  nextAt: firingAfter(schedule, at, calendar),
});

/** The schedule once its firing at `at` was left out. */
export const left = <R>(
  schedule: Schedule<R>,
  at: number,
  why: 'missed' | 'overlap',
  calendar: Calendar,
): Schedule<R> => ({
  ...schedule,
  lastSkip: { at, why },
  nextAt: firingAfter(schedule, at, calendar),
});

/** The schedule once its firing at `at` could not become a task. */
export const failed = <R>(
  schedule: Schedule<R>,
  at: number,
  message: string,
  calendar: Calendar,
): Schedule<R> => ({
  ...schedule,
  lastError: { at, message },
  nextAt: firingAfter(schedule, at, calendar),
});

export const paused = <R>(schedule: Schedule<R>): Schedule<R> => ({
  ...schedule,
  paused: true,
  nextAt: null,
});

/** Goes on with the first firing after `now`: what fell into the pause was not wanted. */
export const unpaused = <R>(schedule: Schedule<R>, now: number, calendar: Calendar): Schedule<R> =>
  schedule.paused
    ? { ...schedule, paused: false, nextAt: firingAfter(schedule, now, calendar) }
    : schedule;

/** Nothing will come of it any more. */
export const isDone = ({ nextAt, paused: isPaused }: Schedule): boolean =>
  nextAt === null && !isPaused;

/** Whether it has been done for so long that it may be forgotten. */
export function isForgettable(schedule: Schedule, now: number): boolean {
  const { lastAt, lastError, lastSkip, createdAt } = schedule;
  const latest = Math.max(createdAt, lastAt ?? 0, lastError?.at ?? 0, lastSkip?.at ?? 0);
  return isDone(schedule) && now - latest > DONE_KEPT;
}

/** The key under which the firing is submitted: tried again after a crash, it finds the same task. */
export const keyOf = ({ id }: Schedule, at: number): string => `schedule:${id}:${at}`;
