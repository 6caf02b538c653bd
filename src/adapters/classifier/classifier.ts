import { type ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Answered, Classifier, Question } from '../../ports/classifier.ts';

/** Longest output of a stream that is read, bytes: a choice is a few words, an agent tells more around it. */
const LONGEST_OUTPUT = 4 * 1024 * 1024;
/** Something that left the group may hold its output open; it is not waited for longer than this (ms). */
const OUTPUT_GRACE = 200;

/** Asks without a shell, in a process group of its own; `signal` = the daemon ends, `root` = where its files go. */
export const createClassifier = (signal?: AbortSignal, root = tmpdir()): Classifier => ({
  async ask(question) {
    const folder = fs.mkdtempSync(join(root, 'tend-choice-'));
    try {
      return await asked(question, folder, signal);
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  },
});

async function asked(
  { launch, environment, cwd, timeout }: Question,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<Answered | { failure: string }> {
  const { argv, env, unset, files, stdin } = launch(folder);
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(dirname(join(folder, name)), { recursive: true, mode: 0o700 });
    fs.writeFileSync(join(folder, name), text, { mode: 0o600 });
  }
  const [program = '', ...words] = argv;
  const variables = { ...environment, ...env };
  for (const name of unset) delete variables[name];
  const child = spawn(program, words, { cwd, env: variables, detached: true, stdio: 'pipe' });
  const { pid } = child;
  if (pid === undefined) return { failure: await notStarted(child) };
  return watched(child, pid, stdin, timeout, signal);
}

const notStarted = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    child.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(`could not be started (${code})`),
    );
  });

type Child = ChildProcess & Record<'stdout' | 'stderr', Readable>;

function watched(
  child: ReturnType<typeof spawn> & Partial<Child>,
  pid: number,
  stdin: string | null,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<Answered | { failure: string }> {
  return new Promise((resolve) => {
    let failure: string | null = null;
    const kill = (why: string): void => {
      failure ??= why;
      endGroup(pid);
    };
    const timer = setTimeout(() => kill(`took longer than ${timeout / 1_000} s`), timeout);
    const abort = (): void => kill('was interrupted by the end of the daemon');
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted === true) abort();
    const streams = [child.stdout, child.stderr].map((stream) =>
      collected(stream as Readable, () => kill(`wrote more than ${LONGEST_OUTPUT} bytes`)),
    );
    child.stdin?.on('error', () => undefined); // it need not read what it is told
    child.stdin?.end(stdin ?? '');
    child.once('exit', (code, by) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      endGroup(pid); // what it left behind
      const patience = setTimeout(() => {
        for (const stream of child.stdio) stream?.destroy();
      }, OUTPUT_GRACE);
      child.once('close', () => {
        clearTimeout(patience);
        const [stdout, stderr] = streams.map((bytes) => bytes());
        const exit = by === null ? { code: code ?? 0 } : { signal: by };
        resolve(
          failure === null
            ? { exit, stdout: stdout ?? new Uint8Array(), stderr: stderr ?? new Uint8Array() }
            : { failure },
        );
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

function collected(stream: Readable, tooMuch: () => void): () => Uint8Array {
  const chunks: Buffer[] = [];
  let length = 0;
  stream.on('error', () => undefined); // what was read until then is kept
  stream.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > LONGEST_OUTPUT) tooMuch();
    else chunks.push(chunk);
  });
  return () => Buffer.concat(chunks);
}
