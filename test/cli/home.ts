/** A state folder of its own for the real binary, and an end that leaves no process and no file. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

const ROOT = join(import.meta.dirname, '../..');
const BIN = join(ROOT, 'bin/tend.cjs');
/** Compiled code is kept over the tests, or each home would compile everything anew. */
const COMPILED = join(ROOT, 'node_modules/.cache/tend-test');

export interface Result {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  env?: Readonly<Record<string, string | undefined>>;
  cwd?: string;
}

/** A `tend` that still runs. */
export interface Running {
  child: ChildProcess & { stdout: Readable; stderr: Readable };
  /** What it has said so far. */
  said: { stdout: string; stderr: string };
  /** Resolves with its end. */
  result: Promise<Result>;
}

/** Resolves once `look` answers something; fails after `cap` ms, naming `what`. */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  cap = 15_000,
): Promise<NonNullable<T>> {
  for (const end = Date.now() + cap; ; await delay(15)) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`not within ${cap} ms: ${what}`);
  }
}

export class Home {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), 'tc-')));
  readonly work = join(this.path, 'work');
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly #running = new Set<ChildProcess>();

  constructor(extra: Readonly<Record<string, string | undefined>> = {}) {
    mkdirSync(this.work);
    this.env = {
      PATH: process.env['PATH'],
      HOME: this.path,
      LANG: 'C.UTF-8',
      SHELL: '/bin/sh',
      TEND_HOME: join(this.path, 's'),
      NODE_COMPILE_CACHE: COMPILED,
      ...extra,
    };
  }

  /** Starts `tend` and does not wait for it. */
  start(args: readonly string[], { env = {}, cwd = this.work }: RunOptions = {}): Running {
    return this.launch(process.execPath, [BIN, ...args], { env, cwd });
  }

  /** Starts `tend` with a terminal of 80 columns for all three streams; stderr arrives in stdout. */
  startOnTerminal(args: readonly string[], options: RunOptions = {}): Running {
    const line = [process.execPath, BIN, ...args].map(quoted).join(' ');
    const script = ['-qec', `stty cols 80 rows 24 -onlcr; exec ${line}`, '/dev/null'];
    const env = { TERM: 'xterm-256color', SHELL: '/bin/sh', ...options.env };
    return this.launch('script', script, { ...options, env });
  }

  launch(program: string, args: readonly string[], options: RunOptions = {}): Running {
    const child = spawn(program, args, {
      cwd: options.cwd ?? this.work,
      env: { ...this.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#running.add(child);
    const said = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (data: string) => (said.stdout += data));
    child.stderr.setEncoding('utf8').on('data', (data: string) => (said.stderr += data));
    const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    const result = ended.then(([code, signal]) => {
      this.#running.delete(child);
      return { code, signal, ...said };
    });
    return { child, said, result };
  }

  /** Runs `tend` to its end, with nothing on stdin and no terminal. */
  async tend(args: readonly string[], options: RunOptions = {}): Promise<Result> {
    const { child, result } = this.start(args, options);
    child.stdin?.end();
    return result;
  }

  /** The standard output of a `tend` that must succeed. */
  async out(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.tend(args);
    if (code !== 0) throw new Error(`tend ${args.join(' ')} ended with ${code}: ${stderr}`);
    return stdout;
  }

  /** Starts a task and answers its id. */
  async run(...args: string[]): Promise<string> {
    return (await this.out('run', '-q', ...args)).trim();
  }

  /** The one JSON value that `tend … --json` prints. */
  async json<T>(...args: string[]): Promise<T> {
    const dashes = args.indexOf('--');
    const at = dashes === -1 ? args.length : dashes;
    return JSON.parse(await this.out(...args.toSpliced(at, 0, '--json'))) as T;
  }

  /** Ends every task and the daemon, checks that no process is left, and removes the folder. */
  async close(): Promise<void> {
    for (const child of this.#running) child.kill('SIGKILL');
    if (!existsSync(join(this.path, 's'))) return rmSync(this.path, { recursive: true });
    await this.tend(['daemon', 'start', '-q']);
    const open = 'waiting,queued,claimed,running,stopping,finishing';
    const ids = (await this.out('ls', '-q', '--all', '--state', open)).split('\n').filter(Boolean);
    if (ids.length > 0) await this.tend(['kill', '--wait', ...ids]);
    await this.tend(['daemon', 'stop']);
    try {
      await until('no process of this home is left', () => this.processes().length === 0);
    } catch (error) {
      for (const { pid } of this.processes()) process.kill(pid, 'SIGKILL');
      throw error;
    } finally {
      rmSync(this.path, { recursive: true, force: true });
    }
  }

  /** Every process whose environment names this home; the test process itself does not. */
  processes(): { pid: number; command: string }[] {
    return pids().flatMap((pid) => {
      const environment = read(`/proc/${pid}/environ`);
      if (!environment.includes(`TEND_HOME=${join(this.path, 's')}\0`)) return [];
      return [{ pid, command: read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ') }];
    });
  }
}

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

const pids = (): number[] =>
  process.platform === 'linux' ? readdirSync('/proc').map(Number).filter(Number.isInteger) : [];

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
