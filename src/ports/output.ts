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

/** So many bytes of the streams had been seen at this time (epoch ms). */
export interface Mark {
  at: number;
  stdout: number;
  stderr: number;
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
  /** The folder of an agent's own files. */
  agentFolder(ref: AttemptRef): string;
  /** Calls `listener` once when one of the streams is longer than `taken`; undone by a call of the answer. */
  onGrowth(
    ref: AttemptRef,
    taken: Readonly<Partial<Record<Stream, number>>>,
    listener: () => void,
  ): () => void;
  /** Notes that so much of the streams was there at `at` (epoch ms): all that is known of when it was written. */
  mark(ref: AttemptRef, at: number, taken: { stdout: number; stderr: number }): Promise<void>;
  /** The marks of an attempt, oldest first. */
  marks(ref: AttemptRef): Promise<readonly Mark[]>;
  /** Free space where outputs live. */
  space(): Promise<{ free: number; total: number }>;
}
