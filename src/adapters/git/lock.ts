import * as fs from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { TaskId } from '../../domain/task.ts';
import type { Place } from '../../domain/workspace.ts';
import { isCode, readSmall, unlinkSmall, writeNew } from './beside.ts';
import { besidePlace } from './place.ts';

const owner = z.object({
  task: z.string(),
  attempt: z.number(),
  pid: z.number(),
  startTime: z.string(),
  bootId: z.string(),
  state: z.string(),
});

/** Who works in a place: the attempt, and the daemon that prepared it. */
type Owner = z.infer<typeof owner>;

/** Differs after every boot, so that pids of an earlier one are never trusted. */
const bootId = (): string => (readSmall('/proc/sys/kernel/random/boot_id') ?? 'unknown').trim();

/** When a process started, in the words of the kernel; null = it is dead, or was never there. */
function startTimeOf(pid: number): string | null {
  if (process.platform !== 'linux') return isThere(pid) ? 'unknown' : null;
  let line: string | null;
  try {
    line = readSmall(`/proc/${pid}/stat`);
  } catch (error) {
    if (isCode(error, 'ESRCH')) return null;
    throw error;
  }
  // The program's name may hold spaces and parentheses: fields count from the last ")".
  const [state, ...rest] = (line ?? '').slice((line ?? '').lastIndexOf(')') + 2).split(' ');
  return state === '' || state === 'Z' || state === 'X' ? null : (rest[18] ?? null);
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

const isAlive = ({ pid, startTime, bootId: boot }: Omit<Owner, 'task' | 'attempt' | 'state'>) =>
  boot === bootId() && startTimeOf(pid) === startTime;

/** A wrapper outlives its daemon: the attempt may run though whoever prepared it is dead. */
function mayRun({ state, task, attempt }: Owner): boolean {
  const folder = join(state, 'tasks', task, String(attempt));
  const [line = ''] = (readSmall(join(folder, 'claim')) ?? '').split('\n');
  const [pid, startTime, boot] = line.split(' ');
  if (startTime === undefined || boot === undefined) return false;
  return (
    isAlive({ pid: Number(pid), startTime, bootId: boot }) && !fs.existsSync(join(folder, 'exit'))
  );
}

const parse = (text: string): Owner | null => {
  try {
    return owner.parse(JSON.parse(text));
  } catch {
    return null;
  }
};

/** The task's own earlier attempts have ended, or this one would not be prepared. */
const isStale = (of: Owner | null, us: Owner): boolean =>
  of === null || (of.state === us.state && of.task === us.task) || !(isAlive(of) || mayRun(of));

/** Where the lock of a place lies; `gitDir` is what git keeps for the work tree. */
const lockFileOf = (place: Place, gitDir: string): string =>
  besidePlace(place, 'lock') ?? join(gitDir, 'tend.lock');

/**
 * Takes a place for its attempt, or says who has it. A lock whose owner is dead, or that an earlier attempt of the
 * same task left, is replaced. May be repeated.
 */
export function takeLock(state: string, place: Place, gitDir: string): string | null {
  const file = lockFileOf(place, gitDir);
  const us: Owner = {
    task: place.taskId,
    attempt: place.number,
    pid: process.pid,
    startTime: startTimeOf(process.pid) ?? 'unknown',
    bootId: bootId(),
    state,
  };
  // Under a name that the same attempt uses again, should this one be cut short.
  const aside = `${file}.${place.taskId}.${place.number}`;
  unlinkSmall(aside);
  writeNew(aside, JSON.stringify(us));
  try {
    for (;;) {
      if (link(aside, file)) return null;
      const found = readSmall(file);
      if (found === null) continue;
      const other = parse(found);
      if (!isStale(other, us)) return refusalOf(place, other);
      putAside(file, found);
    }
  } finally {
    unlinkSmall(aside);
  }
}

function refusalOf({ path }: Place, other: Owner | null): string {
  const named = other === null ? 'somebody' : `task ${other.task} (state folder ${other.state})`;
  return `${path} is in use by ${named}.`;
}

function link(from: string, to: string): boolean {
  try {
    fs.linkSync(from, to);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    // Some file systems have no hard links; the folder of a repository may lie on one.
    if (!isCode(error, 'EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK')) throw error;
  }
  try {
    fs.copyFileSync(from, to, fs.constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Takes a stale lock away, unless it was replaced meanwhile: then it is put back. */
function putAside(file: string, stale: string): void {
  const aside = `${file}.stale-${process.pid}`;
  try {
    fs.renameSync(file, aside);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return;
    throw error;
  }
  if (readSmall(aside) !== stale) link(aside, file);
  unlinkSmall(aside);
}

/** Gives a place up, if the task has it. May be repeated. */
export function releaseLock(state: string, place: Place, gitDir: string): void {
  const file = lockFileOf(place, gitDir);
  const found = readSmall(file);
  const of = found === null ? null : parse(found);
  if (of?.state === state && of.task === place.taskId) unlinkSmall(file);
}

/** The attempt of this state folder that has the lock in this file; null = none has. */
export function ownerIn(state: string, file: string): { taskId: TaskId; number: number } | null {
  const found = readSmall(file);
  const of = found === null ? null : parse(found);
  return of?.state === state ? { taskId: of.task, number: of.attempt } : null;
}

/** The task, other than the place's own, whose attempt still runs there; null = none does. */
export function otherIn(place: Place): string | null {
  const file = besidePlace(place, 'lock');
  const found = file === null ? null : readSmall(file);
  const of = found === null ? null : parse(found);
  return of !== null && of.task !== place.taskId && mayRun(of) ? of.task : null;
}
