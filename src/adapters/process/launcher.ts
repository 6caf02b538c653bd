import { type ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** Attempts as launchers name them: `<task>/<number>`, relative to the folder of all tasks. */
export type OnHint = (attempt: string) => void;

/** Starts wrappers. What becomes of them stands in the attempt folders. */
export interface Launcher {
  start(attempt: string): void;
  /** It is claimed, void or ended: nothing is to be started again. */
  settled(attempt: string): void;
  close(): void;
}

const HERE = import.meta.dirname;
/** A launcher that ends sooner than this (ms) is not replaced by itself. */
const SHORT_LIFE = 1_000;
const QUIET = { ignore: 'ignore', pipe: 'pipe' } as const;

/** Hints come as lines `claim <attempt>` and `exit <attempt>`. */
function onLines(stream: Readable, onLine: (word: string, attempt: string) => void): void {
  let rest = '';
  stream.setEncoding('latin1');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const space = line.indexOf(' ');
      onLine(line.slice(0, space), line.slice(space + 1));
    }
  });
  stream.on('error', () => undefined);
}

const unrefStream = (stream: unknown): void => {
  if (typeof stream === 'object' && stream !== null && 'unref' in stream)
    (stream as { unref(): void }).unref();
};

/**
 * One long-lived bash in a session of its own, which forks the wrappers: forking this daemon would cost
 * more with every megabyte it holds. When it dies, wrappers live on and the next one is given what no
 * wrapper has claimed yet.
 */
export class BashLauncher implements Launcher {
  readonly #bash: string;
  readonly #tasks: string;
  readonly #onHint: OnHint;
  readonly #unclaimed = new Set<string>();
  /** To be written at the end of this turn. */
  readonly #lines = new Set<string>();
  #child: ChildProcess | null = null;

  constructor(bash: string, tasks: string, onHint: OnHint) {
    this.#bash = bash;
    this.#tasks = tasks;
    this.#onHint = onHint;
  }

  start(attempt: string): void {
    this.#unclaimed.add(attempt);
    this.#send(attempt);
  }

  settled(attempt: string): void {
    this.#unclaimed.delete(attempt);
  }

  /** The pid of the bash that runs now. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  close(): void {
    const child = this.#child;
    this.#child = null;
    this.#unclaimed.clear();
    this.#lines.clear();
    child?.stdin?.end();
    child?.stdout?.destroy();
  }

  #send(attempt: string): void {
    if (this.#lines.size === 0) queueMicrotask(() => this.#flush());
    this.#lines.add(attempt);
  }

  #flush(): void {
    // A new launcher is given all that is unclaimed: the one before may have died over it.
    const attempts = this.#child === null ? this.#unclaimed : this.#lines;
    if (attempts.size > 0) {
      this.#child ??= this.#open();
      this.#child.stdin?.write([...attempts, ''].join('\n'));
    }
    this.#lines.clear();
  }

  #open(): ChildProcess {
    const child = spawn(this.#bash, ['--norc', join(HERE, 'launcher.sh')], {
      cwd: this.#tasks,
      detached: true,
      env: {},
      stdio: [QUIET.pipe, QUIET.pipe, QUIET.ignore],
    });
    const openedAt = performance.now();
    const ended = (): void => {
      if (this.#child !== child) return;
      this.#child = null;
      const lasted = performance.now() - openedAt >= SHORT_LIFE;
      for (const attempt of this.#unclaimed) {
        if (lasted) this.#send(attempt);
        this.#onHint(attempt);
      }
    };
    child.on('error', ended);
    child.on('exit', ended);
    child.stdin.on('error', () => undefined);
    onLines(child.stdout, (word, attempt) => {
      if (word === 'claim') this.#unclaimed.delete(attempt);
      this.#onHint(attempt);
    });
    child.unref();
    unrefStream(child.stdin);
    unrefStream(child.stdout);
    return child;
  }
}

/** A program and its arguments that run one attempt; where there is no bash. */
export type SoloCommand = (attempt: string) => { program: string; args: readonly string[] };

/** Spawns each wrapper directly: dearer, the same contract. */
export class SoloLauncher implements Launcher {
  readonly #command: SoloCommand;
  readonly #tasks: string;
  readonly #onHint: OnHint;

  constructor(command: SoloCommand, tasks: string, onHint: OnHint) {
    this.#command = command;
    this.#tasks = tasks;
    this.#onHint = onHint;
  }

  start(attempt: string): void {
    const { program, args } = this.#command(attempt);
    const child = spawn(program, args, {
      cwd: this.#tasks,
      detached: true,
      windowsHide: true,
      env: process.platform === 'win32' ? process.env : {},
      stdio: [QUIET.ignore, QUIET.ignore, QUIET.ignore, QUIET.pipe],
    });
    child.on('error', () => this.#onHint(attempt));
    child.on('exit', () => this.#onHint(attempt));
    const hints = child.stdio[3] as Readable;
    onLines(hints, (_, named) => this.#onHint(named));
    child.unref();
    unrefStream(hints);
  }

  settled(): void {
    // Nothing is kept: each wrapper was started at once.
  }

  close(): void {
    // Wrappers go on without it.
  }
}

/** The wrapper of one attempt under a POSIX shell. */
export const posixCommand =
  (shell: string): SoloCommand =>
  (attempt) => {
    const [program = shell, ...args] = shell.split(' ');
    return { program, args: [...args, join(HERE, 'solo.sh'), attempt] };
  };

/** An executable bash; null where there is none. */
export function findBash(path = process.env['PATH'] ?? ''): string | null {
  for (const folder of ['/bin', '/usr/bin', '/usr/local/bin', ...path.split(':')]) {
    const file = `${folder}/bash`;
    try {
      fs.accessSync(file, fs.constants.X_OK);
      return file;
    } catch {
      continue;
    }
  }
  return null;
}
