import { fields, git, gitResult } from './run.ts';

/** Most names that are told. */
const MOST = 1_000;

/** Short names of the local branches, those that were used last first. */
export async function branches(repository: string): Promise<string[]> {
  const names = await git({ cwd: repository, gitDir: repository }, [
    'for-each-ref',
    '--sort=-committerdate',
    `--count=${MOST}`,
    '--format=%(refname:short)',
    'refs/heads/',
  ]);
  return names.split('\n').filter((name) => name !== '');
}

/** Names in a folder of a commit; null = there is no such folder. */
export async function namesIn(
  repository: string,
  commit: string,
  folder: string,
): Promise<string[] | null> {
  const at = { cwd: repository, gitDir: repository };
  const tree = `${commit}:${folder}`;
  const { code, stdout } = await gitResult(at, ['ls-tree', '-z', '--name-only', tree]);
  return code === 0 ? fields(stdout.toString()) : null;
}
