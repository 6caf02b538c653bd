import type { Prepared } from '../../domain/workspace.ts';
import { bytesOf, compare, type RawChange } from './changes.ts';
import { contains } from './merge-tree.ts';
import { git, type At } from './run.ts';
import type { Desk } from './snapshot.ts';
import type { Standing } from './standing.ts';

/** What a commit is made of. */
export interface Ours {
  parent: string;
  parentTree: string;
  tree: string;
}

/**
 * Of everything that stands in the person's own checkout, only what the task changed: the paths that are different
 * since it began, and in which nothing of the person's was uncommitted then.
 */
export async function oursInPlace(
  { at, tip, parent: head }: Standing,
  { before, head: began, base }: Pick<Prepared, 'before' | 'head' | 'base'>,
  previous: string | null,
  everything: string,
  desk: Desk,
): Promise<Ours> {
  const start = before ?? began;
  // What the attempts before made is on the task's branch, and in the files of the checkout, but not in its HEAD.
  const onTop = tip !== null && (await contains(at, tip, head));
  const parent = onTop ? tip : head;
  const [changed, persons, unlike, earlier, parentTree] = await Promise.all([
    compare(at, start, everything),
    compare(at, began, start),
    previous === null ? null : compare(at, previous, start),
    onTop || previous === null ? [] : compare(at, base, previous),
    git(at, ['rev-parse', `${parent}^{tree}`]),
  ]);
  const pathsOf = (changes: readonly RawChange[]): Set<string> =>
    new Set(changes.map(({ path }) => path));
  const unlikeBefore = unlike === null ? null : pathsOf(unlike);
  const dirty = pathsOf(persons.filter(({ path }) => unlikeBefore?.has(path) ?? true));
  const ours = [...earlier, ...changed].filter(({ path }) => !dirty.has(path));
  if (ours.length === 0) return { parent, parentTree, tree: parentTree };
  return { parent, parentTree, tree: await treeWith(at, parent, ours, desk.index('index')) };
}

/** The tree of a commit in which some paths are as the changes left them. */
export async function treeWith(
  at: At,
  commit: string,
  changes: readonly Pick<RawChange, 'mode' | 'blob' | 'path'>[],
  index: string,
): Promise<string> {
  const mine = { ...at, index };
  await git(mine, ['read-tree', commit]);
  const lines = changes.map(({ mode, blob, path }) =>
    /^0+$/.test(mode) ? `0 ${'0'.repeat(blob.length)}\t${path}\0` : `${mode} ${blob}\t${path}\0`,
  );
  // What goes makes room for what comes.
  const input = bytesOf(
    lines.toSorted((a, b) => Number(b.startsWith('0 ')) - Number(a.startsWith('0 '))).join(''),
  );
  await git(mine, ['update-index', '--replace', '-z', '--index-info'], { input });
  return git(mine, ['write-tree']);
}
