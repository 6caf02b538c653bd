import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Readable } from 'node:stream';

/** How one program is run. */
export interface Running {
  /** Folder to run in; the root folder when it is gone. */
  cwd: string;
  environment: Readonly<Record<string, string>>;
  /** Ms until the program's process group is killed. */
  timeout: number;
  signal: AbortSignal | undefined;
}

/** What a program came to; `output` is the end of what it wrote. */
export interface ProgramResult {
  /** Null = it exited with 0. */
  failure: string | null;
  output: string;
}

/** The end of a program's output that is kept, in bytes. */
const OUTPUT_KEPT = 4_096;
/** Something the program left behind may hold its output open; it is not waited for longer than this (ms). */
const OUTPUT_GRACE = 200;

/** Where programs are besides the search path: a service often has a short one. */
const USUAL = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/usr/lib', '/opt/homebrew/bin'];

/** The file of a program, by its name or its absolute path; null = there is none. */
export function findProgram(name: string, path: string | undefined): string | null {
  if (isAbsolute(name)) return isExecutable(name) ? name : null;
  const folders = [...(path ?? '').split(delimiter).filter(isAbsolute), ...USUAL];
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Runs a program with these arguments and this on its stdin; no shell is in between. */
export function runProgram(
  [program, ...args]: readonly [string, ...string[]],
  input: string,
  { cwd, environment, timeout, signal }: Running,
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: existsSync(cwd) ? cwd : '/',
      env: { ...environment },
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
    child.stdin.on('error', () => undefined); // it need not read what it is told
    child.stdin.end(input);
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
