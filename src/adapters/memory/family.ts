import { isTerminal } from '../../domain/lifecycle.ts';
import type { Task } from '../../domain/task.ts';
import type { Store } from '../../ports/store.ts';
import type { Records } from './records.ts';

export function familyVerbs({ tasks }: Records): Pick<Store, 'released' | 'children'> {
  const all = (): Task[] => [...tasks.values()];
  const isOpen = (id: string): boolean => !isTerminal(tasks.get(id)?.state ?? 'completed');
  return {
    released: async (id, unmet) =>
      all()
        .filter(({ state, spec: { after } }) => {
          const on = after.filter(({ task }) => task === id);
          if (state !== 'waiting' || on.length === 0) return false;
          return (
            on.some(({ when }) => unmet.includes(when)) || !after.some((one) => isOpen(one.task))
          );
        })
        .map((task) => task.id)
        .sort(),
    children: async (parent) => {
      const family = all().filter(({ spec }) => spec.parent === parent);
      const again = new Set(
        family.flatMap(({ state, spec: { retryOf } }) =>
          state === 'cancelled' || state === 'skipped' ? [] : (retryOf ?? []),
        ),
      );
      const ends = family.flatMap((task) => ('endedAt' in task ? [task.endedAt] : []));
      return {
        open: family.length - ends.length,
        failed: family.filter(({ id, state }) => state === 'failed' && !again.has(id)).length,
        endedAt: ends.length === 0 ? null : Math.max(...ends),
      };
    },
  };
}
