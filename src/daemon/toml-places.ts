import { parse } from 'smol-toml';

/** Where one `key = value` stands; offsets into the text. */
export interface Entry {
  /** From the root, the table's path included. */
  path: readonly string[];
  /** The key as it is written, relative to its table. */
  key: readonly string[];
  start: number;
  valueStart: number;
  valueEnd: number;
}

/** Where one `[table]` stands. */
interface Header {
  path: readonly string[];
  start: number;
  end: number;
}

export interface Places {
  entries: Entry[];
  headers: Header[];
}

/** The words of a dotted key, quotes taken off; null when it is no key. */
export function keyPath(key: string): string[] | null {
  if (/[\n=#]/.test(key.replace(/"[^"\n]*"|'[^'\n]*'/g, ''))) return null;
  try {
    const path: string[] = [];
    let level: unknown = parse(`${key} = 0`);
    while (typeof level === 'object' && level !== null) {
      const [entry] = Object.entries(level);
      if (entry === undefined) return null;
      path.push(entry[0]);
      level = entry[1];
    }
    return path;
  } catch {
    return null;
  }
}

/** Finds the keys and tables of a text that is known to be valid TOML; values are not looked into. */
export function places(text: string): Places {
  const found: Places = { entries: [], headers: [] };
  let table: readonly string[] = [];
  for (let at = nextStatement(text, 0); at < text.length;) {
    if (text[at] === '[') {
      const end = lineEnd(text, at);
      const name = text.slice(at, seek(text, at, ']')).replace(/^\[+/, '');
      table = keyPath(name) ?? [];
      found.headers.push({ path: table, start: at, end });
      at = nextStatement(text, end);
    } else {
      const equals = seek(text, at, '=');
      const key = keyPath(text.slice(at, equals).trim()) ?? [];
      const valueStart = equals + 1 + (/^[ \t]*/.exec(text.slice(equals + 1))?.[0].length ?? 0);
      const valueEnd = endOfValue(text, valueStart);
      found.entries.push({ path: [...table, ...key], key, start: at, valueStart, valueEnd });
      at = nextStatement(text, lineEnd(text, valueEnd));
    }
  }
  return found;
}

/** The offset of the line break that ends this line, or the end of the text. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}

export const lineOf = (text: string, at: number): number => text.slice(0, at).split('\n').length;

function nextStatement(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    if (text[at] === '#') at = lineEnd(text, at);
    else if (/\s|\uFEFF/.test(text[at] ?? '')) at++;
    else break;
  }
  return at;
}

/** The next `wanted` character outside quotes. */
function seek(text: string, from: number, wanted: string): number {
  let at = from;
  while (at < text.length && text[at] !== wanted) at = afterString(text, at) ?? at + 1;
  return at;
}

function endOfValue(text: string, from: number): number {
  let at = from;
  let depth = 0;
  while (at < text.length) {
    const character = text[at] ?? '';
    if (depth === 0 && /[#\n]/.test(character)) break;
    if (character === '#') {
      at = lineEnd(text, at);
      continue;
    }
    if ('[{'.includes(character)) depth++;
    if (']}'.includes(character)) depth--;
    at = afterString(text, at) ?? at + 1;
  }
  return from + text.slice(from, at).trimEnd().length;
}

/** The offset behind the string that begins here; null when none does. */
function afterString(text: string, at: number): number | null {
  const quote = text[at];
  if (quote !== '"' && quote !== "'") return null;
  const long = quote.repeat(3);
  const mark = text.startsWith(long, at) ? long : quote;
  let end = at + mark.length;
  while (end < text.length && !text.startsWith(mark, end))
    end += quote === '"' && text[end] === '\\' ? 2 : 1;
  end += mark.length;
  // a long string may end in up to five quotes, the first two of which belong to it
  if (mark === long) for (let more = 0; more < 2 && text[end] === quote; more++) end++;
  return end;
}
