import type { ProcessIdentity, Survivor } from '../../domain/attempt.ts';
import { MAX_SURVIVORS } from '../../domain/attempt.ts';
import type { Claim, CommandGroup } from './claim.ts';
import { exists, isDead, type ProcessStat, statOf } from './identity.ts';
import { argvOf, type ProcessTable } from './process-table.ts';

/** Longest command line that is shown of a survivor, in characters. */
const SHOWN = 200;

/** An attempt whose processes are looked for. */
export interface Search {
  /** The attempt's folder: its processes carry it in their environment. */
  folder: string;
  wrapper: ProcessIdentity | null;
  command: CommandGroup | null;
}

/** Null when nothing can have run under this claim. */
export function searchOf(folder: string, claim: Claim): Search | null {
  switch (claim.kind) {
    case 'held':
      return { folder, wrapper: claim.process, command: claim.command };
    case 'none':
    case 'void':
    case 'refused':
    case 'empty':
      return null;
    case 'unreadable':
      return { folder, wrapper: null, command: null };
    default:
      return claim satisfies never;
  }
}

/** Never ours to end: the init process and this daemon, even when a task started it. */
const isSpared = (stat: ProcessStat): boolean => stat.pid <= 1 || stat.pid === process.pid;

/** Finds the processes of attempts, wherever they went: by marker, by group, by descent. */
export class Members {
  readonly #table: ProcessTable;

  constructor(table: ProcessTable) {
    this.#table = table;
  }

  /** Every living process of the attempt but its wrapper. Thorough: reads all of /proc. */
  async all(search: Search): Promise<ProcessStat[]> {
    const stats = await this.#table.living();
    const marked = new Set(await this.#table.marked(search.folder));
    const found = new Map<number, ProcessStat>();
    const isWrapper = (stat: ProcessStat): boolean =>
      stat.pid === search.wrapper?.pid && stat.startTime === search.wrapper.startTime;
    const wrapper = stats.find(isWrapper);
    const belongs = (stat: ProcessStat): boolean =>
      marked.has(stat.pid) ||
      isOfGroup(stat, search) ||
      found.has(stat.parent) ||
      stat.parent === wrapper?.pid;
    for (let before = -1; before !== found.size;) {
      before = found.size;
      for (const stat of stats)
        if (!found.has(stat.pid) && !isWrapper(stat) && !isSpared(stat) && belongs(stat))
          found.set(stat.pid, stat);
    }
    return [...found.values()];
  }

  /** What still runs after the command's end. Cheap when nothing does. */
  async outlived(search: Search): Promise<ProcessStat[]> {
    const { command, folder, wrapper } = search;
    const group = command?.group ?? wrapper?.pid;
    if (group !== undefined && exists(-group)) return this.all(search);
    const pids = await this.#table.marked(folder);
    return pids
      .filter((pid) => pid !== wrapper?.pid)
      .map(statOf)
      .filter((stat) => stat !== null)
      .filter((stat) => !isDead(stat.state) && !isSpared(stat));
  }
}

/** The wrapper's group or the command's, and not older than the wrapper: not another group under a reused number. */
function isOfGroup(stat: ProcessStat, { command, wrapper }: Search): boolean {
  if (wrapper === null || Number(stat.startTime) < Number(wrapper.startTime)) return false;
  if (stat.group === wrapper.pid) return true;
  return (
    stat.group === command?.group && (command.session === null || stat.session === command.session)
  );
}

/** At most 16 of them, as they are shown; only command lines, never environments. */
export const survivorsOf = (stats: readonly ProcessStat[]): Survivor[] =>
  stats.slice(0, MAX_SURVIVORS).map(({ pid }) => ({ pid, command: shown(argvOf(pid)) }));

/** Nothing in it can steer a terminal. */
export function shown(argv: readonly string[]): string {
  const line = argv.join(' ').replaceAll(/\p{C}/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\x${code.toString(16).padStart(2, '0')}`;
  });
  return Array.from(line).slice(0, SHOWN).join('');
}
