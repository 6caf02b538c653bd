import { setTimeout as pause } from 'node:timers/promises';
import type { ProcessIdentity, Survivor } from '../../domain/attempt.ts';

import { readClaim, readExit, recordKilled } from './claim.ts';
import { isCode } from './folders.ts';
import { lifeOf, type ProcessStat, statOf } from './identity.ts';
import { type Members, type Search, searchOf, survivorsOf } from './members.ts';
import { argvOf } from './process-table.ts';

/** How long a claimed attempt may take until its command exists (ms). */
const BIRTH = 250;
/** How long the killed are looked for: they may fork on while they die (ms). */
const DEATH = 1_000;
/** Between two looks (ms). */
const PAUSE = 5;
/** How long survivors may take to end by themselves (ms). */
const FAREWELL = 500;

/** Ends the processes of attempts; each is identified again right before it is signalled. */
export class Ending {
  readonly #members: Members;

  constructor(members: Members) {
    this.#members = members;
  }

  /**
   * Asks everything of the attempt but the wrapper to end, also what is born meanwhile. A fork of the
   * wrapper that is not yet the command may not hear: it is asked until it is.
   */
  async ask(folder: string, signal: 'SIGINT' | 'SIGTERM' = 'SIGTERM'): Promise<void> {
    const asked = new Set<string>();
    await until(BIRTH, async () => {
      const claim = readClaim(folder);
      const search = searchOf(folder, claim);
      if (search === null) return claim.kind !== 'empty';
      const members = await this.#members.all(search);
      const wrapper = search.wrapper === null ? '' : programOf(search.wrapper.pid);
      const fresh = members.filter((member) => !asked.has(faceOf(member)));
      askAll(fresh, search, signal);
      for (const member of fresh) if (programOf(member.pid) !== wrapper) asked.add(faceOf(member));
      const isOver = readExit(folder) !== null || !isRunning(search.wrapper);
      return fresh.length === 0 && (asked.size > 0 || isOver);
    });
  }

  /** Kills everything of the attempt; the wrapper last, and only if it does not record the end itself. */
  async kill(folder: string): Promise<void> {
    const search = searchOf(folder, readClaim(folder));
    if (search === null) return;
    let killed = false;
    const over = await until(DEATH, async () => {
      const found = current(folder, search);
      const members = await this.#members.all(found);
      if (members.length > 0) killed = true;
      signalAll(members, found, 'SIGKILL');
      return members.length === 0 && (readExit(folder) !== null || !isRunning(search.wrapper));
    });
    if (!over && isRunning(search.wrapper)) {
      killed = true;
      await this.#killWrapper(search);
    }
    if (killed && !isRunning(search.wrapper)) recordKilled(folder);
  }

  /** It cannot record: its disk is full, or somebody stopped it. */
  async #killWrapper(search: Search): Promise<void> {
    const wrapper = search.wrapper === null ? null : statOf(search.wrapper.pid);
    if (wrapper !== null && wrapper.startTime === search.wrapper?.startTime)
      signal(wrapper, 'SIGKILL');
    await until(DEATH, async () => {
      const members = await this.#members.all(search);
      signalAll(members, search, 'SIGKILL');
      return members.length === 0 && !isRunning(search.wrapper);
    });
  }

  /** Ends what outlived the attempt: asked first, killed when it stays. Answers what was signalled. */
  async endSurvivors(folder: string): Promise<Survivor[]> {
    const search = searchOf(folder, readClaim(folder));
    // While the wrapper runs, the attempt has not ended: its processes are no survivors.
    if (search === null || (isRunning(search.wrapper) && readExit(folder) === null)) return [];
    const found = await this.#members.all(search);
    if (found.length === 0) return [];
    const survivors = survivorsOf(found);
    askAll(found, search);
    const gone = async (): Promise<boolean> => (await this.#members.all(search)).length === 0;
    if (await until(FAREWELL, gone)) return survivors;
    await until(DEATH, async () => {
      signalAll(await this.#members.all(search), search, 'SIGKILL');
      return gone();
    });
    return survivors;
  }
}

const programOf = (pid: number): string => argvOf(pid).join('\0');

/** A process as the program it is now. */
const faceOf = ({ pid, startTime }: ProcessStat): string => `${pid} ${startTime} ${programOf(pid)}`;

/** The wrapper writes the command's group a moment after its claim. */
const current = (folder: string, search: Search): Search =>
  search.command === null ? (searchOf(folder, readClaim(folder)) ?? search) : search;

const isRunning = (wrapper: ProcessIdentity | null): boolean =>
  wrapper !== null && lifeOf(wrapper) === 'alive';

/** The signal, and CONT so that a stopped process hears it. */
function askAll(
  members: readonly ProcessStat[],
  search: Search,
  name: 'SIGINT' | 'SIGTERM' = 'SIGTERM',
): void {
  signalAll(members, search, name);
  signalAll(members, search, 'SIGCONT');
}

/** The command's group at one stroke, so that no shell sees its child die and goes on; then the others. */
function signalAll(members: readonly ProcessStat[], search: Search, name: NodeJS.Signals): void {
  const group = search.command?.group ?? null;
  const witness = members.find((member) => member.group === group && isSame(member));
  const together = group !== null && witness !== undefined && group !== statOf(process.pid)?.group;
  if (together) send(-group, name);
  for (const member of members) if (!together || member.group !== group) signal(member, name);
}

const isSame = (seen: ProcessStat): boolean => {
  const now = statOf(seen.pid);
  return now?.startTime === seen.startTime && now.group === seen.group;
};

/** Only the process that was seen, never another under its number. */
function signal(seen: ProcessStat, name: NodeJS.Signals): void {
  if (seen.pid > 1 && seen.pid !== process.pid && statOf(seen.pid)?.startTime === seen.startTime)
    send(seen.pid, name);
}

function send(target: number, name: NodeJS.Signals): void {
  try {
    process.kill(target, name);
  } catch (error) {
    if (!isCode(error, 'ESRCH') && !isCode(error, 'EPERM')) throw error;
  }
}

/** Whether `done` came true in time (ms); looked at once at least. */
async function until(time: number, done: () => Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + time;
  for (let wait = 1; ; wait = Math.min(wait * 2, PAUSE)) {
    if (await done()) return true;
    if (performance.now() >= deadline) return false;
    await pause(wait);
  }
}
