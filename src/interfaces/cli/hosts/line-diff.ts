/** The lines in which two texts differ, as `diff -u` shows them. */

export interface DiffLine {
  mark: ' ' | '+' | '-' | '@';
  text: string;
}

const CONTEXT = 3;
/** Where more lines than that differ on both sides they are shown as replaced whole. */
const MOST = 2_000;

const linesOf = (text: string): string[] =>
  text === '' ? [] : text.replace(/\n$/, '').split('\n');

/** Empty where the texts are the same. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const [a, b] = [linesOf(before), linesOf(after)];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const middle = between(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  if (middle.length === 0) return [];
  const from = Math.max(0, head - CONTEXT);
  const all = [
    ...a.slice(from, head).map(same),
    ...middle,
    ...a.slice(a.length - tail, a.length - tail + CONTEXT).map(same),
  ];
  return hunks(all, from + 1);
}

const same = (text: string): DiffLine => ({ mark: ' ', text });
const gone = (text: string): DiffLine => ({ mark: '-', text });
const added = (text: string): DiffLine => ({ mark: '+', text });

/** By the longest common subsequence. */
function between(a: readonly string[], b: readonly string[]): DiffLine[] {
  if (a.length * b.length > MOST * MOST) return [...a.map(gone), ...b.map(added)];
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] =
        a[i] === b[j]
          ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0);
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (left !== undefined && left === right) {
      lines.push(same(left));
      i++;
      j++;
    } else if (
      left !== undefined &&
      (right === undefined ||
        (lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0))
    ) {
      lines.push(gone(left));
      i++;
    } else if (right !== undefined) {
      lines.push(added(right));
      j++;
    }
  }
  return lines;
}

/** Long runs of what is the same are left out. */
function hunks(lines: readonly DiffLine[], first: number): DiffLine[] {
  const near = lines.map((_, at) =>
    lines.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some(({ mark }) => mark !== ' '),
  );
  const shown: DiffLine[] = [];
  let number = first;
  lines.forEach((line, at) => {
    if (near[at] === true) {
      if (at === 0 || near[at - 1] !== true) shown.push({ mark: '@', text: `line ${number}` });
      shown.push(line);
    }
    if (line.mark !== '+') number++;
  });
  return shown;
}
