import type { TaskId } from '../../../domain/task.ts';
import { type At, git, gitResult } from '../run.ts';
import { inside } from './registration.ts';

const ATTEMPTS = 'refs/tend/attempts';
/** What repositories within a work tree held. */
const NESTED = 'refs/tend/nested';
const REMOVED = 'refs/tend/removed';
/** For a ref that must not be there yet. */
const NONE = '';

/** Full id of a commit; null = there is none. */
export async function commitAt(at: At, revision: string): Promise<string | null> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`];
  const { code, stdout } = await gitResult(at, args);
  return code === 0 ? stdout.toString().trim() : null;
}

interface Ref {
  name: string;
  commit: string;
}

async function refsBelow(repository: string, ...prefixes: readonly string[]): Promise<Ref[]> {
  const args = ['for-each-ref', '--format=%(refname) %(objectname)', '--', ...prefixes];
  const listed = await git(inside(repository), args);
  return listed
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' '))
    .map(([name = '', commit = '']) => ({ name, commit }));
}

/** The names under which a later task of the same id would keep its own work. */
const namedNow = (repository: string, taskId: TaskId): Promise<Ref[]> =>
  refsBelow(repository, `${ATTEMPTS}/${taskId}/`, `${NESTED}/${taskId}/`);

/** Commits of the task's own work. */
async function worksOf(repository: string, taskId: TaskId): Promise<Ref[]> {
  const found = await refsBelow(repository, `${ATTEMPTS}/${taskId}/`, `${REMOVED}/${taskId}/`);
  return found.filter(({ name }) => !name.startsWith(`${REMOVED}/${taskId}/nested/`));
}

/** Whether one of our own refs keeps a commit, whatever becomes of every branch. */
async function isKept(repository: string, commit: string): Promise<boolean> {
  const args = ['for-each-ref', '--count=1', '--format=x', `--contains=${commit}`, 'refs/tend/'];
  return (await git(inside(repository), args)) !== '';
}

/** Trees of everything that is saved of a task. */
async function savedTrees(repository: string, taskId: TaskId): Promise<Set<string>> {
  const commits = (await worksOf(repository, taskId)).map(({ commit }) => commit);
  if (commits.length === 0) return new Set();
  const show = (what: string, of: readonly string[]): Promise<string> =>
    git(inside(repository), ['log', '--no-walk=unsorted', `--format=${what}`, '--stdin'], {
      input: `${of.join('\n')}\n`,
    });
  const words = async (what: string, of: readonly string[]): Promise<string[]> =>
    of.length === 0 ? [] : (await show(what, of)).split(/\s+/).filter((word) => word !== '');
  // A snapshot with ignored files has the commit of the work itself as its parent.
  const parents = await words('%P', commits);
  return new Set([...(await words('%T', commits)), ...(await words('%T', parents))]);
}

/** What must be kept of a work tree. */
interface Standing {
  tree: string;
  staged?: string | null;
  head: string | null;
}

/** Keeps a commit of what stands in a work tree now, unless something that is saved of the task has all of it. */
export async function keepAll(
  repository: string,
  { taskId, number }: { taskId: TaskId; number: number },
  standing: Standing,
  at: number,
): Promise<void> {
  if (await keepsAll(repository, taskId, standing)) return;
  const { tree, staged = null, head } = standing;
  const date = `${Math.floor(at / 1_000)} +0000`;
  const env = { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
  const commitOf = (of: string, parents: readonly string[], what: string): Promise<string> => {
    const args = ['commit-tree', of, ...parents.flatMap((one) => ['-p', one])];
    const message = `${what} the work tree of ${taskId} when it was taken away`;
    return git(inside(repository), [...args, '-m', message], { env });
  };
  const parents = head === null ? [] : [head];
  if (staged !== null && staged !== tree)
    parents.push(await commitOf(staged, [], 'What was staged in'));
  const commit = await commitOf(tree, parents, 'What stood in');
  const ref = `${ATTEMPTS}/${taskId}/${number}.late-${commit.slice(0, 12)}`;
  await git(inside(repository), ['update-ref', ref, commit]);
}

/** Whether our own refs keep all of it. */
export async function keepsAll(
  repository: string,
  taskId: TaskId,
  { tree, staged = null, head }: Standing,
): Promise<boolean> {
  const trees = await savedTrees(repository, taskId);
  if (!trees.has(tree) || (head !== null && !(await isKept(repository, head)))) return false;
  if (staged === null || trees.has(staged)) return true;
  const args = ['rev-parse', '--verify', '-q', `${head}^{tree}`];
  return head !== null && (await git(inside(repository), args)) === staged;
}

/** The same commits under names that follow from them: no later task of the same id takes those. */
export async function archive(repository: string, taskId: TaskId): Promise<void> {
  const found = await namedNow(repository, taskId);
  await change(
    repository,
    found.map((ref) => `update ${archived(taskId, ref)} ${ref.commit}\n`),
  );
}

function archived(taskId: TaskId, { name, commit }: Ref): string {
  const own = name.startsWith(`${ATTEMPTS}/`)
    ? name.slice(`${ATTEMPTS}/${taskId}/`.length)
    : `nested/${name.slice(`${NESTED}/${taskId}/`.length)}`;
  return `${REMOVED}/${taskId}/${own}-${commit.slice(0, 12)}`;
}

/** The names under which a task's work is kept go, as far as the same commits have others. */
export async function retire(repository: string, taskId: TaskId): Promise<void> {
  const others = await refsBelow(repository, `${REMOVED}/${taskId}/`);
  const known = new Map(others.map(({ name, commit }) => [name, commit]));
  const lines = (await namedNow(repository, taskId))
    .filter((ref) => known.get(archived(taskId, ref)) === ref.commit)
    .map(({ name, commit }) => `delete ${name} ${commit}\n`);
  await change(repository, lines);
}

/**
 * Refs of a removed task go whose every commit is in what the person's checkout is on, a tag or a remote branch: merged
 * work. Any other branch may be the agent's own, and be gone tomorrow.
 */
export async function dropMerged(repository: string, taskId: TaskId): Promise<void> {
  const at = inside(repository);
  const own = (await gitResult(at, ['symbolic-ref', '-q', 'HEAD'])).stdout.toString().trim();
  const places = ['refs/remotes/', 'refs/tags/', ...(isOurs(own) ? [] : [own])];
  const lines: string[] = [];
  for (const { name, commit } of await worksOf(repository, taskId)) {
    if (!name.startsWith(`${REMOVED}/`)) continue;
    const args = ['for-each-ref', '--count=1', '--format=x', `--contains=${commit}`, ...places];
    if ((await git(at, args)) !== '') lines.push(`delete ${name} ${commit}\n`);
  }
  await change(repository, lines);
}

const isOurs = (ref: string): boolean => ref === '' || ref.startsWith('refs/heads/tend/');

/** All of them or none; each deletion only of what was seen. */
async function change(repository: string, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  await git(inside(repository), ['update-ref', '--stdin'], { input: lines.join('') });
}

/** The branch comes back where it was, unless it is there. */
export async function recreate(repository: string, branch: string, tip: string): Promise<void> {
  const ref = `refs/heads/${branch}`;
  if ((await commitAt(inside(repository), ref)) !== null) return;
  await git(inside(repository), ['update-ref', '--no-deref', ref, tip, NONE]);
}

/** A branch of ours goes when one of our refs keeps all of it, and it is still where it was seen. */
export async function dropBranch(repository: string, branch: string, tip: string): Promise<void> {
  if (!(await isKept(repository, tip))) return;
  await gitResult(inside(repository), [
    'update-ref',
    '--no-deref',
    '-d',
    `refs/heads/${branch}`,
    tip,
  ]);
}
