import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Home } from './home.ts';
import type { Plan } from './points.ts';

/** Everything that a test daemon is told at its start. */
export interface Orders {
  home: string;
  /** The built daemon; another tree for an instrumented wrapper. */
  dist: string;
  died: string;
  plan: Plan;
  /** Name of a seeded bug. */
  bug?: string;
  /** File with the number of ms by which the wall clock is wrong. */
  clock?: string;
  /** The times of files are wrong along with it. */
  times?: true;
}

const DIST = join(import.meta.dirname, '..', '..', 'dist');
const NOWHERE: Plan = { level: 'port', at: 0, when: 'before' };

export const ordersFor = (home: Home, orders: Partial<Orders> = {}): Orders => ({
  home: home.state,
  dist: DIST,
  died: home.died,
  plan: NOWHERE,
  ...orders,
});

export type End = 'killed' | 'ended';

/** One daemon from its start to its end. */
export interface Life {
  pid: number;
  /** True once it listens; false when it died before, or another daemon was there first. */
  ready: Promise<boolean>;
  /** Rejects for an end that is neither a kill nor in order. */
  end: Promise<End>;
  /** Ends it in order, and answers how it ended. */
  close(): Promise<End>;
  /** Ends it at once and not in order, because it hangs. */
  abort(): void;
}

/** Lets thousands of processes compile the daemon once. */
const COMPILE_CACHE = join(tmpdir(), 'tend-crash-compiled');

export const forgetCompiled = (): void => rmSync(COMPILE_CACHE, { recursive: true, force: true });

/** Runs one of the scripts beside this file. */
export function runScript(
  script: string,
  args: readonly string[],
  { stdin, home, log }: { stdin: 'ignore' | 'pipe'; home?: Home; log: number | 'inherit' },
): ChildProcess {
  return spawn(process.execPath, [join(import.meta.dirname, script), ...args], {
    cwd: '/',
    env: {
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      ...(home !== undefined && { HOME: home.folder, TEND_HOME: home.state }),
    },
    stdio: [stdin, 'pipe', log],
  });
}

/** A daemon in a process of its own. */
export function startLife(home: Home, orders?: Partial<Orders>): Life {
  const log = openSync(join(home.folder, 'daemon.err'), 'a');
  const words = JSON.stringify(ordersFor(home, orders));
  const child = runScript('daemon.ts', [words], { stdin: 'ignore', home, log });
  closeSync(log);
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const said = new Promise<string>((resolve) => {
    child.stdout?.once('data', (text: Buffer) => resolve(String(text)));
  });
  const end = exited.then(([code, signal]): End => {
    if (signal === 'SIGKILL') return 'killed';
    if (code === 0) return 'ended';
    throw new Error(`the daemon of ${home.folder} exited with ${code ?? signal}`);
  });
  return {
    pid: child.pid ?? 0,
    ready: Promise.race([said.then((word) => word === 'ready\n'), exited.then(() => false)]),
    end,
    close: () => close(child, end),
    abort: () => void child.kill('SIGABRT'),
  };
}

async function close(child: ChildProcess, end: Promise<End>): Promise<End> {
  child.kill('SIGTERM');
  const patience = new AbortController();
  const late = pause(20_000, null, { signal: patience.signal }).then(
    () => {
      child.kill('SIGABRT');
      return end;
    },
    () => end,
  );
  return Promise.race([end, late]).finally(() => patience.abort());
}
