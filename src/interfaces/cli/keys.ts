/** What a terminal sends, as keys. */

export type KeyName =
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'pageUp'
  | 'pageDown'
  | 'home'
  | 'end'
  | 'enter'
  | 'tab'
  | 'backTab'
  | 'escape'
  | 'backspace'
  | 'delete'
  | 'ctrl-c'
  | 'ctrl-d'
  | 'ctrl-l'
  | 'ctrl-u'
  | 'ctrl-w'
  | 'ctrl-z';

export type Key =
  | { readonly is: 'key'; readonly name: KeyName }
  /** One printable character. */
  | { readonly is: 'text'; readonly text: string }
  /** Pasted in one piece: never commands. */
  | { readonly is: 'paste'; readonly text: string }
  | { readonly is: 'click'; readonly row: number; readonly column: number }
  | { readonly is: 'wheel'; readonly by: -1 | 1; readonly row: number };

const ESCAPE = '\u001b';
const PASTE = `${ESCAPE}[200~`;
const PASTED = `${ESCAPE}[201~`;
/** The longest paste that is kept, in characters. */
const LONGEST_PASTE = 100_000;

const SEQUENCES: Readonly<Record<string, KeyName>> = {
  '[A': 'up',
  '[B': 'down',
  '[C': 'right',
  '[D': 'left',
  OA: 'up',
  OB: 'down',
  OC: 'right',
  OD: 'left',
  '[H': 'home',
  '[F': 'end',
  OH: 'home',
  OF: 'end',
  '[1~': 'home',
  '[4~': 'end',
  '[7~': 'home',
  '[8~': 'end',
  '[3~': 'delete',
  '[5~': 'pageUp',
  '[6~': 'pageDown',
  '[Z': 'backTab',
};

const CONTROLS: Readonly<Record<string, KeyName>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\u007f': 'backspace',
  '\u0008': 'backspace',
  '\u0003': 'ctrl-c',
  '\u0004': 'ctrl-d',
  '\u000c': 'ctrl-l',
  '\u0015': 'ctrl-u',
  '\u0017': 'ctrl-w',
  '\u001a': 'ctrl-z',
};

const MOUSE = new RegExp(`^${ESCAPE}\\[<(\\d+);(\\d+);(\\d+)([Mm])`);
const SEQUENCE = new RegExp(`^${ESCAPE}(?:\\[[0-9;?<]*[@-~]|O[@-~])`);
/** The beginning of a sequence whose rest may still arrive. */
const UNFINISHED = new RegExp(`^${ESCAPE}(?:\\[[0-9;?<]{0,32}|O)?$`);

export interface Parsed {
  keys: Key[];
  /** The beginning of something; given again with what arrives next. */
  rest: string;
}

/** The keys in `text`; with `final`, a lone escape is the key and nothing is kept. */
export function parseKeys(text: string, final = false): Parsed {
  const keys: Key[] = [];
  for (let rest = text; rest !== '';) {
    if (rest.startsWith(PASTE)) {
      const end = rest.indexOf(PASTED);
      if (end === -1 && !final) return { keys, rest: rest.slice(0, LONGEST_PASTE) };
      keys.push({ is: 'paste', text: rest.slice(PASTE.length, end === -1 ? undefined : end) });
      rest = end === -1 ? '' : rest.slice(end + PASTED.length);
      continue;
    }
    if (!final && UNFINISHED.test(rest)) return { keys, rest };
    const [length, key] = first(rest);
    if (key !== null) keys.push(key);
    rest = rest.slice(length);
  }
  return { keys, rest: '' };
}

/** How long the first key is, and what it is; null = it means nothing here. */
function first(text: string): [number, Key | null] {
  const mouse = MOUSE.exec(text);
  if (mouse !== null) return [mouse[0].length, mouseKey(mouse)];
  const sequence = SEQUENCE.exec(text)?.[0];
  if (sequence !== undefined) {
    const name = SEQUENCES[sequence.slice(1)];
    return [sequence.length, name === undefined ? null : { is: 'key', name }];
  }
  const character = String.fromCodePoint(text.codePointAt(0) ?? 0);
  if (character === ESCAPE) return [1, { is: 'key', name: 'escape' }];
  const control = CONTROLS[character];
  if (control !== undefined) return [1, { is: 'key', name: control }];
  if (/\p{Cc}/u.test(character)) return [1, null];
  return [character.length, { is: 'text', text: character }];
}

const WHEEL = 64;

function mouseKey([, code, column, row, kind]: RegExpExecArray): Key | null {
  const button = Number(code);
  const at = { row: Number(row) - 1, column: Number(column) - 1 };
  if (kind !== 'M') return null;
  if (button === WHEEL || button === WHEEL + 1)
    return { is: 'wheel', by: button === WHEEL ? -1 : 1, row: at.row };
  return button === 0 ? { is: 'click', ...at } : null;
}
