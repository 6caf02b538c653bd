import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { processesOf } from './leftovers.ts';

const PROJECT = join(import.meta.dirname, '../..');
const SCRIPT = join(import.meta.dirname, 'room.sh');

/**
 * How a cell is kept apart. `root`: fresh namespaces and an ordinary user in them; `mapped`: the same, made by an
 * ordinary user; `none`: nothing but a HOME of its own.
 */
export type Walls = 'root' | 'mapped' | 'none';

const NAMESPACES = ['--mount', '--net', '--pid', '--fork', '--kill-child'];

const unshareArgs = (walls: 'root' | 'mapped'): string[] =>
  walls === 'root' ? NAMESPACES : ['--user', '--map-root-user', ...NAMESPACES];

const AS = process.getuid?.() === 0 ? 'as root, at whose hands some refuse to work' : 'as you';
export const NO_WALLS = { walls: 'none', note: `each run in a HOME of its own, ${AS}` } as const;

/** The best walls that this machine lets us have. */
export function wallsHere(): { walls: Walls; note: string } {
  const isRoot = process.getuid?.() === 0;
  const walls = isRoot ? 'root' : 'mapped';
  const root = emptyFolder();
  const { status, stderr, error } = spawnSync(
    'unshare',
    [...unshareArgs(walls), 'sh', SCRIPT, root, PROJECT, PROJECT, process.execPath, '--', 'true'],
    { env: environment(walls), encoding: 'utf8' },
  );
  fs.rmdirSync(root);
  if (status === 0)
    return { walls, note: 'each run in namespaces of its own, as an ordinary user, loopback only' };
  const why = error?.message ?? stderr.trim().split('\n').at(-1) ?? '';
  const as = isRoot ? 'as root, so some agents refuse full permissions' : 'as you';
  return {
    walls: 'none',
    note: `no namespaces here (${why}): each run in a HOME of its own, ${as}`,
  };
}

const emptyFolder = (): string => fs.mkdtempSync(join(tmpdir(), 'tend-room-'));

const environment = (walls: Walls): Record<string, string> => ({
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  ...(walls === 'mapped' && { ROOM_USER: 'mapped' }),
});

/** What is run in the room, in the room's own words. */
export interface Inside {
  agent: string;
  scenario: string;
  home: string;
  /** Folders of the PATH, first ones first. */
  path: readonly string[];
  /** Nothing but us is in its namespaces. */
  alone: boolean;
}

interface Wish {
  agent: string;
  scenario: string;
  /** The installed program. */
  program: string;
  walls: Walls;
  /** Longest life, ms. */
  cap: number;
  /** What is played inside, of this project; default: `inside.ts` beside this file. */
  script?: string;
}

/** What is being played, and the folder of its room. */
const open = new Map<ChildProcess, { walls: Walls; root: string }>();
process.on('exit', () => {
  for (const [child, { walls, root }] of open) {
    // With its first process everything in a room ends.
    child.kill('SIGKILL');
    remove(walls, root);
  }
});

/** Plays one cell and answers the last line that it printed; throws when it printed none in time. */
export async function play(wish: Wish): Promise<string> {
  const root = emptyFolder();
  try {
    const [program, ...args] =
      wish.walls === 'none' ? bare(wish, root) : walled(wish, wish.walls, root);
    const child = spawn(program, args, {
      env: environment(wish.walls),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: wish.cap,
      killSignal: 'SIGKILL',
    });
    open.set(child, { walls: wish.walls, root });
    child.on('close', () => open.delete(child));
    const [out, err, [code, signal]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number | null, string | null]>,
    ]);
    const last = out.trim().split('\n').at(-1) ?? '';
    if (code === 0 && last !== '') return last;
    if (signal !== null) throw new Error(`not over within ${wish.cap / 1000} s`);
    throw new Error(`ended with ${code}: ${err.trim().slice(-600)}`);
  } finally {
    remove(wish.walls, root);
  }
}

function remove(walls: Walls, root: string): void {
  if (walls === 'none') clear(root);
  // What is mounted there is seen in the room alone: here it is never more than an empty folder.
  else fs.rmdirSync(root);
}

/** Without walls nothing ends by itself. */
function clear(home: string): void {
  for (const line of processesOf(home, false))
    try {
      process.kill(Number.parseInt(line, 10), 'SIGKILL');
    } catch {
      continue;
    }
  fs.rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}

type Line = [string, ...string[]];

function walled(wish: Wish, walls: 'root' | 'mapped', root: string): Line {
  const { agent, scenario, program } = wish;
  const folder = dirname(dirname(program));
  const node = '/opt/node/bin/node';
  const inside: Inside = {
    agent,
    scenario,
    home: '/home/dev',
    path: [dirname(node), '/opt/agents/bin'],
    alone: true,
  };
  const script = join('/opt/tend', relative(PROJECT, scriptOf(wish)));
  const command = [node, script, JSON.stringify(inside)];
  const room = ['sh', SCRIPT, root, PROJECT, folder, process.execPath, '--', ...command];
  return ['unshare', ...unshareArgs(walls), ...room];
}

const scriptOf = ({ script }: Wish): string => script ?? join(import.meta.dirname, 'inside.ts');

function bare(wish: Wish, root: string): Line {
  const { agent, scenario, program } = wish;
  const path = [dirname(process.execPath), dirname(program)];
  const inside: Inside = { agent, scenario, home: root, path, alone: false };
  return [process.execPath, scriptOf(wish), JSON.stringify(inside)];
}
