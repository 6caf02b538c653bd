import { silences } from '../domain/silencing.ts';
import {
  type Contents,
  isHarmlessManifest,
  isTest,
  suspectsIn,
  unreadOf,
} from '../domain/suspects.ts';
import type { ChangedPath } from '../ports/workspace.ts';
import type { Ports } from './context.ts';

/** Files that a command is followed through; what it names beyond is not known. */
const MOST_READ = 50;
/** New test files that are looked into. */
const MOST_TESTS = 200;

interface Suspected {
  repository: string;
  base: string;
  commit: string;
  /** All that changed from the one to the other. */
  paths: readonly ChangedPath[];
  /** What verifies the work, and where below the root it runs; '' = nothing does. */
  command: string;
  subfolder: string;
}

/** The changed paths by which the work itself is checked. */
export async function suspectsAmong(
  { workspaces }: Pick<Ports, 'workspaces'>,
  { repository, base, commit, paths, command, subfolder }: Suspected,
): Promise<string[]> {
  if (paths.length === 0) return [];
  const fileAt = (at: string, path: string): Promise<string | null> =>
    workspaces.file(repository, at, path);
  const contents: Record<string, Contents[string]> = {};
  let left = MOST_READ;
  for (;;) {
    const unread = unreadOf(command, contents, subfolder).slice(0, left);
    if (unread.length === 0) break;
    left -= unread.length;
    for (const path of unread) contents[path] = await fileAt(base, path);
  }
  const found: string[] = [];
  for (const path of suspectsIn(paths, command, contents, subfolder)) {
    const isModified = paths.some((one) => one.path === path && one.kind === 'M');
    const isHarmless =
      isModified &&
      /(?:^|\/)package\.json$/.test(path) &&
      isHarmlessManifest(await fileAt(base, path), await fileAt(commit, path), path);
    if (!isHarmless) found.push(path);
  }
  const tests = paths.filter(({ path, kind }) => kind === 'A' && isTest(path));
  for (const { path } of tests.slice(0, MOST_TESTS))
    if (!found.includes(path) && silences((await fileAt(commit, path)) ?? '')) found.push(path);
  return found;
}
