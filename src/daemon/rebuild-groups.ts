import { type SalvagedGroups, salvageGroups } from '../adapters/sqlite/salvage-groups.ts';
import { findingId, findingSeq } from '../domain/group.ts';
import type { Memory } from '../domain/memory.ts';
import type { Store } from '../ports/store.ts';

/** What was brought back: names of groups, ids of memories. */
export interface RebuiltGroups {
  groups: string[];
  memories: string[];
}

const NO_LIMITS = { group: Infinity, task: Infinity };

/** Stores what the damaged copies knew and the store does not; of several copies the latest one counts. */
export async function restoreGroups(
  store: Store,
  quarantined: readonly string[],
): Promise<RebuiltGroups> {
  const rebuilt: RebuiltGroups = { groups: [], memories: [] };
  for (const path of quarantined.toReversed()) await restore(store, salvageGroups(path), rebuilt);
  return rebuilt;
}

async function restore(
  store: Store,
  { groups, findings, memories }: SalvagedGroups,
  rebuilt: RebuiltGroups,
): Promise<void> {
  for (const group of groups) if (await store.addGroup(group)) rebuilt.groups.push(group.name);
  /** Findings are numbered anew. */
  const numbers = new Map<number, number>();
  for (const { seq, ...finding } of findings) {
    const added = await store.addFinding(finding, NO_LIMITS);
    if (added !== null) numbers.set(seq, added.finding.seq);
  }
  for (const memory of memories) {
    if ((await store.memory(memory.id)) !== null) continue;
    await store.putMemory({ ...memory, from: renumbered(memory.from, numbers) });
    rebuilt.memories.push(memory.id);
  }
}

function renumbered(from: Memory['from'], numbers: ReadonlyMap<number, number>): Memory['from'] {
  if (from === null) return null;
  const seq = numbers.get(findingSeq(from.finding) ?? -1);
  return seq === undefined ? from : { ...from, finding: findingId(seq) };
}
