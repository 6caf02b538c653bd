import { cronerCalendar } from '../../src/adapters/calendar/croner.ts';
import { systemChance } from '../../src/adapters/process/system-chance.ts';
import { systemClock } from '../../src/adapters/process/system-clock.ts';
import {
  type Calendar,
  paused,
  type Schedule,
  unpaused,
  upcoming,
} from '../../src/domain/schedule.ts';
import type * as facade from '../../src/engine/facade.ts';
import { findSchedule, newSchedule } from '../../src/engine/schedule-make.ts';
import type { Store } from '../../src/ports/store.ts';

type Own = Schedule<facade.ScheduledRequest>;

const MACHINE = { clock: systemClock, chance: systemChance, calendar: cronerCalendar };

const calendar: Calendar = (cron, timeZone, after) => cronerCalendar.next(cron, timeZone, after);

/** Schedules that are kept and never fire. */
export function fixtureSchedules(store: Store): facade.ScheduleVerbs {
  const status = (schedule: Own): facade.ScheduleStatus => ({
    schedule,
    next: upcoming(schedule, 5, calendar),
    last: null,
  });
  const all = async (): Promise<Own[]> => (await store.schedules()) as Own[];
  const named = async (prefix: string): Promise<Own> => findSchedule(await all(), prefix);
  const put = async (schedule: Own): Promise<facade.ScheduleStatus> => {
    await store.putSchedule(schedule);
    return status(schedule);
  };
  return {
    add: (given) => put(newSchedule(MACHINE, calendar, given)),
    list: async () => (await all()).map(status),
    find: async (prefix) => status(await named(prefix)),
    remove: async (prefix) => {
      const schedule = await named(prefix);
      await store.dropSchedule(schedule.id);
      return status(schedule);
    },
    pause: async (prefix) => put(paused(await named(prefix))),
    unpause: async (prefix) => put(unpaused(await named(prefix), systemClock.now(), calendar)),
    nextFiring: () => store.nextFiring(),
  };
}
