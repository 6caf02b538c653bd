/** Which folder a memory is about, when only "here" is said. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { usage } from './failure.ts';

/** The main checkout of the repository around `folder`, links resolved; where there is none, the folder itself. */
export function projectFolder(folder: string): string {
  const start = realOf(folder);
  for (let here = start; ; here = dirname(here)) {
    const kind = statSync(join(here, '.git'), { throwIfNoEntry: false });
    if (kind?.isDirectory() === true) return here;
    if (kind?.isFile() === true) return mainOf(here) ?? here;
    if (here === dirname(here)) return start;
  }
}

function realOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    throw usage(`there is no folder ${folder}`, 'Check its name.');
  }
}

/** A work tree names the repository that it belongs to; null = it cannot be told. */
function mainOf(workTree: string): string | null {
  try {
    const [, own = ''] = /^gitdir: (.+)$/m.exec(readFileSync(join(workTree, '.git'), 'utf8')) ?? [];
    const gitDir = resolve(workTree, own);
    const common = resolve(gitDir, readFileSync(join(gitDir, 'commondir'), 'utf8').trim());
    return common.endsWith('/.git') ? realpathSync(dirname(common)) : null;
  } catch {
    return null;
  }
}
