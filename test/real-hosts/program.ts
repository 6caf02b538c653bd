/** The built command line, and what it says of the one task of a conversation. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import Database from 'better-sqlite3';
import type { Place } from '../real-agents/place.ts';

/** The built program that is tried. */
export const BIN = process.env['TEND_TEST_BIN'] ?? join(import.meta.dirname, '../../bin/tend.cjs');

/** One request to the model: its words, of the whole conversation. */
export interface Asked {
  words: string;
}

interface Task {
  id: string;
  state: string;
  owner: string;
}

export interface Program {
  run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }>;
  /** Its output; throws when it fails. */
  out(...args: string[]): Promise<string>;
  tasks(): Promise<Task[]>;
  task(id: string): Promise<Task>;
  /** The process of the daemon; null = none lives. */
  daemon(): Promise<number | null>;
  /** The deliveries of the task, whether acknowledged or not. */
  delivered(
    id: string,
  ): Promise<{ owner: string; state: string; completion: string; question: string }>;
  /** Ids that an owner has not been told. */
  left(owner: string): Promise<string[]>;
}

export function program(place: Place): Program {
  const run = async (...args: string[]) => {
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd: place.repository,
      env: place.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number | null]>,
    ]);
    return { code, stdout, stderr };
  };
  const out = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(...args);
    if (code !== 0)
      throw new Error(`tend ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`);
    return stdout;
  };
  const json = async <T>(...args: string[]): Promise<T> =>
    JSON.parse(await out(...args, '--json')) as T;
  const task = (id: string): Promise<Task> => json<Task>('show', id);
  return {
    run,
    out,
    task,
    daemon: async () => {
      const { code, stdout } = await run('daemon', 'status', '--json');
      if (code !== 0) return null;
      const { pid } = JSON.parse(stdout) as { pid: number };
      return isAlive(pid) ? pid : null;
    },
    tasks: async () => (await json<{ tasks: Task[] }>('ls', '--all')).tasks,
    delivered: async (id) => {
      const { owner, state } = await task(id);
      const all = deliveriesOf(place, id);
      const of = (kind: string): string => all.find((one) => one.kind === kind)?.id ?? '';
      return { owner, state, completion: of('completion'), question: of('question') };
    },
    left: async (owner) =>
      (await json<{ deliveries: { id: string }[] }>('inbox', '--owner', owner)).deliveries.map(
        ({ id }) => id,
      ),
  };
}

/** All of a task's deliveries, as they are stored. */
function deliveriesOf(place: Place, id: string): { id: string; kind: string }[] {
  const database = new Database(join(stateOf(place), 'tend.db'), { readonly: true });
  try {
    const rows = database
      .prepare("select id, kind from delivery where task_id = ? and subscriber like 'owner:%'")
      .all(id);
    return rows as { id: string; kind: string }[];
  } finally {
    database.close();
  }
}

const stateOf = (place: Place): string => place.env['TEND_HOME'] ?? '';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
