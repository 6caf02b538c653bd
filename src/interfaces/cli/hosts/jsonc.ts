/** JSON with comments and trailing commas as a tree that knows where everything stands, so that it can be edited in place. */

export type Node = Leaf | List | Record_;

interface Span {
  start: number;
  /** After its last character. */
  end: number;
}

interface Leaf extends Span {
  kind: 'leaf';
  value: unknown;
}

/** Something between two brackets. */
interface Container<I extends Span> extends Span {
  items: I[];
  /** Of the comma behind each item; null = it has none. */
  commas: (number | null)[];
}

export interface List extends Container<Node> {
  kind: 'list';
}

export interface Member extends Span {
  key: string;
  value: Node;
}

export interface Record_ extends Container<Member> {
  kind: 'record';
}

/** What is wrong, and in which line. */
export class Malformed extends Error {
  readonly line: number;
  constructor(text: string, at: number, what: string) {
    super(what);
    this.line = text.slice(0, at).split('\n').length;
  }
}

const BLANK = /(?:[ \t\r\n\ufeff]|\/\/[^\n]*|\/\*[^]*?\*\/)*/y;
const WORD = /"[^"\\\n\r]*(?:\\.[^"\\\n\r]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
/** Deeper ones are no configuration. */
const DEEPEST = 200;

/** Throws Malformed. */
export function parseJsonc(text: string): Node {
  const reader = { text, at: 0 };
  const node = value(reader, 0);
  blank(reader);
  if (reader.at < text.length) throw new Malformed(text, reader.at, 'something follows its end');
  return node;
}

interface Reader {
  text: string;
  at: number;
}

function blank(reader: Reader): void {
  BLANK.lastIndex = reader.at;
  reader.at += BLANK.exec(reader.text)?.[0].length ?? 0;
}

const peek = (reader: Reader): string => {
  blank(reader);
  return reader.text.charAt(reader.at);
};

function value(reader: Reader, depth: number): Node {
  const next = peek(reader);
  if (depth > DEEPEST) throw new Malformed(reader.text, reader.at, 'it is nested too deeply');
  if (next === '[') {
    const list = container(reader, ']', () => value(reader, depth + 1));
    return { kind: 'list', ...list };
  }
  if (next !== '{') return leaf(reader);
  const record = container(reader, '}', () => member(reader, depth));
  const keys = record.items.map(({ key }) => key);
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined)
    throw new Malformed(reader.text, record.start, `it has ${JSON.stringify(twice)} twice`);
  return { kind: 'record', ...record };
}

function container<I extends Span>(reader: Reader, close: string, item: () => I): Container<I> {
  const start = reader.at++;
  const items: I[] = [];
  const commas: (number | null)[] = [];
  while (peek(reader) !== close) {
    if (items.length > 0 && commas.at(-1) === null)
      throw new Malformed(reader.text, reader.at, `a comma or ${close} is missing`);
    items.push(item());
    const hasComma = peek(reader) === ',';
    commas.push(hasComma ? reader.at++ : null);
  }
  reader.at++;
  return { items, commas, start, end: reader.at };
}

function member(reader: Reader, depth: number): Member {
  const start = reader.at;
  const key = leaf(reader);
  if (typeof key.value !== 'string') throw new Malformed(reader.text, start, 'a name is missing');
  if (peek(reader) !== ':') throw new Malformed(reader.text, reader.at, 'a colon is missing');
  reader.at++;
  const node = value(reader, depth + 1);
  return { key: key.value, value: node, start, end: node.end };
}

function leaf(reader: Reader): Leaf {
  const start = reader.at;
  WORD.lastIndex = start;
  const word = WORD.exec(reader.text)?.[0];
  if (word === undefined) throw new Malformed(reader.text, start, 'a value is missing');
  reader.at += word.length;
  try {
    return { kind: 'leaf', value: JSON.parse(word) as unknown, start, end: reader.at };
  } catch {
    throw new Malformed(reader.text, start, 'a value is malformed');
  }
}

/** What the tree says. */
export function valueOf(node: Node): unknown {
  switch (node.kind) {
    case 'leaf':
      return node.value;
    case 'list':
      return node.items.map(valueOf);
    case 'record':
      return Object.fromEntries(node.items.map((item) => [item.key, valueOf(item.value)]));
  }
}

/** The member of a record; undefined = it has none, or is no record. */
const memberOf = (node: Node | undefined, key: string): Member | undefined =>
  node?.kind === 'record' ? node.items.find((item) => item.key === key) : undefined;

/** The node at a path of names. */
export const nodeAt = (root: Node, path: readonly string[]): Node | undefined =>
  path.reduce<Node | undefined>((node, key) => memberOf(node, key)?.value, root);
