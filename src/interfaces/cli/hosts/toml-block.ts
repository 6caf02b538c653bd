/** A marked block of our own in a TOML file; every other line stays as it is. */
import { parse } from 'smol-toml';
import { Refused } from './refused.ts';

export interface Block {
  /** `[mcp_servers.tend]`. */
  table: readonly [string, string];
  lines: readonly string[];
}

const BEGIN = '# >>> tend';
const END = '# <<< tend';

const header = ({ table }: Block): string => `[${table.join('.')}]`;

const blockOf = (block: Block): string[] => [
  `${BEGIN}: written by tend integrate, taken away by tend integrate --undo`,
  header(block),
  ...block.lines,
  END,
];

/** Tables and lists of tables begin with such a line; so does a table below ours. */
const isHeader = (line: string): boolean => /^\s*\[/.test(line);

/** The text with the block as it shall be; null = there is no file. Throws Refused. */
export function withBlock(given: string | null, block: Block): string {
  const text = given ?? '';
  valuesIn(text);
  const rest = withoutBlock(text, block);
  if (isThere(valuesIn(rest), block))
    throw new Refused(`it has a table ${header(block)} already, which is not from tend integrate`);
  if (standing(text, block)) return text;
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const gap = rest === '' || rest.endsWith('\n') ? '' : newline;
  const blank = rest === '' ? '' : newline;
  const next = `${rest}${gap}${blank}${blockOf(block).join(newline)}${newline}`;
  if (!isThere(valuesIn(next), block)) throw new Refused(`a table cannot be added to it`);
  return next;
}

/** The block is in the text, as it shall be. */
const standing = (text: string, block: Block): boolean =>
  text.replaceAll('\r\n', '\n').includes(`${blockOf(block).join('\n')}\n`);

/** Throws Refused where the text is no TOML. */
function valuesIn(text: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new Refused(`it is no valid TOML: ${first}`);
  }
}

function isThere(values: Record<string, unknown>, { table: [outer, inner] }: Block): boolean {
  const parent = values[outer];
  return typeof parent === 'object' && parent !== null && Object.hasOwn(parent, inner);
}

/**
 * The text without our block, and without its marks; what the person wrote between them below another header stays.
 * Without marks nothing is ours.
 */
export function withoutBlock(text: string, block: Block): string {
  const lines = text.split('\n');
  const begin = lines.findIndex((line) => line.startsWith(BEGIN));
  if (begin === -1) return text;
  const from = lines.slice(begin).findIndex((line) => line.trim() === END);
  const end = from === -1 ? endOfTable(lines, begin, block) : begin + from;
  const kept = theirs(lines.slice(begin + 1, end), block);
  // The line that parted it from what stood before is ours, too.
  const before = lines.slice(0, begin);
  if (kept.length === 0 && before.length > 0 && before.at(-1)?.trim() === '') before.pop();
  return [...before, ...kept, ...lines.slice(from === -1 ? end : end + 1)].join('\n');
}

/** Where the table ends whose end mark is gone. */
function endOfTable(lines: readonly string[], begin: number, block: Block): number {
  const own = lines.findIndex((line, at) => at > begin && line.trim() === header(block));
  const next = lines.findIndex((line, at) => at > Math.max(own, begin) && isHeader(line));
  return next === -1 ? lines.length : next;
}

/** Of the lines between the marks those below another header than ours. */
function theirs(lines: readonly string[], block: Block): string[] {
  const prefix = `[${block.table.join('.')}.`;
  const at = lines.findIndex(
    (line) => isHeader(line) && line.trim() !== header(block) && !line.trim().startsWith(prefix),
  );
  return at === -1 ? [] : lines.slice(at);
}
