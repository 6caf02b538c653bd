import { join } from 'node:path';
import { git, gitResult, GitError, type At } from './run.ts';
import { copyIndex, type Desk } from './snapshot.ts';
import type { Standing } from './standing.ts';

/**
 * Commits that the attempt made or named and that are not behind `parent`: what it amended, rebased, reset or left, and
 * what a merge was about. Those that are behind others of them are left out.
 */
export async function looseCommits(
  { at, loose, tip }: Standing,
  parent: string,
  before: string | null,
): Promise<string[]> {
  const all = [...loose, ...(tip === null ? [] : [tip]), ...(before === null ? [] : [before])];
  const candidates = [...new Set(all)].filter((id) => id !== parent);
  if (candidates.length === 0) return [];
  const args = ['rev-list', '--parents', '--ignore-missing', '--stdin'];
  const input = `${[...candidates, `^${parent}`].join('\n')}\n`;
  const result = await gitResult(at, args, { input });
  if (result.code !== 0) throw new GitError(args, result);
  const lines = result.stdout
    .toString()
    .split('\n')
    .map((line) => line.split(' '));
  const found = new Set(lines.map(([id]) => id));
  const behind = new Set(lines.flatMap(([, ...parents]) => parents));
  return candidates.filter((id) => found.has(id) && !behind.has(id)).toSorted();
}

/** The tree of what somebody put into the index by hand; null = it says the same as the last commit, or cannot be read. */
export async function stagedIn({ at, own, parent }: Standing, desk: Desk): Promise<string | null> {
  if (own === null) return null;
  const index = join(own, 'index');
  const args = ['diff-index', '--cached', '--raw', '-z', '--no-renames', parent, '--'];
  const { code, stdout } = await gitResult({ ...at, index }, args);
  if (code !== 0 || stdout.length === 0) return null;
  const copy = desk.index('staged');
  if (!copyIndex(index, copy)) return null;
  const made = await gitResult({ ...at, index: copy }, ['write-tree']);
  return made.code === 0 ? made.stdout.toString().trim() : null;
}

/** Whether `known` is a snapshot of just this, made before. */
export async function whatCovers(
  at: At,
  known: string,
  { commit, tree, others }: { commit: string; tree: string; others: readonly string[] },
): Promise<boolean> {
  const lines = (await git(at, ['cat-file', 'commit', known])).split('\n');
  const parents = lines.slice(0, Math.max(lines.indexOf(''), 0)).flatMap((line) => {
    const [key, id = ''] = line.split(' ');
    return key === 'parent' ? [id] : [];
  });
  return (
    lines[0] === `tree ${tree}` &&
    (known === commit || parents[0] === commit) &&
    others.every((id) => parents.includes(id))
  );
}
