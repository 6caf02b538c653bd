import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Message } from './message.ts';

/** How one command is run. */
export interface Running {
  /** Folder to run in; the root folder when it is gone. */
  cwd: string;
  environment: Readonly<Record<string, string>>;
  /** Ms until the command's process group is killed. */
  timeout: number;
  signal: AbortSignal | undefined;
}

/** What a command came to; `output` is the end of what it wrote. */
export interface CommandResult {
  /** Null = it exited with 0. */
  failure: string | null;
  output: string;
}

/** The end of a command's output that is kept, in bytes. */
const OUTPUT_KEPT = 4_096;
/** Something the command left behind may hold its output open; it is not waited for longer than this (ms). */
const OUTPUT_GRACE = 200;

/** The daemon's environment reduced to what a command needs to find programs, and this very daemon. */
export function commandEnvironment(
  from: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const names = ['PATH', 'HOME', 'LANG', 'TEND_HOME', 'XDG_CONFIG_HOME', 'XDG_STATE_HOME'];
  return Object.fromEntries(
    [...names, 'XDG_RUNTIME_DIR'].flatMap((name) => {
      const value = from[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** The facts as variables: nothing of the task is ever part of a command line. */
function facts({ id, kind, preview, task }: Message): Record<string, string> {
  return {
    TEND_DELIVERY_ID: id,
    TEND_KIND: kind,
    TEND_TASK_ID: task.id,
    TEND_TITLE: task.title,
    TEND_STATE: task.state,
    TEND_REASON: task.reason ?? '',
    TEND_VERDICT: task.verdict,
    TEND_EXIT_CODE: task.exitCode === null ? '' : String(task.exitCode),
    TEND_PREVIEW: preview.replaceAll('\0', ''), // no operating system passes a NUL on
  };
}

/** Runs `command` in /bin/sh with the facts in its environment and the message on its stdin. */
export function runCommand(
  command: string,
  message: Message,
  { cwd, environment, timeout, signal }: Running,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', command], {
      cwd: existsSync(cwd) ? cwd : '/',
      env: { ...environment, ...facts(message) },
      detached: true,
      stdio: 'pipe',
    });
    child.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve({ failure: `did not start (${code})`, output: '' }),
    );
    const { pid } = child;
    if (pid === undefined) return; // without a process there may be no streams either
    let killed: string | null = null;
    const kill = (why: string): void => {
      killed ??= why;
      endGroup(pid);
    };
    const timer = setTimeout(() => kill(`took longer than ${timeout / 1_000} s`), timeout);
    const abort = (): void => kill('was interrupted by the end of the daemon');
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted === true) abort();

    const output = tailOf([child.stdout, child.stderr]);
    child.stdin.on('error', () => undefined); // a command need not read what it is told
    child.stdin.end(`${JSON.stringify(message)}\n`);
    child.once('exit', (code, by) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      const patience = setTimeout(() => {
        for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
      }, OUTPUT_GRACE);
      child.once('close', () => {
        clearTimeout(patience);
        const ended = by === null ? `exited with code ${code}` : `was ended by ${by}`;
        const failure = killed === null ? (code === 0 ? null : ended) : `${killed} and was killed`;
        resolve({ failure, output: output() });
      });
    });
  });
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // the group has already ended
  }
}

/** Collects the last bytes of the streams, whatever they write. */
function tailOf(streams: readonly Readable[]): () => string {
  let tail: Buffer = Buffer.alloc(0);
  for (const stream of streams) {
    stream.on('error', () => undefined); // what was read until then is kept
    stream.on('data', (chunk: Buffer) => {
      tail = Buffer.concat([tail, chunk.subarray(-OUTPUT_KEPT)]);
      if (tail.length > OUTPUT_KEPT) tail = Buffer.from(tail.subarray(-OUTPUT_KEPT));
    });
  }
  return () => tail.toString('utf8').trim();
}
