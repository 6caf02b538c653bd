import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A living process that belongs to a home. */
export interface Left {
  pid: number;
  command: string;
}

/** Processes that run in the folder, or carry it in their environment: wrappers, launchers, commands. */
export function processesOf(folder: string): Left[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => belongs(pid, folder))
    .map((pid) => ({ pid: Number(pid), command: read(pid, 'cmdline').replaceAll('\0', ' ') }));
}

function belongs(pid: string, folder: string): boolean {
  const inside = `${folder}/`;
  if (!cwdOf(pid).startsWith(inside) && !read(pid, 'environ').includes(inside)) return false;
  const state = /^State:\s+(\w)/m.exec(read(pid, 'status'))?.[1];
  return state !== undefined && state !== 'Z' && state !== 'X';
}

function cwdOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}

/** Ends what a failed run left behind, so that it disturbs no other. */
export function endAll(folder: string): void {
  for (const { pid } of processesOf(folder))
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      continue;
    }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
