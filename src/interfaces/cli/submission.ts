/** From the words of `tend run` to what is submitted. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DependencyCondition } from '../../domain/dependencies.ts';
import type { NotifyPolicy } from '../../domain/delivery.ts';
import type { RetryCause } from '../../domain/retry.ts';
import { type Ask, type AskOptions, namesOfAsk } from './asking.ts';
import { capturedEnvironment, ownerFor, shellFor } from './environment.ts';
import { usage } from './failure.ts';
import { quoted } from './format.ts';
import { workIn, type WorkOptions } from './work-options.ts';

/** Parsed options of `tend run`; durations in milliseconds. */
export interface RunOptions extends AskOptions, WorkOptions {
  id?: string;
  key?: string;
  title?: string;
  owner?: string;
  group?: string;
  label?: Record<string, string>;
  exclusive?: string;
  cwd?: string;
  env?: Record<string, string>;
  priority?: number;
  split?: boolean;
  input?: boolean;
  timeout?: number;
  idleTimeout?: number;
  queueTimeout?: number;
  grace?: number;
  retry?: number;
  /** Milliseconds. */
  backoff?: number[];
  retryOn?: RetryCause[];
  idempotent?: boolean;
  after?: string[];
  afterAny?: string[];
  afterFailure?: string[];
  notify?: NotifyPolicy;
  criterion?: string[];
  remind?: number;
  onDone?: string;
}

/** Where a submit comes from. */
export interface Origin {
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  uid: number | undefined;
  /** File mode mask. */
  umask: number;
  /** Where the daemon that is asked listens. */
  socket: string;
}

/** A duration as the wire takes it: a bare number would be seconds. */
const ms = (given: number): string => `${given}ms`;

type Work = { command: string; shell: string } | { argv: string[] };

/** What to submit, for the shell or for `agent`; undefined options are left to the daemon's defaults. */
export function submission(
  options: RunOptions,
  work: readonly string[],
  origin: Origin,
  agent: Ask | null = null,
) {
  const { env, uid } = origin;
  const owner = options.owner ?? ownerFor(env, uid);
  const group = options.group ?? filled(env['TEND_GROUP']);
  const parent = parentFor(origin);
  const after = dependencies(options);
  return {
    ...(agent === null ? command(work, env, options) : { agent }),
    cwd: folder(origin.cwd, options.cwd),
    env: capturedEnvironment(env, options.env),
    umask: origin.umask,
    ...(options.id !== undefined && { id: options.id }),
    ...(options.key !== undefined && { key: options.key }),
    ...(options.title !== undefined && { title: options.title }),
    ...(owner !== undefined && { owner }),
    ...(group !== undefined && { group }),
    ...(parent !== undefined && { parent }),
    ...(options.label !== undefined && { labels: options.label }),
    ...(options.exclusive !== undefined && { exclusive: options.exclusive }),
    ...(options.priority !== undefined && { priority: options.priority }),
    ...(options.split === true && { streams: 'split' as const }),
    ...(options.input === true && { input: true }),
    ...clocks(options),
    ...again(options),
    ...(after.length > 0 && { after }),
    ...(options.contextFrom !== undefined && { contextFrom: options.contextFrom }),
    ...(options.notify !== undefined && { notify: options.notify }),
    ...(options.criterion !== undefined && { criteria: options.criterion }),
    ...(options.onDone !== undefined && { onDone: options.onDone }),
    ...workIn(options, origin.cwd),
  };
}

const filled = (value: string | undefined): string | undefined =>
  value === '' ? undefined : value;

/** The task that submits; a task of another daemon is nobody's parent here. */
export function parentFor({
  env,
  socket,
}: Pick<Origin, 'env' | 'socket'> & Partial<Origin>): string | undefined {
  const home = filled(env['TEND_SOCKET']) ?? socket;
  return home === socket ? filled(env['TEND_TASK_ID']) : undefined;
}

/** The task in which this command runs; undefined = it runs in none. */
export async function ownTask(env: Origin['env']): Promise<string | undefined> {
  const { resolvePaths } = await import('../client/index.ts');
  return parentFor({ env, socket: resolvePaths(env).socket });
}

/** One word is a command line for the shell, several are a program and its arguments. */
function command(words: readonly string[], env: Origin['env'], options: AskOptions): Work {
  const [stray] = namesOfAsk(options);
  if (stray !== undefined)
    throw usage(
      `${stray} is for agents; a command has no use for it`,
      'An agent is started without --, as in: tend run claude "Fix the flaky test"',
    );
  const [only, ...others] = words;
  if (only === undefined || only.trim() === '')
    throw usage('there is no command to run', 'Give one after --, as in: tend run -- make test');
  return others.length === 0 ? { command: only, shell: shellFor(env) } : { argv: [...words] };
}

function folder(cwd: string, given: string | undefined): string {
  if (given === undefined) return cwd;
  const path = resolve(cwd, given);
  const kind = kindOf(path);
  if (kind === 'folder') return path;
  if (kind === 'missing')
    throw usage(`--cwd ${path} does not exist`, `Make it first: mkdir -p ${quoted(path)}`);
  throw usage(`--cwd ${path} ${kind}`, 'Name the folder to run the command in.');
}

function kindOf(path: string): string {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return 'missing';
    return found.isDirectory() ? 'folder' : 'is not a folder';
  } catch (error) {
    return `cannot be read: ${(error as Error).message}`;
  }
}

function clocks(options: RunOptions) {
  const { timeout, idleTimeout, firstOutputTimeout, queueTimeout, grace, remind } = options;
  return {
    ...(timeout !== undefined && { timeout: ms(timeout) }),
    ...(idleTimeout !== undefined && { idleTimeout: ms(idleTimeout) }),
    ...(firstOutputTimeout !== undefined && { firstOutputTimeout: ms(firstOutputTimeout) }),
    ...(queueTimeout !== undefined && { queueTimeout: ms(queueTimeout) }),
    ...(grace !== undefined && { grace: ms(grace) }),
    ...(remind !== undefined && { remind: ms(remind) }),
  };
}

function again({ retry, backoff, retryOn, idempotent }: RunOptions) {
  return {
    ...(retry !== undefined && { retry }),
    ...(backoff !== undefined && { backoff: backoff.map(ms) }),
    ...(retryOn !== undefined && { retryOn }),
    ...(idempotent === true && { idempotent }),
  };
}

function dependencies({ after = [], afterAny = [], afterFailure = [] }: RunOptions) {
  const on = (ids: readonly string[], when: DependencyCondition) =>
    ids.map((task) => ({ task, when }));
  return [...on(after, 'success'), ...on(afterAny, 'always'), ...on(afterFailure, 'failure')];
}
