import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { type At, fields, git, GitError, gitResult } from '../run.ts';

/** What stands in a work tree. */
export interface Content {
  /** Of everything but ignored files. */
  tree: string;
  /** Of what its own index holds; null = that cannot be read, or holds conflicts. */
  staged: string | null;
  /** Repositories in it, of which the tree holds no history, and not every file. */
  nested: string[];
}

/**
 * Puts everything that stands in a work tree into the object store, through an index of its own in `scratch`: whatever
 * its own index says or hides does not count. Throws GitError where that cannot be done.
 */
export async function contentOf(
  scratch: string,
  gitDir: string,
  workTree: string,
  head: string | null,
): Promise<Content> {
  const index = join(scratch, `.index-${randomUUID()}`);
  const at: At = { cwd: workTree, gitDir, workTree, index };
  try {
    if (head !== null) await git(at, ['read-tree', head]);
    const nested = [...(await add(at)), ...(await links(at))];
    const tree = await git(at, ['write-tree']);
    return { tree, nested, staged: await stagedIn({ ...at, index: `${index}.own` }, gitDir) };
  } finally {
    for (const file of [index, `${index}.own`])
      for (const left of [file, `${file}.lock`]) fs.rmSync(left, { force: true });
  }
}

/** From a copy: nothing of git's own is written to. The index of the repository itself is the person's. */
async function stagedIn(at: At, gitDir: string): Promise<string | null> {
  const own = join(gitDir, 'index');
  if (at.index === undefined || !fs.existsSync(join(gitDir, 'commondir'))) return null;
  if (!fs.existsSync(own)) return null;
  fs.copyFileSync(own, at.index);
  const { code, stdout } = await gitResult(at, ['write-tree']);
  return code === 0 ? stdout.toString().trim() : null;
}

/** Stages everything; answers the repositories that it had to leave out. */
async function add(at: At): Promise<string[]> {
  const args = ['-c', 'advice.addEmbeddedRepo=false', 'add', '-A', '--ignore-errors', '--', '.'];
  const added = await gitResult(at, args);
  if (added.code === 0) return [];
  const left = ['ls-files', '-z', '--others', '--modified', '--exclude-standard'];
  const out = fields(await git(at, left));
  // What has no commit yet cannot even be named; anything else must not be left out.
  if (out.length === 0 || !out.every((path) => path.endsWith('/'))) throw new GitError(args, added);
  return out;
}

async function links(at: At): Promise<string[]> {
  return fields(await git(at, ['ls-files', '-z', '--stage']))
    .filter((line) => line.startsWith('160000 '))
    .map((line) => line.slice(line.indexOf('\t') + 1))
    .filter((path) => fs.existsSync(join(at.cwd, path, '.git')));
}
