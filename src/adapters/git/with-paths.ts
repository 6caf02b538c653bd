import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Workspaces } from '../../ports/workspace.ts';
import { compare, shownPath } from './changes.ts';
import { treeWith } from './ours-in-place.ts';
import { commitTree } from './merge-tree.ts';
import { git } from './run.ts';

/** A commit like `commit` whose `paths` are as in `base`; kept under a ref of its own. Full id. */
export const withPathsOf: Workspaces['withPathsOf'] = async (
  repository,
  ref,
  commit,
  base,
  paths,
  at,
) => {
  const where = { cwd: repository, gitDir: repository };
  const wanted = new Set(paths);
  const back = (await compare(where, commit, base)).filter(({ path }) =>
    wanted.has(shownPath(path)),
  );
  const index = join(tmpdir(), `tend-${randomUUID()}.index`);
  try {
    const tree = await treeWith(where, commit, back, index);
    const made = await commitTree(where, tree, [commit], 'Checks as they were before\n', at);
    await git(where, ['update-ref', ref, made]);
    return made;
  } finally {
    for (const file of [index, `${index}.lock`]) fs.rmSync(file, { force: true });
  }
};
