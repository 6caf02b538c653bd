import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { getCompileCacheDir } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ERRORS, TendError } from '../../domain/errors.ts';
import { secureFolder } from './folder.ts';
import type { Env, Paths } from './paths.ts';
import { problem } from './transport.ts';

/** Who answers now: the daemon that was started, or one that was there `already`. */
export interface Launched {
  pid: number;
  socket: string;
  already: boolean;
}

/** What the daemon needs; tasks bring their own environment, and a task's own marks must not reach the daemon. */
const NEEDED =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_.*|TZ|TMPDIR|TEMP|TMP|XDG_.*|TEND_.*|NODE_COMPILE_CACHE|DBUS_SESSION_BUS_ADDRESS|DISPLAY|WAYLAND_DISPLAY|SYSTEMROOT|APPDATA|LOCALAPPDATA|USERPROFILE|PATHEXT|COMSPEC)$/i;
const OF_A_TASK = /^TEND_(TASK_ID|ATTEMPT_ID|OWNER|GROUP|DEPTH|SOCKET|LAUNCHED_BY|WORKER_TOKEN)$/;

/** Memory before speed: the daemon has little to compute, and grows by half as much under load. */
export const SMALL = '--optimize-for-size';

/** Exported for its test: the part of `env` that a daemon gets. */
export function daemonEnv(env: Env): Record<string, string> {
  const kept = Object.entries(env).flatMap(([name, value]): [string, string][] =>
    value !== undefined && NEEDED.test(name) && !OF_A_TASK.test(name) ? [[name, value]] : [],
  );
  const home = env['TEND_HOME'];
  const cache = getCompileCacheDir();
  return {
    ...Object.fromEntries(kept),
    // The daemon runs in `/`: there, a relative path would be another one.
    ...(home !== undefined && home !== '' && { TEND_HOME: resolve(home) }),
    ...(cache !== undefined && { NODE_COMPILE_CACHE: cache }),
  };
}

/** The daemon beside this file, compiled or not. */
function ownEntry(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`../../daemon/main.${extension}`, import.meta.url));
}

interface Start {
  entry?: string;
  env?: Env;
  /** It shall not be a child of this process, which lives long and may be ended with all of its children. */
  apart?: boolean;
}

/** Started by a shell that ends at once, so that its parent is whoever takes in orphans. */
const viaShell = (args: readonly string[]): [string, ...string[]] =>
  process.platform === 'win32'
    ? [process.execPath, ...args]
    : ['/bin/sh', '-c', '"$@" &', 'sh', process.execPath, ...args];

/**
 * Starts a daemon of its own session and waits, until the time `until`, for the line in which it says that it
 * is ready. Throws what the daemon could not start for, or `daemon_unreachable` naming its log.
 */
export async function launch(
  paths: Paths,
  until: number,
  { entry = ownEntry(), env = process.env, apart = false }: Start,
): Promise<Launched> {
  secureFolder(paths.stateFolder);
  const log = openSync(paths.logPath, 'a', 0o600);
  let child: ChildProcess;
  try {
    const [program, ...args]: [string, ...string[]] = apart
      ? viaShell([SMALL, entry])
      : [process.execPath, SMALL, entry];
    child = spawn(program, args, {
      cwd: '/',
      detached: true,
      env: daemonEnv(env),
      stdio: ['ignore', 'pipe', log],
      windowsHide: true,
    });
  } finally {
    closeSync(log);
  }
  try {
    const said = await firstLine(child, until, paths);
    return launched(said, paths);
  } finally {
    child.stdout?.destroy();
    child.unref();
  }
}

function firstLine(child: ChildProcess, until: number, paths: Paths): Promise<string> {
  return new Promise((settle, reject) => {
    let said = '';
    const fail = (what: string, cause?: unknown) =>
      reject(
        new TendError(
          'daemon_unreachable',
          what,
          `See the log of the daemon: ${paths.logPath}`,
          cause,
        ),
      );
    const timer = setTimeout(
      () => fail('the daemon was started but did not become ready in time'),
      until - Date.now(),
    );
    const done = () => clearTimeout(timer);
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
      const end = said.indexOf('\n');
      if (end < 0) return;
      done();
      settle(said.slice(0, end));
    });
    child.on('error', (error) => {
      done();
      fail(`the daemon cannot be started: ${error.message}`, error);
    });
    child.on('close', (code, signal) => {
      done();
      fail(`the daemon ended while it started (${signal ?? `exit code ${code}`})`);
    });
  });
}

function launched(line: string, paths: Paths): Launched {
  const said = parse(line);
  const { ready, pid, socket, already, error } = said;
  if (error !== undefined)
    throw problem({ ...(error as object), detail: messageOf(error) }, ERRORS.internal.http);
  if (ready !== true)
    throw new TendError(
      'daemon_unreachable',
      `the daemon said something unexpected: ${line.slice(0, 200)}`,
      `See the log of the daemon: ${paths.logPath}`,
    );
  return {
    pid: Number(pid ?? 0),
    socket: typeof socket === 'string' ? socket : paths.socket,
    already: already === true,
  };
}

const messageOf = (error: unknown): unknown => (error as { message?: unknown }).message;

function parse(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return {};
  }
}
