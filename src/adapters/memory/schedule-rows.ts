import type { Schedule } from '../../domain/schedule.ts';
import type { Store } from '../../ports/store.ts';
import { by, copy, type Records } from './records.ts';

type Verb =
  | 'schedules'
  | 'schedule'
  | 'dueSchedules'
  | 'nextFiring'
  | 'putSchedule'
  | 'dropSchedule';

export function scheduleRowVerbs({ schedules }: Records): Pick<Store, Verb> {
  const earliestFirst = (): Schedule[] =>
    [...schedules.values()]
      .filter(({ nextAt }) => nextAt !== null)
      .sort(by(({ nextAt }) => nextAt ?? 0));
  return {
    schedules: async () => copy([...schedules.values()].sort(by(({ createdAt }) => createdAt))),
    schedule: async (id) => copy(schedules.get(id) ?? null),
    dueSchedules: async (now) => copy(earliestFirst().filter(({ nextAt }) => (nextAt ?? 0) <= now)),
    nextFiring: async () => earliestFirst()[0]?.nextAt ?? null,
    putSchedule: async (schedule) => void schedules.set(schedule.id, copy(schedule)),
    dropSchedule: async (id) => schedules.delete(id),
  };
}
