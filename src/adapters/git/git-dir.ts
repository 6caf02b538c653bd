import * as fs from 'node:fs';
import { join, resolve } from 'node:path';
import { isCode, readSmall, unlinkSmall } from './beside.ts';

const POINTER = 'gitdir: ';

/** What git keeps for the work tree at `root`, by what stands there; null = it is no work tree. */
export function gitDirOf(root: string): string | null {
  const own = join(root, '.git');
  try {
    const text = readSmall(own);
    if (text?.startsWith(POINTER) !== true) return null;
    return resolve(root, text.slice(POINTER.length).replace(/\n$/, ''));
  } catch (error) {
    if (isCode(error, 'EISDIR')) return own;
    throw error;
  }
}

const OURS = 'tend: ';

/** Why nobody should take the work tree away, for whoever tries with git. */
export const reasonFor = (taskId: string): string => `${OURS}task ${taskId} works here`;

/** As `git worktree lock` does, where nobody has locked it. */
export function lockTree(gitDir: string, taskId: string): void {
  const file = join(gitDir, 'locked');
  if (!fs.existsSync(file)) fs.writeFileSync(file, reasonFor(taskId));
}

/** Undoes `lockTree`; a lock of somebody else stays. */
export function unlockTree(gitDir: string): void {
  const file = join(gitDir, 'locked');
  if (readSmall(file)?.startsWith(OURS) === true) unlinkSmall(file);
}
