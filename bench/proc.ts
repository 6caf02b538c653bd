import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Linux counts CPU time of processes in ticks of 10 ms. */
const MS_PER_TICK = 10;

/** CPU time in ms: of the process itself, and of its ended children that it has waited for. */
export interface Cpu {
  own: number;
  children: number;
}

export function cpuOf(pid: number): Cpu {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = (index: number): number => Number(fields[index]) * MS_PER_TICK;
  return { own: ticks(11) + ticks(12), children: ticks(13) + ticks(14) };
}

/** CPU time of all threads in ms, exact to the nanosecond, without ended threads. */
export function exactCpuOf(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const spent = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ', 1)[0]),
  );
  return spent.reduce((sum, ns) => sum + ns, 0) / 1e6;
}

export function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1')
      .split(' ')
      .filter((word) => word !== '')
      .map(Number),
  );
}

export const nameOf = (pid: number): string =>
  readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();

export const isThere = (pid: number): boolean => existsSync(`/proc/${pid}`);

/** Resident memory in MB: all of it, and with shared pages divided among those who share them. */
export function memoryOf(pid: number): { rss: number; pss: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
  const megabytes = (text: string, field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)?.[1]) / 1024;
  return { rss: megabytes(status, 'VmRSS'), pss: megabytes(rollup, 'Pss') };
}
