import { isMergeOpen, type Merge } from '../../domain/merge.ts';
import type { Store } from '../../ports/store.ts';
import { copy, type Records } from './records.ts';

type Verb = 'addMerge' | 'putMerge' | 'merges' | 'openMerges';

export function mergeVerbs(records: Records): Pick<Store, Verb> {
  const { merges, tasks } = records;
  const oldestFirst = (): Merge[] => [...merges.values()].sort((a, b) => a.seq - b.seq);
  return {
    addMerge: async (merge) => {
      if (!tasks.has(merge.taskId)) return null;
      const same = oldestFirst().find(
        ({ taskId, target }) => taskId === merge.taskId && target === merge.target,
      );
      if (same !== undefined) merges.delete(same.seq);
      const stored = { ...copy(merge), seq: ++records.lastMerge };
      merges.set(stored.seq, stored);
      return copy(stored);
    },
    putMerge: async (merge) => {
      if (!merges.has(merge.seq)) return false;
      merges.set(merge.seq, copy(merge));
      return true;
    },
    merges: async (ids) =>
      copy(
        oldestFirst()
          .filter(({ taskId }) => ids.includes(taskId))
          .reverse(),
      ),
    openMerges: async () => copy(oldestFirst().filter(isMergeOpen)),
  };
}
