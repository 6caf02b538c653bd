import type { Store } from '../../ports/store.ts';
import { deliveryVerbs } from './deliveries.ts';
import { listingVerbs } from './listing.ts';
import { copy, newRecords } from './records.ts';
import { scheduleVerbs } from './schedule.ts';
import { taskVerbs } from './tasks.ts';

/** A store that forgets everything with the process: for tests and for trying things out. */
export function openMemory(): Store {
  const records = newRecords();
  return {
    ...taskVerbs(records),
    ...listingVerbs(records),
    ...scheduleVerbs(records),
    ...deliveryVerbs(records),
    environments: async () =>
      new Set([...records.tasks.values()].flatMap(({ spec }) => spec.environment ?? [])),
    setting: async (name) => records.settings.get(name) ?? null,
    setSetting: async (name, value) => {
      if (value === null) records.settings.delete(name);
      else records.settings.set(name, value);
    },
    holds: async () =>
      copy([...records.holds.values()].sort((a, b) => (a.account < b.account ? -1 : 1))),
    setHold: async (hold) => void records.holds.set(hold.account, copy(hold)),
    dropHolds: async (accounts) => {
      for (const account of accounts) records.holds.delete(account);
    },
    close: async () => undefined,
  };
}
