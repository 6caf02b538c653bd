/** Small changes of JSON text that leave everything else as it stands: comments, order, indentation, line ends. */
import { type List, type Node, nodeAt, parseJsonc, type Record_ } from './jsonc.ts';

interface Cut {
  start: number;
  end: number;
  text: string;
}

const replaced = (text: string, cuts: readonly Cut[]): string =>
  [...cuts]
    .toSorted((a, b) => b.start - a.start)
    .reduce(
      (rest, { start, end, text: put }) => rest.slice(0, start) + put + rest.slice(end),
      text,
    );

/** One step of its indentation, and how its lines end. */
function styleOf(text: string): { step: string; newline: string } {
  const step = /\n([ \t]+)\S/.exec(text)?.[1] ?? '  ';
  return {
    step: step.startsWith('\t') ? '\t' : step,
    newline: text.includes('\r\n') ? '\r\n' : '\n',
  };
}

/** The blanks that the line at `at` begins with. */
const indentAt = (text: string, at: number): string =>
  /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', at - 1) + 1))?.[0] ?? '';

const rendered = (text: string, value: unknown, indent: string): string => {
  const { step, newline } = styleOf(text);
  return JSON.stringify(value, null, step).replaceAll('\n', `${newline}${indent}`);
};

/** The text with an item (`name` = of a record) behind the last one of the container at `path`. */
export function appended(
  text: string,
  path: readonly string[],
  value: unknown,
  name?: string,
): string {
  const node = containerAt(text, path);
  const { step, newline } = styleOf(text);
  const inner = indentAt(text, node.start) + step;
  const item = `${name === undefined ? '' : `${JSON.stringify(name)}: `}${rendered(text, value, inner)}`;
  const last = node.items.at(-1);
  if (last === undefined) {
    const inside = text.slice(node.start + 1, node.end - 1);
    // Comments in it stay before what is new.
    const kept = inside.trim() === '' ? '' : inside.trimEnd();
    const put = `${kept}${newline}${inner}${item}${newline}${indentAt(text, node.start)}`;
    return replaced(text, [{ start: node.start + 1, end: node.end - 1, text: put }]);
  }
  const isInline = !text.slice(node.start, node.end).includes('\n');
  const gap = isInline ? ' ' : `${newline}${indentAt(text, last.start)}`;
  const comma = node.commas.at(-1) ?? null;
  return comma === null
    ? replaced(text, [{ start: last.end, end: last.end, text: `,${gap}${item}` }])
    : replaced(text, [{ start: comma + 1, end: comma + 1, text: `${gap}${item},` }]);
}

/** The text with the value at `path` replaced. */
export function changed(text: string, path: readonly string[], value: unknown): string {
  const node = nodeAt(parseJsonc(text), path);
  if (node === undefined) throw new RangeError(`nothing is at ${path.join('.')}`);
  const put = rendered(text, value, indentAt(text, node.start));
  return replaced(text, [{ start: node.start, end: node.end, text: put }]);
}

/** The text without the nth item of the container at `path`; comments around it stay. */
export function without(text: string, path: readonly string[], nth: number): string {
  const node = containerAt(text, path);
  const item = node.items[nth];
  if (item === undefined) throw new RangeError(`no item ${nth} is at ${path.join('.')}`);
  const comma = node.commas[nth] ?? null;
  const before = nth === 0 ? null : (node.commas[nth - 1] ?? null);
  const after = comma === null ? item.end : comma + 1;
  const start = blanksBefore(text, item.start, node.start + 1, after);
  const cuts: Cut[] =
    comma !== null
      ? [
          { start, end: item.end, text: '' },
          { start: comma, end: comma + 1, text: '' },
        ]
      : [
          { start, end: item.end, text: '' },
          ...(before === null ? [] : [{ start: before, end: before + 1, text: '' }]),
        ];
  return emptied(replaced(text, cuts), path);
}

/** A container in which nothing is left but blanks is written short. */
function emptied(text: string, path: readonly string[]): string {
  const node = containerAt(text, path);
  const isBlank = text.slice(node.start + 1, node.end - 1).trim() === '';
  if (node.items.length > 0 || !isBlank) return text;
  return replaced(text, [{ start: node.start + 1, end: node.end - 1, text: '' }]);
}

/** Back over blanks alone: a comment belongs to whoever wrote it. `after` = where the text goes on. */
function blanksBefore(text: string, at: number, from: number, after: number): number {
  let start = at;
  while (start > from && /\s/.test(text.charAt(start - 1))) start--;
  const line = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  const isComment = start < at && line.replaceAll(/"(?:[^"\\]|\\.)*"/g, '').includes('//');
  // Its line must still end before anything that counts.
  const endsSoon = /^[ \t\r]*(\n|\/\/)/.test(text.slice(after));
  return isComment && !endsSoon ? text.indexOf('\n', start) + 1 : start;
}

function containerAt(text: string, path: readonly string[]): List | Record_ {
  const node: Node | undefined = nodeAt(parseJsonc(text), path);
  if (node === undefined || node.kind === 'leaf')
    throw new RangeError(`no list or object is at ${path.join('.')}`);
  return node;
}
