import * as fs from 'node:fs';
import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { readSmall } from '../beside.ts';
import { type At, git, gitResult } from '../run.ts';
import { exists } from './manifest.ts';

/** A work tree as git knows it. */
export interface Registered {
  path: string;
  /** Short name. */
  branch: string | null;
  /** Why it is locked; null = it is not. */
  locked: string | null;
}

/** Git in the repository itself, whatever stands in its checkouts. */
export const inside = (repository: string): At => ({ cwd: repository, gitDir: repository });

/** Links resolved as far as the path exists. */
export async function resolved(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await resolved(parent), basename(path));
  }
}

/** Every work tree of a repository but its own checkout. */
export async function registered(repository: string): Promise<Registered[]> {
  const listed = await git(inside(repository), ['worktree', 'list', '--porcelain', '-z']);
  return listed.split('\0\0').flatMap((record, at) => {
    const lines = record.split('\0').filter((line) => line !== '');
    const field = (name: string): string | null =>
      lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? null;
    const path = field('worktree');
    if (path === null || at === 0) return [];
    return {
      path,
      branch: field('branch')?.replace(/^refs\/heads\//, '') ?? null,
      locked: lines.includes('locked') ? 'for no given reason' : field('locked'),
    };
  });
}

/** Null = git knows of no work tree there. */
async function registeredAt(repository: string, path: string): Promise<Registered | null> {
  const wanted = await resolved(path);
  return (await registered(repository)).find((one) => one.path === wanted) ?? null;
}

/** Git forgets a work tree whose folder is gone. */
export async function unregister(repository: string, path: string): Promise<void> {
  if (!exists(repository)) return;
  const known = await registeredAt(repository, path);
  if (known === null) return;
  await unlock(repository, known.path);
  await git(inside(repository), ['worktree', 'remove', '--', known.path]);
}

/** The folder in which git keeps index, HEAD and log of the work tree at `path`; null = there is none. */
export async function adminOf(repository: string, path: string): Promise<string | null> {
  const home = join(repository, 'worktrees');
  if (!exists(home)) return null;
  const wanted = join(await resolved(path), '.git');
  const admins = fs.readdirSync(home).map((name) => join(home, name));
  return admins.find((admin) => standsAt(admin) === wanted) ?? null;
}

function standsAt(admin: string): string | null {
  const named = readSmall(join(admin, 'gitdir'));
  return named === null ? null : resolve(admin, named.trimEnd());
}

/** Tells git that the work tree which stood at `from` stands at `to` now. False = git knows of none. */
export async function follow(repository: string, from: string, to: string): Promise<boolean> {
  const link = join(to, '.git');
  const admin = (await adminOf(repository, from)) ?? (await adminOf(repository, to));
  if (admin === null) return false;
  // Whoever worked there may have deleted it; what else may stand there is theirs.
  if (!exists(link)) fs.writeFileSync(link, `gitdir: ${admin}\n`);
  await gitResult(inside(repository), ['worktree', 'repair', '--', to]);
  return (await adminOf(repository, to)) !== null;
}

const OURS = 'tend: ';

/** Whether whoever locked it was one of us. */
export const isOurLock = (reason: string): boolean => reason.startsWith(OURS);

/** No clean-up of git's own touches what is in the trash. */
export async function lock(repository: string, path: string): Promise<void> {
  await unlock(repository, path);
  await git(inside(repository), [
    'worktree',
    'lock',
    '--reason',
    `${OURS}in the trash`,
    '--',
    path,
  ]);
}

/** A lock of somebody else stays. */
export async function unlock(repository: string, path: string): Promise<void> {
  const locked = (await registeredAt(repository, path))?.locked ?? null;
  if (locked !== null && isOurLock(locked))
    await gitResult(inside(repository), ['worktree', 'unlock', '--', path]);
}
