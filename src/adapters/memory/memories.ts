import { isCurrent, matches, type Memory } from '../../domain/memory.ts';
import type { MemoryQuery, MemoryStore } from '../../ports/memory-store.ts';
import { by, copy, type Records } from './records.ts';

export function memoryVerbs({ memories }: Records): MemoryStore {
  return {
    putMemory: async (memory) => void memories.set(memory.id, copy(memory)),
    memory: async (id) => copy(memories.get(id) ?? null),
    memories: async (query) =>
      copy(
        [...memories.values()]
          .filter((memory) => isMeant(memory, query))
          .sort(by(({ createdAt }) => -createdAt))
          .slice(0, query.limit),
      ),
    countMemories: async (at) =>
      [...memories.values()].filter((memory) => isCurrent(memory, at)).length,
  };
}

const isMeant = (memory: Memory, { folders, kind, words, at }: MemoryQuery): boolean =>
  (folders === null || memory.folder === null || folders.includes(memory.folder)) &&
  (kind === undefined || memory.kind === kind) &&
  (at === null || isCurrent(memory, at)) &&
  matches(memory.text, words);
