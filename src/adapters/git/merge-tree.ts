import { git, gitResult, GitError, type At } from './run.ts';

/** What two commits make together. */
export type MergedTree =
  | { kind: 'merged'; tree: string }
  | { kind: 'contained' }
  | { kind: 'conflict'; paths: string[]; message: string };

export type MergedCommit =
  | { kind: 'merged'; commit: string; tree: string }
  | Exclude<MergedTree, { kind: 'merged' }>;

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';

/**
 * What git says of a conflict with `-z`: a tree, the paths, an empty field, then for each message the number of its
 * paths, the paths, its kind and its text.
 */
function conflictIn(output: Buffer): { paths: string[]; message: string } {
  const parts = output.toString().split('\0');
  const end = parts.indexOf('', 1);
  const paths = [...new Set(parts.slice(1, end))].toSorted();
  const messages: string[] = [];
  for (let at = end + 1; at < parts.length - 1;) {
    const kind = at + 1 + Number(parts[at]);
    if (parts[kind]?.startsWith('CONFLICT')) messages.push((parts[kind + 1] ?? '').trim());
    at = kind + 2;
  }
  return { paths, message: messages.join('\n') };
}

/** Whether everything of `commit` is in `onto`. */
export async function contains(at: At, onto: string, commit: string): Promise<boolean> {
  const args = ['merge-base', '--is-ancestor', commit, onto];
  const result = await gitResult(at, args);
  if (result.code > 1) throw new GitError(args, result);
  return result.code === 0;
}

/** Merges two commits in the object store: no work tree, no index and no ref is touched. */
export async function mergeTrees(at: At, onto: string, commit: string): Promise<MergedTree> {
  if (await contains(at, onto, commit)) return { kind: 'contained' };
  const args = ['merge-tree', '--write-tree', '--name-only', '--messages', '-z', onto, commit];
  const result = await gitResult(at, args);
  if (result.code === 0) {
    return { kind: 'merged', tree: (result.stdout.toString().split('\0')[0] ?? '').trim() };
  }
  if (result.code === 1) return { kind: 'conflict', ...conflictIn(result.stdout) };
  if (/unrelated histories/.test(result.stderr)) {
    return { kind: 'conflict', paths: [], message: firstLine(result.stderr) };
  }
  throw new GitError(args, result);
}

/** Commits a tree under our own identity: the same arguments make the same commit. `time` in epoch ms. */
export function commitTree(
  at: At,
  tree: string,
  parents: readonly string[],
  message: string,
  time: number,
): Promise<string> {
  const date = `@${Math.floor(time / 1000)} +0000`;
  return git(
    at,
    [
      '-c',
      'i18n.commitEncoding=UTF-8',
      'commit-tree',
      ...parents.flatMap((parent) => ['-p', parent]),
      '-F',
      '-',
      tree,
    ],
    { input: message, env: { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date } },
  );
}

/** The commit that merges `commit` into `onto`, in the object store alone: the same arguments make the same commit. */
export async function mergeCommits(
  at: At,
  onto: string,
  commit: string,
  message: string,
  time: number,
): Promise<MergedCommit> {
  const merged = await mergeTrees(at, onto, commit);
  if (merged.kind !== 'merged') return merged;
  const made = await commitTree(at, merged.tree, [onto, commit], message, time);
  return { kind: 'merged', commit: made, tree: merged.tree };
}
