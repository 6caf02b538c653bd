import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
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
}

export const DIST = join(import.meta.dirname, '..', '..', 'dist');
export const NOWHERE: Plan = { level: 'port', at: 0, when: 'before' };

export type End = 'killed' | 'ended';

/** One daemon process from its start to its end. */
export interface Life {
  child: ChildProcess;
  /** True once it listens; false when it died before. */
  ready: Promise<boolean>;
  /** Throws for an end that is neither a kill nor in order. */
  end: Promise<End>;
}

export function startLife(home: Home, orders: Partial<Orders> = {}): Life {
  const complete: Orders = {
    home: home.state,
    dist: DIST,
    died: home.died,
    plan: NOWHERE,
    ...orders,
  };
  const log = openSync(join(home.folder, 'daemon.err'), 'a');
  const entry = join(import.meta.dirname, 'daemon.ts');
  const child = spawn(process.execPath, [entry, JSON.stringify(complete)], {
    cwd: '/',
    env: { PATH: process.env['PATH'], HOME: home.folder, TEND_HOME: home.state },
    stdio: ['ignore', 'pipe', log],
  });
  closeSync(log);
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const said = child.stdout === null ? Promise.resolve() : once(child.stdout, 'data');
  return {
    child,
    ready: Promise.race([said.then(() => true), exited.then(() => false)]),
    end: exited.then(([code, signal]) => {
      if (signal === 'SIGKILL') return 'killed';
      if (code === 0) return 'ended';
      throw new Error(`the daemon of ${home.folder} exited with ${code ?? signal}`);
    }),
  };
}

/** Ends a daemon in order; killed when that takes too long. */
export async function endLife({ child, end }: Life): Promise<End> {
  child.kill('SIGTERM');
  const patience = new AbortController();
  const late = pause(20_000, null, { signal: patience.signal }).then(
    () => {
      child.kill('SIGKILL');
      throw new Error('the daemon did not end within 20 s of SIGTERM');
    },
    () => end,
  );
  try {
    return await Promise.race([end, late]);
  } finally {
    patience.abort();
  }
}
