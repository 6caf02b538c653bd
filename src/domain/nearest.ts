/** A cell that is there. */
const at = (row: readonly number[], column: number): number => row[column] as number;

/** Edits that turn one word into the other: insertions, deletions, replacements, and swaps of neighbours. */
function distance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      const costs = [
        at(last, column) + 1,
        at(next, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
      ];
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) costs.push(at(beforeLast, column - 2) + 1);
      next.push(Math.min(...costs));
    }
    beforeLast = last;
    last = next;
  }
  return at(last, to.length);
}

/** Longer words are no typing mistake of anything. */
const LONGEST = 64;

/** The word of `known` that `word` most likely meant; null when none is near. */
export function nearest(word: string, known: readonly string[]): string | null {
  if (word.length > LONGEST) return null;
  const near = Math.max(1, Math.floor(word.length / 3));
  let best: string | null = null;
  let least = near + 1;
  for (const candidate of known) {
    if (candidate.length > LONGEST) continue;
    const edits = distance(word, candidate);
    if (edits < least) {
      least = edits;
      best = candidate;
    }
  }
  return best;
}
