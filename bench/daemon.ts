import { once } from 'node:events';
import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { type Client, connect } from '../src/interfaces/client/index.ts';
import { SMALL } from '../src/interfaces/client/launch.ts';
import { start } from './children.ts';
import { ROOT } from './machine.ts';
import { childrenOf, isThere, nameOf } from './proc.ts';
import { until } from './rounds.ts';

const ENTRY = join(ROOT, 'dist', 'daemon', 'main.js');

/** A daemon of the built program in a state folder of its own. */
export class Daemon {
  readonly home: string;
  readonly pid: number;
  readonly socket: string;
  /** Ms from spawn to the line that says it is ready. */
  readonly readyAfter: number;
  readonly client: Client;
  readonly #process: ChildProcess;

  constructor(home: string, child: ChildProcess, socket: string, readyAfter: number) {
    this.home = home;
    this.pid = child.pid ?? 0;
    this.#process = child;
    this.socket = socket;
    this.readyAfter = readyAfter;
    this.client = connect({ socket });
  }

  /** The long-lived shell that forks wrappers. */
  launcher(): number | null {
    return childrenOf(this.pid).find((pid) => nameOf(pid).includes('launcher.sh')) ?? null;
  }

  /** Ends the daemon: tasks go on. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.client.close();
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, 'exit');
    this.#process.kill(signal);
    await gone;
  }

  /** Ends every task that is not over, and then the daemon. */
  async endWithTasks(): Promise<void> {
    const pids: number[] = [];
    await until('the end of all tasks', async () => {
      const state = ['waiting', 'queued', 'claimed', 'running', 'stopping'] as const;
      const { tasks } = await this.client.list({ state: state.join(','), limit: 1_000 });
      for (const { attempts } of tasks)
        for (const { pid } of attempts) if (pid !== null) pids.push(pid);
      await Promise.all(tasks.map(({ id }) => this.client.kill({ id })));
      return tasks.length === 0;
    });
    await this.end();
    await until('the end of all wrappers', () => !pids.some(isThere));
  }
}

/** A fresh state folder; `config` is TOML. */
export function makeHome(folder: string, name: string, config: string): string {
  const home = join(folder, name);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  writeFileSync(join(home, 'config.toml'), config, { mode: 0o600 });
  return home;
}

export const slots = (count: number): string => `[limits]\nslots = ${count}\n`;

/** Resolves when the daemon says that it is ready. */
export async function startDaemon(home: string, nodeArgs: readonly string[] = []): Promise<Daemon> {
  const began = performance.now();
  const child = start(process.execPath, [SMALL, ...nodeArgs, ENTRY], {
    cwd: '/',
    detached: true,
    // As when a command starts it, and the command has run before.
    env: { ...process.env, TEND_HOME: home, NODE_COMPILE_CACHE: join(dirname(home), 'compiled') },
    stdio: ['ignore', 'pipe', openSync(join(home, 'daemon.err'), 'a')],
  });
  const line = await firstLine(child);
  const readyAfter = performance.now() - began;
  const { ready, socket } = JSON.parse(line) as { ready?: boolean; socket?: string };
  if (ready !== true || socket === undefined) throw new Error(`the daemon said: ${line}`);
  return new Daemon(home, child, socket, readyAfter);
}

async function firstLine(child: ChildProcess): Promise<string> {
  let said = '';
  for await (const chunk of child.stdout ?? []) {
    said += String(chunk);
    if (said.includes('\n')) break;
  }
  return said.split('\n', 1)[0] ?? '';
}
