import * as fs from 'node:fs';
import { setImmediate as yieldToOthers, setTimeout as pause } from 'node:timers/promises';
import { isCode } from './folders.ts';
import { isDead, type ProcessStat, statOf } from './identity.ts';
import { MARKER } from './run.ts';

const PREFIX = Buffer.from(`\0${MARKER}=`);
/** A pid returns only after all others were used: not within this time (ms). */
const FRESH = 5_000;
/** Processes looked at before others get their turn. */
const SLICE = 200;
/** How often a process in the middle of an exec is looked at again, a millisecond later each time. */
const EXEC_LOOKS = 100;

/** One look at a time; whoever asks before the next one begins shares it. */
class Shared<T> {
  readonly #look: () => Promise<T>;
  #next: Promise<T> | null = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(look: () => Promise<T>) {
    this.#look = look;
  }

  ask(): Promise<T> {
    return (this.#next ??= this.#take());
  }

  async #take(): Promise<T> {
    await this.#last.catch(() => undefined);
    const taken = this.#look();
    this.#last = taken;
    this.#next = null;
    return taken;
  }
}

/**
 * Which processes belong to which attempt, by the marker in their environment. A process keeps the
 * environment it was started with, so each is read once; a look at an unchanged machine is one readdir.
 * Before it execs, a command still shows its wrapper's environment: its group tells of it, not its marker.
 */
export class ProcessTable {
  #markers = new Map<number, string | null>();
  #readAt = Number.NEGATIVE_INFINITY;
  readonly #marks = new Shared(() => this.#read());
  readonly #stats = new Shared(readStats);

  /** Pids that carry `marker` now. */
  async marked(marker: string): Promise<number[]> {
    const pids: number[] = [];
    for (const [pid, found] of await this.#marks.ask()) if (found === marker) pids.push(pid);
    return pids;
  }

  /** Every living process. */
  living(): Promise<ProcessStat[]> {
    return this.#stats.ask();
  }

  async #read(): Promise<Map<number, string | null>> {
    const now = performance.now();
    const before = now - this.#readAt < FRESH ? this.#markers : new Map<number, string | null>();
    const markers = new Map<number, string | null>();
    const unborn: number[] = [];
    let reads = 0;
    for (const pid of pidsNow()) {
      let marker = before.get(pid);
      if (marker === undefined) {
        marker = markerOf(pid);
        if (++reads % SLICE === 0) await yieldToOthers();
      }
      if (marker === undefined) unborn.push(pid);
      else markers.set(pid, marker);
    }
    await readBorn(unborn, markers);
    this.#readAt = now;
    this.#markers = markers;
    return markers;
  }
}

/** Every process of this machine that this user may see; none where there is no /proc. */
function pidsNow(): number[] {
  let names: string[];
  try {
    names = fs.readdirSync('/proc');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  }
  const pids: number[] = [];
  for (const name of names) {
    const first = name.charCodeAt(0);
    if (first >= 0x31 && first <= 0x39) pids.push(Number(name));
  }
  return pids;
}

async function readStats(): Promise<ProcessStat[]> {
  const stats: ProcessStat[] = [];
  let reads = 0;
  for (const pid of pidsNow()) {
    const stat = statOf(pid);
    if (stat !== null && !isDead(stat.state)) stats.push(stat);
    if (++reads % SLICE === 0) await yieldToOthers();
  }
  return stats;
}

let block = Buffer.allocUnsafe(16_384);

/** A moment later an exec is over, and its environment can be read. */
async function readBorn(unborn: number[], markers: Map<number, string | null>): Promise<void> {
  let left = unborn;
  for (let looks = 0; left.length > 0 && looks < EXEC_LOOKS; looks++) {
    await pause(1);
    left = left.filter((pid) => {
      const marker = markerOf(pid);
      if (marker !== undefined) markers.set(pid, marker);
      return marker === undefined;
    });
  }
}

/**
 * The attempt folder in the process's environment; null when there is none, or it is not ours to read;
 * undefined in the middle of an exec, when the kernel shows nothing yet.
 */
function markerOf(pid: number): string | null | undefined {
  let content = readProc(`/proc/${pid}/environ`);
  if (content?.length === 0) {
    if (isExecuting(pid)) return undefined;
    // It may have been so until now.
    content = readProc(`/proc/${pid}/environ`);
  }
  if (content === null) return null;
  const found = content.indexOf(PREFIX);
  const first = content.subarray(0, PREFIX.length - 1).equals(PREFIX.subarray(1));
  if (found === -1 && !first) return null;
  const start = (first ? 0 : found + 1) + PREFIX.length - 1;
  const end = content.indexOf(0, start);
  return content.toString('utf8', start, end === -1 ? content.length : end);
}

const KERNEL_THREAD = 0x0020_0000;
/** Fields of `stat`, counted from the one after the program's name. */
const FLAGS = 6;
const ENVIRONMENT_END = 48;

/** The end of the environment is not set before the new program's memory is laid out. */
function isExecuting(pid: number): boolean {
  const stat = readProc(`/proc/${pid}/stat`)?.toString('latin1') ?? '';
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = '', end] = [fields[0], fields[ENVIRONMENT_END]];
  if (isDead(state) || (Number(fields[FLAGS]) & KERNEL_THREAD) !== 0) return false;
  return end?.trim() === '0';
}

/** The command line of a process, its arguments apart; empty when it is gone. */
export function argvOf(pid: number): string[] {
  const content = readProc(`/proc/${pid}/cmdline`)?.toString('utf8') ?? '';
  return content.split('\0').filter((word, at, all) => at < all.length - 1 || word !== '');
}

function readProc(path: string): Buffer | null {
  let fd: number;
  try {
    fd = fs.openSync(path, fs.constants.O_RDONLY);
  } catch {
    return null;
  }
  try {
    let length = 0;
    for (;;) {
      length += fs.readSync(fd, block, length, block.length - length, length);
      // The kernel gives less than asked for only at the end.
      if (length < block.length) return block.subarray(0, length);
      block = Buffer.concat([block, Buffer.allocUnsafe(length)]);
    }
  } catch {
    return null;
  } finally {
    fs.closeSync(fd);
  }
}

/** Whether some process works in `folder`; only this user's processes can be seen. */
export function isAnyoneIn(folder: string): boolean {
  return pidsNow().some((pid) => {
    try {
      return fs.readlinkSync(`/proc/${pid}/cwd`) === folder;
    } catch {
      return false;
    }
  });
}
