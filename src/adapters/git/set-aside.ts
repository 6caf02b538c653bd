import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';
import type { Place } from '../../domain/workspace.ts';
import { unlockTree } from './git-dir.ts';
import { gitResult, GitError } from './run.ts';
import { contentOf } from './trash/content.ts';
import { commitAt, keepAll } from './trash/kept.ts';
import { take } from './trash/moving.ts';

/**
 * Moves what stands at a place, and is no work tree that can be used, into the trash; its content is kept like that of
 * any other. `gitDir` is what git keeps for it; null = nothing.
 */
export async function setAside(
  state: string,
  place: Place,
  gitDir: string | null,
  now: number,
): Promise<void> {
  const { repository, path, taskId } = place;
  const home = join(state, 'trash');
  fs.mkdirSync(home, { recursive: true, mode: 0o700 });
  if (gitDir !== null) unlockTree(gitDir);
  const at = { cwd: repository, gitDir: gitDir ?? repository };
  const tip = gitDir === null ? null : await commitAt(at, 'HEAD');
  const symbolic = await gitResult(at, ['symbolic-ref', '-q', 'HEAD']);
  try {
    const { tree } = await contentOf(home, at.gitDir, path, tip);
    await keepAll(repository, place, { tree, head: tip }, now);
  } catch (error) {
    // What cannot be read as a work tree is kept as the folder that it is.
    if (!(error instanceof GitError)) throw error;
  }
  await take({
    version: 1,
    phase: 'putting',
    taskId,
    at: now,
    repository,
    path,
    // The branch stays where it is, for the work tree that takes this one's place.
    branch: null,
    branchTip: null,
    tip,
    onBranch: gitDir !== null && symbolic.code === 0,
    folder: join(home, `unfinished-${taskId}-${randomUUID()}`),
  });
}
