import type { Mark } from '../ports/output.ts';

/** Part of a stream that had been seen at `at` (epoch ms). */
export interface Piece {
  data: Uint8Array;
  at: number;
}

/** The bytes from `offset` on in pieces, each with the time that the marks tell, or else `otherwise`. */
export function timed(
  marks: readonly Mark[],
  stream: 'stdout' | 'stderr',
  offset: number,
  data: Uint8Array,
  otherwise: number,
): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const mark of marks) {
    const to = Math.min(mark[stream] - offset, data.byteLength);
    if (to <= from) continue;
    pieces.push({ data: data.subarray(from, to), at: mark.at });
    from = to;
  }
  if (from < data.byteLength) pieces.push({ data: data.subarray(from), at: otherwise });
  return pieces;
}
