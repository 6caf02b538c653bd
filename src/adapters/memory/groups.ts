import { bareGroup, findingKey, type GroupFinding } from '../../domain/group.ts';
import type { GroupStore } from '../../ports/group-store.ts';
import { copy, type Records } from './records.ts';

export function groupVerbs(records: Records): GroupStore {
  const { groups, findings } = records;
  const of = (group: string): GroupFinding[] =>
    [...findings.values()].filter((one) => one.group === group).sort((a, b) => b.seq - a.seq);
  return {
    groups: async () =>
      [...groups.values()]
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map((group) => ({ group: copy(group), findings: of(group.name).length })),
    group: async (name) => copy(groups.get(name) ?? null),
    addGroup: async (group) => {
      if (groups.has(group.name)) return false;
      groups.set(group.name, copy(group));
      return true;
    },
    putGroup: async (group) => void groups.set(group.name, copy(group)),
    dropGroup: async (name) => {
      for (const { seq } of of(name)) findings.delete(seq);
      return groups.delete(name);
    },
    addFinding: async (finding, limits) => {
      const { group, taskId, at } = finding;
      const inGroup = of(group);
      const same = inGroup.find((one) => findingKey(one) === findingKey(finding));
      if (same !== undefined) return { finding: copy(same), repeated: true };
      const ofTask = inGroup.filter((one) => one.taskId === taskId);
      if (inGroup.length >= limits.group || (taskId !== null && ofTask.length >= limits.task))
        return null;
      if (!groups.has(group)) groups.set(group, bareGroup(group, at));
      const stored = { ...copy(finding), seq: ++records.lastFinding };
      findings.set(stored.seq, stored);
      return { finding: copy(stored), repeated: false };
    },
    findings: async (group) => copy(of(group)),
    finding: async (seq) => copy(findings.get(seq) ?? null),
    dropFinding: async (seq) => findings.delete(seq),
  };
}
