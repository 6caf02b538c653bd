import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Home, linesOf } from './home.ts';
import { endAll } from './processes.ts';
import { until } from './until.ts';

const claimPath = (home: Home, id: string): string => join(home.state, 'tasks', id, '1', 'claim');

/** Who claimed the first attempt of a task; null when nobody has yet. */
export function wrapperOf(home: Home, id: string): number | null {
  const path = claimPath(home, id);
  const [, pid] = existsSync(path) ? (/^(\d+) /.exec(readFileSync(path, 'utf8')) ?? []) : [];
  return pid === undefined ? null : Number(pid);
}

/** Until the command of a task has done something. */
export const hasRun = (home: Home, id: string): Promise<void> =>
  until(`${id} runs`, () => linesOf(home.effects).some((line) => line.startsWith(`${id} `)));

/** Ends all processes of a home without a trace, and rewrites what the wrappers of the tasks claimed. */
export function forgeClaims(
  home: Home,
  ids: readonly string[],
  forge: (identity: { pid: string; start: string; boot: string }) => string,
): void {
  endAll(home.folder);
  for (const id of ids) {
    const path = claimPath(home, id);
    const [first = '', ...rest] = readFileSync(path, 'utf8').split('\n');
    const [pid = '', start = '', boot = ''] = first.split(' ');
    writeFileSync(path, [forge({ pid, start, boot }), ...rest].join('\n'));
  }
}
