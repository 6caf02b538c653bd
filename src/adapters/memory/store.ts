import type { Store } from '../../ports/store.ts';
import { deliveryVerbs } from './deliveries.ts';
import { groupVerbs } from './groups.ts';
import { holdVerbs } from './holds.ts';
import { familyVerbs } from './family.ts';
import { laneVerbs } from './lanes.ts';
import { listingVerbs } from './listing.ts';
import { memoryVerbs } from './memories.ts';
import { mergeVerbs } from './merges.ts';
import { questionVerbs } from './questions.ts';
import { noticeVerbs, pushVerbs } from './notices.ts';
import { newRecords } from './records.ts';
import { scheduleRowVerbs } from './schedule-rows.ts';
import { scheduleVerbs } from './schedule.ts';
import { spendingVerbs } from './spending.ts';
import { taskVerbs } from './tasks.ts';
import { watchVerbs } from './watches.ts';

/** A store that forgets everything with the process: for tests and for trying things out. */
export function openMemory(): Store {
  const records = newRecords();
  return {
    ...taskVerbs(records),
    ...listingVerbs(records),
    ...scheduleVerbs(records),
    ...familyVerbs(records),
    ...laneVerbs(records),
    ...deliveryVerbs(records),
    ...pushVerbs(records),
    ...noticeVerbs(records),
    ...holdVerbs(records),
    ...spendingVerbs(records),
    ...scheduleRowVerbs(records),
    ...mergeVerbs(records),
    ...watchVerbs(records),
    ...questionVerbs(records),
    ...groupVerbs(records),
    ...memoryVerbs(records),
    environments: async () =>
      new Set([
        ...[...records.tasks.values()].flatMap(({ spec }) => spec.environment ?? []),
        ...[...records.schedules.values()].map(({ environment }) => environment),
      ]),
    setting: async (name) => records.settings.get(name) ?? null,
    setSetting: async (name, value) => {
      if (value === null) records.settings.delete(name);
      else records.settings.set(name, value);
    },
    close: async () => undefined,
  };
}
