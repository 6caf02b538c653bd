import type { Memory, MemoryKind } from '../domain/memory.ts';

export interface MemoryQuery {
  /** Those of these folders, and those of no folder; null = all. */
  folders: readonly string[] | null;
  kind?: MemoryKind;
  /** Each is a word of the text, or begins one; as `wordsIn` gives them. */
  words: readonly string[];
  /** Those that hold at this moment; null = those that were taken away or are over, too. */
  at: number | null;
  limit: number;
}

/** The durable part of what is known. */
export interface MemoryStore {
  /** Stores a memory, in the place of the one with its id, whose text it has. */
  putMemory(memory: Memory): Promise<void>;
  memory(id: string): Promise<Memory | null>;
  /** The newest first, of equals by id. */
  memories(query: MemoryQuery): Promise<Memory[]>;
  /** How many hold at this moment. */
  countMemories(at: number): Promise<number>;
}
