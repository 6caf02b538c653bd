import type { AttemptRef } from './supervisor.ts';

export const STREAMS = ['output', 'stdout', 'stderr'] as const;
export type Stream = (typeof STREAMS)[number];

/** Part of a stream: `data` starts at byte `offset` and ends before `nextOffset`. */
export interface Chunk {
  offset: number;
  nextOffset: number;
  /** Bytes in the whole stream now. */
  size: number;
  data: Uint8Array;
}

/** What tasks wrote. Offsets count bytes from the start of the stream; a missing file reads as empty. */
export interface Output {
  path(ref: AttemptRef, stream: Stream): string;
  /** At most `limit` bytes from `offset`. */
  read(ref: AttemptRef, stream: Stream, offset: number, limit: number): Promise<Chunk>;
  /** The last `bytes` bytes, begun at a UTF-8 boundary. */
  tail(ref: AttemptRef, stream: Stream, bytes: number): Promise<Chunk>;
  size(ref: AttemptRef, stream: Stream): Promise<number>;
  /** Cuts the front off an ended stream beyond `keep` bytes; true when it did. */
  trim(ref: AttemptRef, stream: Stream, keep: number): Promise<boolean>;
  /** Calls `listener` when the stream may have grown, until the answer is called. */
  watch(ref: AttemptRef, stream: Stream, listener: () => void): () => void;
  /** Free space where outputs live. */
  space(): Promise<{ free: number; total: number }>;
}
