import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Where git looks: `cwd` must exist; the folders are found from it where they are not given. */
export interface At {
  cwd: string;
  /** GIT_DIR, absolute. */
  gitDir?: string;
  /** GIT_WORK_TREE, absolute. */
  workTree?: string;
  /** An index other than the work tree's own. */
  index?: string;
  /** Nothing above this folder is looked at. */
  ceiling?: string;
}

export interface GitResult {
  code: number;
  stdout: Buffer;
  stderr: string;
}

interface Options {
  input?: string | Uint8Array;
  signal?: AbortSignal;
  env?: Readonly<Record<string, string>>;
}

/** git ended otherwise than with 0. */
export class GitError extends Error {
  override readonly name = 'GitError';
  readonly code: number;
  readonly stderr: string;
  constructor(args: readonly string[], { code, stderr }: GitResult) {
    super(`git ${args[0] ?? ''} ended with ${code}: ${stderr.trim()}`);
    this.code = code;
    this.stderr = stderr;
  }
}

/**
 * Ours are no commits of a person: nothing of the repository runs for them, and nobody is asked anything. What is recorded
 * as saved is on the disk by then, which git by itself leaves to chance for its loose objects.
 */
const SETTINGS = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.quotePath=false',
  'commit.gpgSign=false',
  'tag.gpgSign=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'protocol.ext.allow=never',
  'core.fsync=committed,loose-object',
  'core.fsyncMethod=batch',
].flatMap((setting) => ['-c', setting]);

/** Identity of our own commits: fixed, so that the same save makes the same commit. */
const IDENTITY = {
  GIT_AUTHOR_NAME: 'tend',
  GIT_AUTHOR_EMAIL: 'tend@localhost',
  GIT_COMMITTER_NAME: 'tend',
  GIT_COMMITTER_EMAIL: 'tend@localhost',
};

const QUIET = {
  LC_ALL: 'C',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_ASKPASS: 'false',
  SSH_ASKPASS: 'false',
  GIT_EDITOR: 'false',
  GIT_PAGER: 'cat',
};

/** The person's own environment, without what would lead git elsewhere. */
const inherited = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')),
);

function environment({ gitDir, workTree, index, ceiling }: At, extra: Options['env'] = {}) {
  return {
    ...inherited,
    ...QUIET,
    ...IDENTITY,
    ...(gitDir !== undefined && { GIT_DIR: gitDir }),
    ...(workTree !== undefined && { GIT_WORK_TREE: workTree }),
    ...(index !== undefined && { GIT_INDEX_FILE: index }),
    ...(ceiling !== undefined && { GIT_CEILING_DIRECTORIES: ceiling }),
    ...extra,
  };
}

/** A git that hangs, on a network file system for example, keeps others waiting: it is ended, and what it was for tried again (ms). */
const LONGEST = 30 * 60_000;

/** Runs git without a shell; whatever it ends with is an answer. Throws only where git itself cannot be run. */
export async function gitResult(
  at: At,
  args: readonly string[],
  { input, signal, env }: Options = {},
): Promise<GitResult> {
  const child = spawn('git', [...SETTINGS, ...args], {
    cwd: at.cwd,
    env: environment(at, env),
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(signal !== undefined && { signal }),
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  // It may have ended before it read everything: its code tells.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const late = setTimeout(() => child.kill('SIGKILL'), LONGEST).unref();
  const [code, signalled] = (await once(child, 'close').finally(() => clearTimeout(late))) as [
    number | null,
    string | null,
  ];
  const stderr = Buffer.concat(err).toString();
  return {
    code: code ?? 128,
    stdout: Buffer.concat(out),
    stderr: signalled === null ? stderr : `${stderr}ended by ${signalled}`,
  };
}

/** What git wrote, without its last newline. Throws GitError when it ended otherwise than with 0. */
export async function git(at: At, args: readonly string[], options?: Options): Promise<string> {
  const result = await gitResult(at, args, options);
  if (result.code !== 0) throw new GitError(args, result);
  return result.stdout.toString().replace(/\n$/, '');
}

/** What git writes, as it writes it; ends early when `signal` says so, or nobody reads on. Throws GitError as `git` does. */
export async function* gitChunks(
  at: At,
  args: readonly string[],
  signal: AbortSignal,
): AsyncIterable<Buffer> {
  if (signal.aborted) return;
  const child = spawn('git', [...SETTINGS, ...args], {
    cwd: at.cwd,
    env: environment(at),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close') as Promise<[number | null, string | null]>;
  // Whoever stopped reading is not told how it ended.
  ended.catch(() => undefined);
  const end = (): void => void child.kill();
  signal.addEventListener('abort', end, { once: true });
  const err: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  try {
    for await (const chunk of child.stdout) yield chunk as Buffer;
    const [code] = await ended;
    if (signal.aborted || code === 0) return;
    const stderr = Buffer.concat(err).toString();
    throw new GitError(args, { code: code ?? 128, stdout: Buffer.alloc(0), stderr });
  } finally {
    signal.removeEventListener('abort', end);
    end();
  }
}

/** Fields that stand between NULs, as `-z` prints them. */
export const fields = (text: string): string[] => text.split('\0').filter((one) => one !== '');
