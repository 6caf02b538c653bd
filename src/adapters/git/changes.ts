import { join } from 'node:path';
import type { Change } from '../../domain/product.ts';
import type { ChangedPath, Workspaces } from '../../ports/workspace.ts';
import { git, gitChunks, gitResult, GitError, type At } from './run.ts';

/** A changed file as git tells it. Its path is bytes (latin1): no name of a file is too strange for it. */
export interface RawChange {
  path: string;
  kind: ChangedPath['kind'];
  /** Mode and blob afterwards; zeros = it is gone. */
  mode: string;
  blob: string;
  insertions: number | null;
  deletions: number | null;
}

/** Paths as git reads and writes them. */
export const bytesOf = (path: string): Buffer => Buffer.from(path, 'latin1');

/** A path for people: what is no UTF-8 is replaced. */
export const shownPath = (path: string): string => bytesOf(path).toString();

const inRepository = (repository: string): At => ({ cwd: repository, gitDir: repository });

/** Git reads the index for what it compares without it: a broken one must not matter. This one is never there. */
const withoutIndex = (at: At): At => ({ ...at, index: join(at.gitDir ?? at.cwd, 'tend-no-index') });

/** Changed files between two commits or trees, by path. A renamed file is gone and new. */
export async function compare(at: At, from: string, to: string): Promise<RawChange[]> {
  if (from === to) return [];
  const args = ['diff-tree', '-r', '-z', '--raw', '--numstat', '--no-abbrev', '--no-renames'];
  args.push('--no-ext-diff', '--no-textconv', '--ignore-submodules=none', from, to, '--');
  const result = await gitResult(withoutIndex(at), args);
  if (result.code !== 0) throw new GitError(args, result);
  return rawChanges(result.stdout.toString('latin1'));
}

/** First `:mode mode blob blob kind`, path for every file, then `insertions deletions path`. */
function rawChanges(output: string): RawChange[] {
  const parts = output.split('\0');
  const found = new Map<string, RawChange>();
  let next = 0;
  for (; parts[next]?.startsWith(':'); next += 2) {
    const [, mode = '', , blob = '', kind = ''] = (parts[next] ?? '').split(' ');
    const path = parts[next + 1] ?? '';
    found.set(path, { path, kind: kindOf(kind), mode, blob, insertions: null, deletions: null });
  }
  for (const line of parts.slice(next)) {
    const [insertions = '', deletions = '', ...path] = line.split('\t');
    const change = found.get(path.join('\t'));
    if (change === undefined || insertions === '-') continue;
    change.insertions = Number(insertions);
    change.deletions = Number(deletions);
  }
  return [...found.values()];
}

const kindOf = (letter: string): ChangedPath['kind'] =>
  letter === 'A' || letter === 'D' || letter === 'T' ? letter : 'M';

/** For people and rules. */
export const changedPaths = (changes: readonly RawChange[]): ChangedPath[] =>
  changes.map(({ path, kind, insertions, deletions }) => ({
    path: shownPath(path),
    kind,
    insertions,
    deletions,
  }));

/** Lines of binary files are not counted. */
export const sizeOf = (changes: readonly RawChange[], commits: number): Change => ({
  files: changes.length,
  insertions: changes.reduce((sum, { insertions }) => sum + (insertions ?? 0), 0),
  deletions: changes.reduce((sum, { deletions }) => sum + (deletions ?? 0), 0),
  commits,
});

/** Commits of `to` that are not in `from`. */
export const countCommits = async (at: At, from: string, to: string): Promise<number> =>
  from === to ? 0 : Number(await git(at, ['rev-list', '--count', to, `^${from}`, '--']));

/** Changed paths from one commit to another, with the size of the change. */
export const changes: Workspaces['changes'] = async (repository, from, to) => {
  const at = inRepository(repository);
  const [raw, commits] = await Promise.all([compare(at, from, to), countCommits(at, from, to)]);
  return { change: sizeOf(raw, commits), paths: changedPaths(raw) };
};

/** The change as a patch, of `paths` alone where some are given; ends early, without an error, when `signal` says so. */
export const diff: Workspaces['diff'] = async function* (
  repository,
  from,
  to,
  { paths, signal },
): AsyncIterable<string> {
  const args = ['--literal-pathspecs', 'diff-tree', '-r', '-p', '-M', '--no-color'];
  args.push('--no-ext-diff', '--no-textconv', '--ignore-submodules=none', from, to, '--', ...paths);
  // A letter of several bytes may lie in two chunks.
  const decoder = new TextDecoder();
  for await (const chunk of gitChunks(withoutIndex(inRepository(repository)), args, signal)) {
    const text = decoder.decode(chunk, { stream: true });
    if (text !== '') yield text;
  }
  const rest = decoder.decode();
  if (rest !== '') yield rest;
};
