/** What a worker wants to do, as rules and people see it. */
import { partsOf } from './command-words.ts';
import type { Act } from './question.ts';

/** Longest subject that is ruled on, in characters. */
export const LONGEST_SUBJECT = 10_000;

/** What the subject of an act is. */
type Kind = 'command' | 'path' | 'address' | 'words';

/** Tools whose subject is one of their arguments; of all others it is all of them. */
const KNOWN = new Map<string, readonly [kind: Kind, argument: string]>(
  Object.entries({
    Bash: ['command', 'command'],
    PowerShell: ['command', 'command'],
    Read: ['path', 'file_path'],
    Edit: ['path', 'file_path'],
    MultiEdit: ['path', 'file_path'],
    Write: ['path', 'file_path'],
    NotebookEdit: ['path', 'notebook_path'],
    WebFetch: ['address', 'url'],
    WebSearch: ['words', 'query'],
    // As ACP calls them.
    execute: ['command', 'command'],
    read: ['path', 'path'],
    edit: ['path', 'path'],
    delete: ['path', 'path'],
    move: ['path', 'path'],
    fetch: ['address', 'url'],
  } as const),
);

/** A command that is not kept in the sandbox is another tool: no rule for the shell means it. */
const UNCONFINED = ' (outside of the sandbox)';

/** What a tool does with its arguments, given as JSON; a path below `cwd` is told as it is from there. */
export function actOf(tool: string, input: string, cwd: string): Act {
  const given = argumentsIn(input);
  if (given === null) return { tool, subject: input };
  const [kind, argument] = KNOWN.get(tool) ?? [null, ''];
  const value = given[argument];
  if (kind === null || typeof value !== 'string')
    return { tool, subject: Object.keys(given).length === 0 ? '' : canonical(given) };
  if (kind === 'path') return { tool, subject: pathFrom(cwd, value) };
  const isFree = kind === 'command' && given['dangerouslyDisableSandbox'] === true;
  return { tool: isFree ? tool + UNCONFINED : tool, subject: value };
}

/** The same of an act whose subject is known. */
export const actOn = (tool: string, subject: string, cwd: string): Act => ({
  tool,
  subject: kindOf({ tool }) === 'path' ? pathFrom(cwd, subject) : subject,
});

/** Null = they are no JSON object. */
function argumentsIn(input: string): Readonly<Record<string, unknown>> | null {
  try {
    const given: unknown = JSON.parse(input);
    return typeof given === 'object' && given !== null ? { ...given } : null;
  } catch {
    return null;
  }
}

/** The same for the same arguments, in whatever order they were given. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );

/** The path without detours: as it is below `cwd`, else from the root. */
function pathFrom(cwd: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  const whole = `/${parts.join('/')}`;
  const folder = cwd.endsWith('/') ? cwd : `${cwd}/`;
  return whole.startsWith(folder) ? whole.slice(folder.length) : whole;
}

const kindOf = ({ tool }: Pick<Act, 'tool'>): Kind | null =>
  KNOWN.get(tool.replace(UNCONFINED, ''))?.[0] ?? null;

/** What is ruled on: each command of a line for the shell, else the subject. */
export const piecesOf = (act: Act): readonly string[] =>
  kindOf(act) === 'command' ? commandsIn(act.subject) : [act.subject];

/** Where output goes to nothing or to another stream, no file is written. */
const HARMLESS = /(?:\d|&)?>>?\s*\/dev\/null(?=$|[\s;|&)])|\d?>&\d/g;

function commandsIn(line: string): string[] {
  const commands = partsOf(line.replace(HARMLESS, ' '))
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return commands.length === 0 ? [''] : commands;
}

/** Whether a command of a line writes into a file besides what it does. */
export const redirects = (act: Act, piece: string): boolean =>
  kindOf(act) === 'command' && piece.includes('>');

/** What may stand before a command without being one. */
const BEFORE =
  /^(?:(?:\w+=\S*|!|if|then|else|elif|while|until|do|time|command|builtin|exec|nohup|sudo|doas|env)\s+)+/;

/** A command, and the same without what stands before it. */
export function formsOf(act: Act, piece: string): readonly string[] {
  if (kindOf(act) !== 'command') return [piece];
  const bare = piece.replace(BEFORE, '');
  return bare === piece ? [piece] : [piece, bare];
}

/** Whether an act is among those that `granted` stands for, when it was allowed for always. */
export function isLike(act: Act, granted: Act): boolean {
  if (act.tool !== granted.tool) return false;
  if (isSame(act, granted)) return true;
  const kind = kindOf(act);
  if (kind !== 'command') return scopeOf(act, kind) === scopeOf(granted, kind);
  const known = new Set(piecesOf(granted).map(firstWords));
  const written = new Set(piecesOf(granted));
  return piecesOf(act).every((piece) =>
    piece.includes('>') ? written.has(piece) : known.has(firstWords(piece)),
  );
}

export const isSame = (a: Act, b: Act): boolean => a.tool === b.tool && a.subject === b.subject;

/** Program and subcommand, or file; an option may mean anything, and so the whole command counts. */
function firstWords(command: string): string {
  const [program = '', second = ''] = command.split(/\s+/);
  return second.startsWith('-') ? command : `${program} ${second}`.trim();
}

/** The folder, the origin; of what is known by its words, those; of other tools nothing: the tool counts. */
function scopeOf({ subject }: Act, kind: Kind | null): string {
  switch (kind) {
    case 'path':
      return subject.slice(0, subject.lastIndexOf('/') + 1);
    case 'address':
      return /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(subject)?.[0] ?? subject;
    default:
      return '';
  }
}

/** What "always" would allow, for the person who is asked. */
export function alwaysInWords(act: Act): string {
  const kind = kindOf(act);
  if (kind === 'command') {
    const words = [...new Set(piecesOf(act).map(firstWords))];
    return `commands that begin with ${words.map((one) => `\`${one}\``).join(', ')}`;
  }
  const scope = scopeOf(act, kind);
  if (kind === 'path') return `${act.tool} in the folder ${scope === '' ? 'it works in' : scope}`;
  return kind === 'address' ? `${act.tool} at ${scope}` : act.tool;
}
