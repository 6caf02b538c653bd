import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';

/** A line for /bin/sh, or a program with its arguments; run in a folder. */
export interface Hook {
  command: string | readonly string[];
  cwd: string;
}

export interface HookRunning {
  environment: Readonly<Record<string, string>>;
  /** Ms until its process group is killed. */
  timeout: number;
  signal: AbortSignal | undefined;
}

export interface HookResult {
  /** Null = it exited with 0. */
  failure: string | null;
  /** The first line that it wrote to stdout, or else to stderr; '' = none. */
  said: string;
  /** The daemon ended meanwhile, or the system had no room for it: nothing is known. */
  interrupted: boolean;
}

/** So much of each stream is kept, bytes; who writes more than that in all is ended. */
const KEPT = 4_096;
const MOST_OUTPUT = 1_000_000;
/** Something that left the group may hold the output open; it is not waited for longer than this (ms). */
const OUTPUT_GRACE = 200;

/**
 * Ends the group by itself when the daemon died while the hook ran: one that hangs is not left behind. It is of the same
 * group, so that the number of the group cannot be anybody else's before it is killed.
 */
const WATCHED = `(sleep "$1"; kill -KILL 0) </dev/null >/dev/null 2>&1 &
shift
exec "$@"`;

const argvOf = ({ command }: Hook): readonly string[] =>
  typeof command === 'string' ? ['/bin/sh', '-c', command] : command;

/** Runs a hook in a process group of its own with `input` on its stdin; nothing of the group is left when this resolves. */
export function runHook(
  hook: Hook,
  input: string,
  { environment, timeout, signal }: HookRunning,
): Promise<HookResult> {
  return new Promise((resolve) => {
    const patience = String(Math.ceil(timeout / 1_000) + 1);
    const child = spawn('/bin/sh', ['-c', WATCHED, 'tend-hook', patience, ...argvOf(hook)], {
      cwd: existsSync(hook.cwd) ? hook.cwd : '/',
      env: { ...environment },
      detached: true,
      stdio: 'pipe',
    });
    child.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve({ failure: `did not start (${code})`, said: '', interrupted: true }),
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
    const said = headsOf([child.stdout, child.stderr], () => kill('wrote too much'));
    child.stdin.on('error', () => undefined); // it need not read what it is told
    child.stdin.end(input);
    child.once('exit', (code, by) => {
      endGroup(pid);
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      const open = setTimeout(() => {
        for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
      }, OUTPUT_GRACE);
      child.once('close', () => {
        clearTimeout(open);
        const ended = by === null ? `exited with code ${code}` : `was ended by ${by}`;
        const failure = killed === null ? (code === 0 ? null : ended) : `${killed} and was killed`;
        resolve({ failure, said: said(), interrupted: signal?.aborted === true });
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

/** Keeps the beginning of each stream; answers the first line of the first one that has any. */
function headsOf(streams: readonly Readable[], tooMuch: () => void): () => string {
  const heads = streams.map(() => Buffer.alloc(0));
  let total = 0;
  for (const [at, stream] of streams.entries()) {
    stream.on('error', () => undefined); // what was read until then is kept
    stream.on('data', (chunk: Buffer) => {
      total += chunk.length;
      const head = heads[at] ?? Buffer.alloc(0);
      if (head.length < KEPT) heads[at] = Buffer.concat([head, chunk.subarray(0, KEPT)]);
      if (total > MOST_OUTPUT) tooMuch();
    });
  }
  const firstLine = (head: Buffer): string => head.toString('utf8').trim().split('\n', 1)[0] ?? '';
  return () => heads.map(firstLine).find((line) => line !== '') ?? '';
}
