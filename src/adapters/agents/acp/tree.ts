import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';

/** A process that was seen, told from a later one under the same number by its start. */
export interface Seen {
  pid: number;
  parent: number;
  started: string;
}

/**
 * The processes below `root`, at this moment. Tools run in sessions of their own, so neither a signal to the agent
 * nor one to its group reaches them.
 */
export function descendants(root: number): Seen[] {
  const all = everything();
  const found = new Set([root]);
  for (let before = 0; before !== found.size;) {
    before = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  found.delete(root);
  return all.filter(({ pid }) => found.has(pid));
}

/** Those that are still the ones that were seen. */
export function stillThere(seen: readonly Seen[]): Seen[] {
  if (seen.length === 0) return [];
  const now = new Map(everything().map((one) => [one.pid, one]));
  return seen.filter(({ pid, started }) => now.get(pid)?.started === started);
}

const everything = (): Seen[] => (fs.existsSync('/proc/self/stat') ? fromProc() : fromPs());

function fromProc(): Seen[] {
  const seen: Seen[] = [];
  for (const name of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readIfThere(`/proc/${name}/stat`);
    // The program's name may hold spaces and parentheses: fields count from the last ")".
    const [state, parent, ...more] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === undefined || parent === undefined || state === 'Z') continue;
    seen.push({ pid: Number(name), parent: Number(parent), started: more[17] ?? '' });
  }
  return seen;
}

/** A process may end between two looks at it. */
function readIfThere(path: string): string {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function fromPs(): Seen[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,lstart='], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
  });
  return [...(stdout ?? '').matchAll(/^ *(\d+) +(\d+) +(.+)$/gm)].map(
    ([, pid, parent, started = '']) => ({
      pid: Number(pid),
      parent: Number(parent),
      started,
    }),
  );
}
