/** What of a repository a command names, as far as its words tell. */
import type { Contents } from './suspects.ts';

/** A word that may be a path, and the folder in which it is meant. */
interface Named {
  path: string;
  /** It may be named without its extension. */
  isModule: boolean;
}

const INTERPRETERS =
  /^(?:node|nodejs|deno|bun|tsx|ts-node|python[\d.]*|py|pypy[\d.]*|ruby|perl|php|lua|sh|bash|zsh|dash|ksh|fish|source|\.|exec|run)$/;
/** Programs that run what a manifest says. */
const MANIFESTS_OF: readonly [program: RegExp, ...manifests: string[]][] = [
  [/^(?:npm|npx|pnpm|yarn|bun|run-s|run-p|npm-run-all)$/, 'package.json'],
  [/^g?make$/, 'GNUmakefile', 'makefile', 'Makefile'],
  [/^just$/, 'justfile', 'Justfile', '.justfile'],
  [/^composer$/, 'composer.json'],
  [/^rake$/, 'Rakefile'],
  [/^tox$/, 'tox.ini'],
];
/** What a script names is part of the check when it looks like it; else it is what is checked. */
const IS_CHECK =
  /(?:^|\/)(?:scripts?|ci|\.ci|hack|checks?|verify)\/|(?:^|[^a-z])(?:check|verif|valid|test|lint|assert|expect)[^/]*$/i;
/** A program that looks at files, and runs none of them: what it is given is what is checked. */
const LOOKING =
  /^(?:[\s!({]|(?:if|then|else|elif|while|until|do|time|\w+=\S*)\s)*(?:\[|(?:test|cat|ls|head|tail|wc|stat|file|echo|printf)(?:\s|$)|(?:[ef]?grep|rg|ag)\s(?!.*(?:\s-\w*f\b|\s--file)))/;
const LONGEST = 60_000;
const MOST_FILES = 40;

/** Tells of a path whether the command names it, or what it reads does. */
export function namedIn(
  command: string,
  contents: Contents,
  subfolder: string,
): (path: string) => boolean {
  const named = allNamed(command, contents, subfolder);
  const exact = new Set(named.map(({ path }) => path));
  const modules = new Set(named.flatMap(({ path, isModule }) => (isModule ? [path] : [])));
  return (path) => {
    if (exact.has(path)) return true;
    const bare = path.replace(/\.[^./]*$/, '');
    return modules.has(bare) || modules.has(bare.replace(/\/(?:index|__main__|__init__)$/, ''));
  };
}

/** Paths that the command reads, or may read: those of manifests, and those that it names. */
export function readBy(command: string, contents: Contents, subfolder: string): string[] {
  const named = allNamed(command, contents, subfolder).flatMap(({ path, isModule }) =>
    isModule && !/\.\w+$/.test(path)
      ? [path, ...['.js', '.mjs', '.cjs', '.ts', '.py', '.sh'].map((end) => path + end)]
      : [path],
  );
  const manifests = linesOf(command, contents, subfolder).flatMap(({ text }) =>
    manifestsOf(text).map((name) => below(subfolder, name)),
  );
  return [...new Set([...manifests, ...named])].slice(0, MOST_FILES);
}

interface Line {
  text: string;
  /** In which its words may be meant. */
  folders: readonly string[];
  /** The command itself: all that it names counts. */
  isOwn: boolean;
}

/** The command, and what it comes to: scripts of a manifest, and the text of what it names. */
function linesOf(command: string, contents: Contents, subfolder: string): Line[] {
  const lines: Line[] = [{ text: command, folders: [subfolder], isOwn: true }];
  const seen = new Set<string>();
  const add = (key: string, text: string, ...more: string[]): void => {
    if (seen.has(key) || lines.length >= MOST_FILES) return;
    seen.add(key);
    lines.push({ text: text.slice(0, LONGEST), folders: [subfolder, ...more], isOwn: false });
  };
  for (const line of lines) {
    for (const name of manifestsOf(line.text)) {
      const path = below(subfolder, name);
      const text = contents[path] ?? '';
      if (!name.endsWith('.json')) add(path, text);
      else
        for (const [script, run] of scriptsOf(text, line.text))
          add(`${path} ${script} ${run}`, run);
    }
    for (const { path } of namedBy(line)) {
      const text = contents[path] ?? '';
      // A script may mean what lies beside it.
      if (text !== '' && !path.endsWith('.json'))
        add(path, text, path.slice(0, Math.max(0, path.lastIndexOf('/'))));
    }
  }
  return lines;
}

const below = (folder: string, name: string): string =>
  folder === '' ? name : `${folder}/${name}`;

const allNamed = (command: string, contents: Contents, subfolder: string): Named[] =>
  linesOf(command, contents, subfolder).flatMap(namedBy);

/** Words of a line for a shell; what is a path in quotes is one word as long as it has no space. */
const wordsOf = (text: string): string[] =>
  text.split(/[\s"'`;|&()<>=,{}[\]:$@!]+/).filter(Boolean);

/**
 * The parts of a text that may be commands of their own. Quotes part nothing off: what stands in them is looked at, too, as
 * it may be run.
 */
export const partsOf = (text: string): string[] => text.split(/[;&|(){}`\n]+/);

/** The parts of a text that are commands of their own, without those that only look. */
const commandsIn = (text: string): string[] => partsOf(text).filter((part) => !LOOKING.test(part));

const manifestsOf = (text: string): string[] => {
  const words = new Set(wordsOf(text));
  return MANIFESTS_OF.flatMap(([program, ...names]) =>
    [...words].some((word) => program.test(word)) ? names : [],
  );
};

/** The scripts of a manifest that a line names, with those that run before and after them. */
function scriptsOf(manifest: string, line: string): [name: string, run: string][] {
  const words = new Set(wordsOf(line).map((word) => (word === 't' ? 'test' : word)));
  const all = scriptsIn(manifest);
  // A name may hold a colon, which parts words.
  const isNamed = (name: string): boolean =>
    words.has(name) || (/\W/.test(name) && line.includes(name));
  return all.filter(([name]) => isNamed(name) || isNamed(name.replace(/^(?:pre|post)/, '')));
}

function scriptsIn(manifest: string): [string, string][] {
  try {
    const { scripts } = JSON.parse(manifest) as { scripts?: Record<string, unknown> };
    return Object.entries(scripts ?? {}).flatMap(([name, run]): [string, string][] =>
      [run]
        .flat()
        .flatMap((one): [string, string][] => (typeof one === 'string' ? [[name, one]] : [])),
    );
  } catch {
    return [];
  }
}

/** What stands for a folder that is not known: it is taken for the one in which the line is meant. */
const UNKNOWN = /\$(?:\{\w+\}|\w+|\([^()]*\))["']?\/+/g;

const namedBy = ({ text, folders, isOwn }: Line): Named[] =>
  [...new Set(folders)]
    .flatMap((folder) => namedFrom(folder, text.replace(UNKNOWN, './')))
    .filter(({ path }) => isOwn || IS_CHECK.test(path));

function namedFrom(folder: string, text: string): Named[] {
  const found: Named[] = [];
  let within = folder;
  let before = '';
  let isRun = false;
  for (const word of commandsIn(text).flatMap(wordsOf)) {
    if (before === 'cd' || before === 'pushd') within = joined(within, word) ?? folder;
    const path = joined(within, before === '-m' ? word.replaceAll('.', '/') : word);
    const isModule = before === '-m' || isRun || word.includes('/');
    if (path !== null && path !== '') found.push({ path, isModule });
    // Options may stand between an interpreter and its script.
    if (!word.startsWith('-')) isRun = INTERPRETERS.test(word);
    before = word;
  }
  return found;
}

/** The path of a word that is meant in a folder; null = it leads out of the repository, or is no path. */
function joined(folder: string, word: string): string | null {
  if (/^[-/~]|[*?\\]/.test(word)) return null;
  const parts: string[] = [];
  for (const part of [...folder.split('/'), ...word.split('/')]) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  return parts.join('/');
}
