import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { gitFoldersAround } from './git-folders.ts';
import type { Agent, AgentOverride, Agents, Detection, Trace } from '../../ports/agent.ts';

type Environment = Readonly<Record<string, string>>;

/** A program that does not answer in this time (ms) has no version, and no models. */
const PATIENCE = 10_000;
/** Models are asked for again after this long (ms). */
const A_DAY = 86_400_000;
/** Longest answer that is read, bytes. */
const LONGEST_ANSWER = 4 * 1024 * 1024;
/** How deep below its path a trace is looked for: years, months, days. */
const DEPTH = 4;
const VERSION = /\d+\.\d+(?:\.\d+)*(?:[-+][\w.]*\w)?/;
const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/** Which agents there are now, and what the person set for them; read anew at each use. */
export interface AgentSettings {
  overrides: Readonly<Record<string, AgentOverride>>;
  custom: readonly Agent[];
}

/** The agents of this machine. */
export class AgentCatalog implements Agents {
  readonly environment = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
  readonly root = process.getuid?.() === 0;
  readonly timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  readonly #builtIn: readonly Agent[];
  readonly #settings: () => AgentSettings;
  readonly #versions = new Map<string, Promise<string | null>>();
  readonly #models = new Map<string, { at: number; asked: Promise<readonly string[] | null> }>();

  constructor(builtIn: readonly Agent[], settings: () => AgentSettings) {
    this.#builtIn = builtIn;
    this.#settings = settings;
  }

  get(name: string): Agent | null {
    return this.list().find((agent) => agent.name === name) ?? null;
  }

  list(): readonly Agent[] {
    return [...this.#builtIn, ...this.#settings().custom];
  }

  override(name: string): AgentOverride {
    return this.#settings().overrides[name] ?? {};
  }

  async detect(agent: Agent, environment: Environment): Promise<Detection> {
    const program = this.program(agent, environment);
    if (program === null) return { program, version: null, loggedIn: null };
    const home = environment['HOME'] ?? '';
    const has = (path: string): boolean => home !== '' && fs.existsSync(join(home, path));
    return {
      program,
      version: await this.#version(agent, program, environment),
      loggedIn: agent.loggedIn(environment, has),
    };
  }

  models(agent: Agent, environment: Environment, cwd: string): Promise<readonly string[] | null> {
    const program = this.program(agent, environment);
    if (program === null || agent.modelArguments === null) return Promise.resolve(null);
    // Which models there are depends on whose account is used.
    const account = agent.accountVariables.map((name) => environment[name] ?? '');
    const key = JSON.stringify([stampOf(program), ...account]);
    const known = this.#models.get(key);
    const now = Date.now();
    if (known !== undefined && now - known.at < A_DAY) return known.asked;
    const asked = answerOf(program, agent.modelArguments, environment, cwd).then((text) => {
      const lines = text?.split('\n').map((line) => line.trim()) ?? [];
      const names = lines.filter((line) => /^[\w./:@-]+$/.test(line));
      if (names.length > 0) return names;
      this.#models.delete(key);
      return null;
    });
    this.#models.set(key, { at: now, asked });
    return asked;
  }

  gitFolders(cwd: string): readonly string[] {
    return gitFoldersAround(cwd);
  }

  async locate({ path, find }: Trace): Promise<string | null> {
    if (find === null) return fs.existsSync(path) ? path : null;
    return newestBelow(path, find, DEPTH);
  }

  async read(path: string, offset: number, limit: number): Promise<Uint8Array> {
    const file = await fs.promises
      .open(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK)
      .catch(() => null);
    if (file === null) return new Uint8Array();
    try {
      const found = await file.stat();
      const length = Math.min(limit, found.size - offset);
      if (!found.isFile() || length <= 0) return new Uint8Array();
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }

  program(agent: Agent, environment: Environment): string | null {
    const { program } = this.override(agent.name);
    if (program !== undefined) return isProgram(program) ? program : null;
    for (const name of agent.programs) {
      const found = isAbsolute(name)
        ? [name].find(isProgram)
        : (environment['PATH'] ?? DEFAULT_PATH)
            .split(':')
            .filter(isAbsolute)
            .map((folder) => join(folder, name))
            .find(isProgram);
      if (found !== undefined) return found;
    }
    return null;
  }

  #version(agent: Agent, program: string, environment: Environment): Promise<string | null> {
    const key = stampOf(program);
    const known = this.#versions.get(key);
    if (known !== undefined) return known;
    const asked = answerOf(program, agent.versionArguments, environment, '/').then((text) => {
      if (text !== null) return VERSION.exec(text)?.[0] ?? null;
      // It was busy, or is broken: asked again the next time.
      this.#versions.delete(key);
      return null;
    });
    this.#versions.set(key, asked);
    return asked;
  }
}

function isProgram(path: string): boolean {
  try {
    fs.accessSync(path, fs.constants.X_OK);
    return fs.statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Another program under the same path has another stamp. */
function stampOf(path: string): string {
  const { mtimeMs, size, ino } = fs.statSync(path);
  return `${path} ${ino} ${size} ${mtimeMs}`;
}

/** What the program prints on stdout; null = it failed, or did not answer in time. */
function answerOf(
  program: string,
  args: readonly string[],
  environment: Environment,
  cwd: string,
): Promise<string | null> {
  return new Promise((resolve) => {
    const env = {
      ...environment,
      PATH: `${environment['PATH'] ?? DEFAULT_PATH}:${dirname(program)}`,
    };
    const options = {
      env,
      cwd,
      timeout: PATIENCE,
      killSignal: 'SIGKILL',
      maxBuffer: LONGEST_ANSWER,
    } as const;
    const child = execFile(program, args, options, (error, stdout) =>
      resolve(error === null ? stdout : null),
    );
    // An open stdin keeps some of them waiting for ever.
    child.stdin?.end();
  });
}

/** The file with `find` in its name that changed last; links are not followed. */
async function newestBelow(folder: string, find: string, depth: number): Promise<string | null> {
  const entries = await fs.promises.readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((one) => one.isFile() && one.name.includes(find));
  const [newest] = names.map(({ name }) => join(folder, name)).toSorted(newestFirst);
  if (newest !== undefined || depth === 0) return newest ?? null;
  const folders = entries.filter((one) => one.isDirectory()).map(({ name }) => name);
  for (const name of folders.toSorted().toReversed()) {
    const found = await newestBelow(join(folder, name), find, depth - 1);
    if (found !== null) return found;
  }
  return null;
}

const changedAt = (path: string): number =>
  fs.statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const newestFirst = (a: string, b: string): number => changedAt(b) - changedAt(a);
