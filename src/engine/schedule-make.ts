import { TendError } from '../domain/errors.ts';
import { scheduleId } from '../domain/ids.ts';
import { nearest } from '../domain/nearest.ts';
import {
  type Calendar,
  firingAfter,
  LONGEST_INTERVAL,
  PUNCTUAL,
  type Schedule,
  SHORTEST_INTERVAL,
  type When,
} from '../domain/schedule.ts';
import { written } from '../domain/duration.ts';
import type { Ports } from './context.ts';
import type { NewSchedule, ScheduledRequest } from './schedule-facade.ts';

/**
 * The schedule with its first firing; its environment is still to be stored. Throws TendError `invalid_input` for a time
 * that means nothing, or never comes.
 */
export function newSchedule(
  { clock, chance, calendar: zones }: Pick<Ports, 'clock' | 'chance' | 'calendar'>,
  calendar: Calendar,
  { name, when: given, catchUp, overlap, request }: NewSchedule,
): Schedule<ScheduledRequest> {
  const createdAt = clock.now();
  const when: When =
    given.kind === 'cron' ? { ...given, timeZone: zones.check(given.cron, given.timeZone) } : given;
  return {
    id: scheduleId(chance.bytes(8)),
    name,
    when,
    catchUp,
    overlap,
    request,
    environment: '',
    createdAt,
    paused: false,
    nextAt: firstOf(when, createdAt, calendar),
    lastAt: null,
    lastTask: null,
    lastError: null,
    lastSkip: null,
  };
}

function firstOf(when: When, now: number, calendar: Calendar): number {
  switch (when.kind) {
    case 'cron': {
      const next = firingAfter({ when, createdAt: now }, now, calendar);
      if (next !== null) return next;
      throw new TendError(
        'invalid_input',
        `the cron expression ${JSON.stringify(when.cron)} never fires: no calendar has such a day`,
        'Check its day of the month and its month.',
      );
    }
    case 'every':
      if (when.every >= SHORTEST_INTERVAL && when.every <= LONGEST_INTERVAL)
        return now + when.every;
      throw new TendError(
        'invalid_input',
        `an interval of ${written(when.every)} is not between ${written(SHORTEST_INTERVAL)} and ${written(LONGEST_INTERVAL)}`,
        'For something more frequent, run a command that goes on by itself.',
      );
    case 'at':
      // A moment ago is now for whoever typed it; longer ago is a mistake.
      if (when.at >= now - PUNCTUAL) return when.at;
      throw new TendError(
        'invalid_input',
        `${new Date(when.at).toISOString()} is in the past`,
        'Give a time to come, or start it now with: tend run',
      );
    default:
      return when satisfies never;
  }
}

/** The schedule of that name, or whose id is, or begins with, `prefix`. Throws `not_found` or `ambiguous_id`. */
export function findSchedule<R>(schedules: readonly Schedule<R>[], prefix: string): Schedule<R> {
  const exact = schedules.filter(({ id, name }) => id === prefix || name === prefix);
  const [found, ...others] =
    exact.length > 0 ? exact : schedules.filter(({ id }) => id.startsWith(prefix));
  if (others.length > 0)
    throw new TendError(
      'ambiguous_id',
      `"${prefix}" stands for several schedules: ${[found, ...others].map((one) => one?.id).join(', ')}`,
      'Write more of the id.',
    );
  if (found !== undefined) return found;
  const similar = nearest(
    prefix,
    schedules.flatMap(({ id, name }) => (name === null ? [id] : [id, name])),
  );
  throw new TendError(
    'not_found',
    `there is no schedule "${prefix}"`,
    similar === null ? 'See the schedules with: tend schedule ls' : `Did you mean ${similar}?`,
  );
}
