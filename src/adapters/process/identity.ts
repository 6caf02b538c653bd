import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import type { ProcessIdentity } from '../../domain/attempt.ts';
import { isCode } from './folders.ts';

/** What the kernel says of one process (times in clock ticks since boot). */
export interface ProcessStat {
  pid: number;
  state: string;
  parent: number;
  group: number;
  session: number;
  startTime: string;
}

const LINUX = process.platform === 'linux';
const block = Buffer.allocUnsafe(1024);

/** Null when there is no such process, or this system has no /proc. */
export function statOf(pid: number): ProcessStat | null {
  let fd: number;
  try {
    fd = fs.openSync(`/proc/${pid}/stat`, fs.constants.O_RDONLY);
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ESRCH')) return null;
    throw error;
  }
  try {
    return parseStat(pid, block.toString('latin1', 0, fs.readSync(fd, block, 0, block.length, 0)));
  } catch (error) {
    if (isCode(error, 'ESRCH')) return null;
    throw error;
  } finally {
    fs.closeSync(fd);
  }
}

/** Null when the line is not whole. */
export function parseStat(pid: number, line: string): ProcessStat | null {
  // The program's name may hold spaces and parentheses: fields count from the last ")".
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ', 20);
  const [state = '', parent, group, session] = fields;
  const startTime = fields[19];
  if (startTime === undefined) return null;
  return {
    pid,
    state,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    startTime,
  };
}

/** Zombies are dead: nothing of them runs. */
export const isDead = (state: string): boolean => state === 'Z' || state === 'X' || state === 'x';

/** The process's start time in the words of the claim; null when it is dead or was never there. */
function startTimeOf(pid: number): string | null {
  if (LINUX) {
    const stat = statOf(pid);
    return stat === null || isDead(stat.state) ? null : stat.startTime;
  }
  if (process.platform === 'win32') return exists(pid) ? 'unknown' : null;
  const env = { PATH: '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC0' };
  const options = { env, encoding: 'utf8' } as const;
  const { stdout } = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], options);
  const [state = '', ...start] = stdout.trim().split(/\s+/);
  return start.length === 0 || isDead(state.charAt(0)) ? null : start.join('_');
}

/** Whether there is such a process, ours or not. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

/** Differs after every boot, so that pids of an earlier one are never trusted. */
function readBootId(): string {
  if (LINUX) return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  if (process.platform === 'win32') return 'windows';
  const { stdout } = spawnSync('sysctl', ['-n', 'kern.bootsessionuuid'], { encoding: 'utf8' });
  return stdout.trim();
}

let boot: string | null = null;
export const bootId = (): string => (boot ??= readBootId());

export type Life = 'alive' | 'dead' | 'rebooted';

/** Whether exactly this process still runs. */
export function lifeOf(identity: ProcessIdentity): Life {
  if (identity.bootId !== bootId()) return 'rebooted';
  return startTimeOf(identity.pid) === identity.startTime ? 'alive' : 'dead';
}
