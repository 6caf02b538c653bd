import { mergeCommits } from './merge-tree.ts';
import { Refused } from './refused.ts';
import { git, gitResult, GitError, type At } from './run.ts';

/** The merge of all of them, always the same commit. Throws Refused where they are in conflict. */
export async function mergeOf(at: At, starts: readonly string[]): Promise<string> {
  const [first = '', ...others] = starts;
  if (others.length === 0) return first;
  const times = await git(at, ['show', '-s', '--no-show-signature', '--format=%ct', ...starts]);
  const time = Math.max(...times.split('\n').map(Number)) * 1000;
  let onto = first;
  for (const commit of others) {
    const message = `Merge ${commit.slice(0, 12)} into ${onto.slice(0, 12)}\n`;
    const merged = await mergeCommits(at, onto, commit, message, time);
    if (merged.kind === 'conflict')
      throw new Refused(
        `The work of ${commit.slice(0, 12)} conflicts with that of ${onto.slice(0, 12)} in ${namesOf(merged)}.`,
      );
    if (merged.kind === 'merged') onto = merged.commit;
  }
  return onto;
}

const MOST_NAMES = 5;

function namesOf({ paths, message }: { paths: readonly string[]; message: string }): string {
  if (paths.length === 0) return message;
  const more = paths.length - MOST_NAMES;
  return [...paths.slice(0, MOST_NAMES), ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

/** The last commit that both have; null = they have none. */
export async function commonOf(at: At, one: string, other: string): Promise<string | null> {
  const args = ['merge-base', '--end-of-options', one, other];
  const result = await gitResult(at, args);
  if (result.code > 1) throw new GitError(args, result);
  return result.code === 0 ? result.stdout.toString().trim() : null;
}

/** Commit of a local branch; null = there is none. */
export async function tipOf(at: At, branch: string): Promise<string | null> {
  const { code, stdout } = await gitResult(at, [
    'rev-parse',
    '-q',
    '--verify',
    `refs/heads/${branch}^{commit}`,
  ]);
  return code === 0 ? stdout.toString().trim() : null;
}
