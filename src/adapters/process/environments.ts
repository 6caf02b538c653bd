import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { Environments } from '../../ports/supervisor.ts';
import { explained, Folders, isCode, makePrivate } from './folders.ts';
import { isIdentifier, quote } from './quote.ts';
import { openToRead, writeDurable } from './records.ts';

const fsync = promisify(fs.fsync);
const HEADER = '# ';
const NAME = /^[0-9a-f]{64}$/;

/** Made by every shell for itself, and wrong once the command runs elsewhere. */
const OF_THE_CALLER = new Set(['_', 'PWD', 'OLDPWD']);

/** Names to which some shell gives a meaning or a value of its own: only `env` sets these truly. */
const OF_THE_SHELL = new Set(
  `BASHOPTS BASHPID BASH_ALIASES BASH_ARGC BASH_ARGV BASH_ARGV0 BASH_CMDS BASH_COMMAND BASH_COMPAT
  BASH_LINENO BASH_REMATCH BASH_SOURCE BASH_SUBSHELL BASH_VERSINFO BASH_XTRACEFD COMP_CWORD COMP_KEY
  COMP_LINE COMP_POINT COMP_TYPE COMP_WORDBREAKS COMP_WORDS COPROC DIRSTACK EPOCHREALTIME EPOCHSECONDS
  EUID FUNCNAME FUNCNEST GROUPS HISTCMD IFS LINENO MAPFILE OPTARG OPTERR OPTIND PIPESTATUS
  POSIXLY_CORRECT PPID RANDOM READLINE_LINE REPLY SECONDS SHELLOPTS SRANDOM TMOUT UID`.split(/\s+/),
);

/**
 * The variables as a shell fragment. Those which a shell cannot set are left to `env`, which then stands
 * between the shell and the command. NUL, and `=` in a name, cannot be in any environment and are left out.
 */
export function fragment(variables: Readonly<Record<string, string>>): string {
  const lines: string[] = [];
  const rest: string[] = [];
  for (const [name, value] of Object.entries(variables).toSorted(byName)) {
    if (OF_THE_CALLER.has(name) || /^$|[=\0]/.test(name) || value.includes('\0')) continue;
    if (isIdentifier(name) && !OF_THE_SHELL.has(name)) lines.push(`${name}=${quote(value)}`);
    else rest.push(quote(`${name}=${value}`));
  }
  const exports = lines.map((line) => `export ${line}\n`).join('');
  const { PATH: path } = variables;
  const header = `${HEADER}${JSON.stringify(path ?? null)}\n`;
  const others =
    rest.length === 0 ? '' : `tend_exec() {\nexec /usr/bin/env ${rest.join(' ')} "$@"\n}\n`;
  return header + exports + others;
}

/** One word as `quote` writes it. */
const WORD = String.raw`'((?:[^']|'\\'')*)'`;

/** What `fragment` wrote, as variables again. */
function variablesIn(text: string): Record<string, string> {
  const plain = (word: string): string => word.replaceAll(`'\\''`, "'");
  const found: Record<string, string> = {};
  // One after the other from the header on: a value may hold lines that look like these.
  const line = new RegExp(String.raw`export ([A-Za-z_][A-Za-z0-9_]*)=${WORD}\n`, 'y');
  line.lastIndex = text.indexOf('\n') + 1;
  for (let at = line.exec(text); at !== null; at = line.exec(text)) {
    const [, name = '', word = ''] = at;
    found[name] = plain(word);
  }
  return found;
}

const byName = ([a]: [string, string], [b]: [string, string]): number => (a < b ? -1 : 1);

/** Environments kept by content: the same variables are one file, whoever submits them. */
export class StoredEnvironments implements Environments {
  /** Not yet old enough to be called unused: their task may be on its way into the store. */
  static readonly GRACE = 60_000;

  readonly #folder: string;
  readonly #known = new Map<string, { putAt: number; stored: Promise<void> }>();

  constructor(state: string) {
    this.#folder = new Folders(state).environments;
  }

  async put(variables: Readonly<Record<string, string>>): Promise<string> {
    const text = fragment(variables);
    const name = createHash('sha256').update(text).digest('hex');
    const known = this.#known.get(name) ?? { putAt: 0, stored: this.#write(name, text) };
    this.#known.set(name, known);
    known.putAt = Date.now();
    try {
      await known.stored;
    } catch (error) {
      this.#known.delete(name);
      throw explained(error, this.#folder);
    }
    return name;
  }

  async #write(name: string, text: string): Promise<void> {
    makePrivate(this.#folder);
    const path = `${this.#folder}/${name}`;
    if (fs.lstatSync(path, { throwIfNoEntry: false })?.isFile() === true) {
      const now = new Date();
      fs.utimesSync(path, now, now);
      return;
    }
    await writeDurable(path, text);
    const folder = fs.openSync(this.#folder, fs.constants.O_RDONLY);
    await fsync(folder).finally(() => fs.closeSync(folder));
  }

  async get(name: string): Promise<Readonly<Record<string, string>> | null> {
    const fd = openToRead(new Folders(dirname(this.#folder)).environment(name));
    if (fd === null) return null;
    try {
      return variablesIn(fs.readFileSync(fd, 'utf8'));
    } finally {
      fs.closeSync(fd);
    }
  }

  async keep(used: ReadonlySet<string>): Promise<void> {
    const limit = Date.now() - StoredEnvironments.GRACE;
    for (const name of await this.#names()) {
      if (used.has(name) || (this.#known.get(name)?.putAt ?? 0) > limit) continue;
      const path = `${this.#folder}/${name}`;
      const file = fs.lstatSync(path, { throwIfNoEntry: false });
      if (file?.isFile() !== true || file.mtimeMs > limit) continue;
      this.#known.delete(name);
      fs.unlinkSync(path);
    }
  }

  /** Environments, and drafts that a crash left. */
  async #names(): Promise<string[]> {
    try {
      const names = await fs.promises.readdir(this.#folder);
      return names.filter((name) => NAME.test(name.slice(0, 64)));
    } catch (error) {
      if (isCode(error, 'ENOENT')) return [];
      throw error;
    }
  }
}

/** The PATH of a stored environment, null when it has none; undefined when there is no such file. */
export function pathVariable(file: string): string | null | undefined {
  const fd = openToRead(file);
  if (fd === null) return undefined;
  try {
    const [header = ''] = fs.readFileSync(fd, 'utf8').split('\n', 1);
    return JSON.parse(header.slice(HEADER.length)) as string | null;
  } finally {
    fs.closeSync(fd);
  }
}
