import * as fs from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** A `.git` that is a file, and a `commondir`, hold one line. */
const LONGEST = 4_096;

/**
 * The folders in which git keeps what it knows of the work tree around `cwd`: its `.git`, or for a linked work tree
 * its own folder and the common one. Read, not asked of git: a launch should not cost another process.
 */
export function gitFoldersAround(cwd: string): readonly string[] {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const found = fs.statSync(join(folder, '.git'), { throwIfNoEntry: false });
    if (found?.isDirectory() === true) return [join(folder, '.git')];
    if (found?.isFile() === true) return linked(folder);
    if (folder === dirname(folder)) return [];
  }
}

function linked(folder: string): readonly string[] {
  const [, path] = /^gitdir: (.+)$/m.exec(lineIn(join(folder, '.git')) ?? '') ?? [];
  if (path === undefined) return [];
  const own = resolve(folder, path);
  const common = lineIn(join(own, 'commondir'));
  return common === null ? [own] : [resolve(own, common), own];
}

function lineIn(path: string): string | null {
  const found = fs.statSync(path, { throwIfNoEntry: false });
  if (found?.isFile() !== true || found.size > LONGEST) return null;
  return fs.readFileSync(path, 'utf8').trim();
}
