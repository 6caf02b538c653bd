import type { Memory, MemoryKind } from '../domain/memory.ts';

/** What is to be known from now on. */
export interface NewMemory {
  kind: MemoryKind;
  /** Null = that of the finding. */
  text: string | null;
  /** Absolute; null = it concerns every task of the person. */
  folder: string | null;
  pinned: boolean;
  by: string;
  /** It is told for that long, ms; null = for good. */
  lasts: number | null;
  /** The id of the finding that it is made of. */
  from: string | null;
}

interface MemorySearch {
  /** Words of the text, or their beginnings; '' = all. */
  text: string;
  kind: MemoryKind | null;
  /** Those that a task in this folder is told; null = all. */
  folder: string | null;
  /** What was taken away, or is over, too. */
  all: boolean;
  limit: number;
}

/** What the doors may ask about what is known; where a memory is named, the beginning of its id is enough. */
export interface MemoryVerbs {
  /** Throws `not_found` for a finding that is not there, `limit_reached` when there is no room. */
  add(given: NewMemory): Promise<Memory>;
  /** The newest first. */
  search(query: MemorySearch): Promise<Memory[]>;
  /** Throws `not_found` or `ambiguous_id`. */
  find(prefix: string): Promise<Memory>;
  /** Tells nobody of it any more; it is kept. */
  remove(prefix: string): Promise<Memory>;
}
