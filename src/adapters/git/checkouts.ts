import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { copyFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gitDirOf } from './git-dir.ts';
import { inProgressIn } from './survey.ts';
import { type At, fields, git, gitResult, type GitResult } from './run.ts';

/** A work tree of the person's in which a branch is checked out. */
export interface Checkout {
  path: string;
  gitDir: string;
  /** What is going on there, such as `a merge`; null = nothing. */
  inProgress: string | null;
}

/** Why a checkout cannot be brought along. */
export interface Obstacle {
  paths: readonly string[];
  message: string;
}

const REBASING = ['rebase-merge/head-name', 'rebase-apply/head-name'];

/** Paths that are as they are to be already: the index is to be told of them first. */
export interface Way {
  takeOver: readonly string[];
}

/** Most that is named of what is in the way. */
const MOST_PATHS = 20;
/** Somebody else's git is waited for this often, this long each time (ms). */
const TRIES = 20;
const PAUSE = 100;

const at = ({ path, gitDir }: Checkout): At => ({ cwd: path, gitDir, workTree: path });

/** Paths as git tells them, each byte a character: they may be no UTF-8. */
const bytesOf = (stdout: Buffer): string[] => fields(stdout.toString('latin1'));
const shown = (path: string): string => Buffer.from(path, 'latin1').toString();

/** Every work tree of a repository in which the branch is checked out, or is being rebased. */
export async function checkoutsOf(repository: string, branch: string): Promise<Checkout[]> {
  const name = `refs/heads/${branch}`;
  const listed = await git({ cwd: repository, gitDir: repository }, [
    'worktree',
    'list',
    '--porcelain',
    '-z',
  ]);
  return listed.split('\0\0').flatMap((one) => {
    const lines = one.split('\0').filter((line) => line !== '');
    const path = /^worktree (.*)$/s.exec(lines[0] ?? '')?.[1];
    if (path === undefined || lines.includes('bare')) return [];
    const gitDir = gitDirOf(path);
    if (gitDir === null) return [];
    const isRebased = REBASING.some((file) => textOf(join(gitDir, file)) === name);
    if (!lines.includes(`branch ${name}`) && !isRebased) return [];
    return [{ path, gitDir, inProgress: inProgressIn(gitDir) }];
  });
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}

/**
 * How the checkout, which stands at `from`, can be brought to `to`, or why it cannot: only when nothing is lost by it. What
 * stands there just as in `to` already, changed by a task in place or by a run that was cut off, is no obstacle.
 */
export async function wayFor(
  checkout: Checkout,
  from: string,
  to: string,
): Promise<Way | Obstacle> {
  const { path, inProgress } = checkout;
  if (inProgress !== null) return { paths: [], message: `${inProgress} is in progress in ${path}` };
  if (!(await isFree(checkout)))
    return { paths: [], message: `another git command is at work in ${path}` };
  const [changed, staged, untracked] = await Promise.all([
    // What is checked out in submodules is never touched, and git leaves it behind itself.
    changedPaths(at(checkout), ['--ignore-submodules=all', from]),
    changedPaths(at(checkout), ['--cached', from]),
    inTheWay(checkout, from, to),
  ]);
  const takeOver = [...new Set([...changed, ...staged, ...untracked])];
  const { unlike, refusal } = await triedIn(checkout, from, to, takeOver);
  // What is only staged is lost where the index is to be told of something else.
  const gone = staged.length === 0 ? [] : await changedPaths(at(checkout), ['--cached', to]);
  const dirty = [...changed, ...staged].filter((one) => unlike.has(one));
  const lost = new Set([...dirty, ...staged.filter((one) => gone.includes(one))]);
  if (lost.size > 0) return named([...lost], `${path} has changes that are not committed`);
  const blocked = untracked.filter((one) => unlike.has(one));
  if (blocked.length > 0)
    return named(blocked, `${path} has files in the way that git does not track`);
  return refusal === null ? { takeOver } : { paths: [], message: `${path}: ${refusal}` };
}

const named = (paths: readonly string[], message: string): Obstacle => ({
  paths: paths.slice(0, MOST_PATHS).map(shown),
  message,
});

async function isFree({ gitDir }: Checkout): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries++) {
    if (!existsSync(join(gitDir, 'index.lock'))) return true;
    await pause(PAUSE);
  }
  return false;
}

const DIFF = ['diff', '--name-only', '-z', '--no-renames', '--no-ext-diff', '--no-textconv'];

/** Tracked paths that are otherwise than in a commit: in the folder, or in the index alone. */
const changedPaths = async (where: At, what: readonly string[]): Promise<string[]> =>
  bytesOf(await output(where, [...DIFF, ...what, '--']));

async function output(where: At, args: readonly string[]): Promise<Buffer> {
  const { code, stdout, stderr } = await gitResult(where, args);
  if (code !== 0) throw new Error(`git ${args[0] ?? ''} ended with ${code}: ${stderr.trim()}`);
  return stdout;
}

/** Paths that `to` adds and that stand there already, ignored ones, too: git would overwrite those. */
async function inTheWay(checkout: Checkout, from: string, to: string): Promise<string[]> {
  const args = [
    'diff-tree',
    '-r',
    '-z',
    '--name-only',
    '--no-renames',
    '--diff-filter=A',
    from,
    to,
  ];
  const added = bytesOf(await output(at(checkout), args));
  if (added.length === 0) return [];
  const tracked = new Set(bytesOf(await output(at(checkout), ['ls-files', '-z'])));
  const blocked: string[] = [];
  for (const path of added) if (await isBlocked(checkout, path, tracked)) blocked.push(path);
  return blocked;
}

/** Something that git does not track stands at the path, below it, or in the place of a folder above it. */
async function isBlocked(
  checkout: Checkout,
  path: string,
  tracked: ReadonlySet<string>,
): Promise<boolean> {
  const parts = path.split('/');
  for (let depth = 1; depth <= parts.length; depth++) {
    const part = parts.slice(0, depth).join('/');
    const kind = kindOf(checkout.path, part);
    if (kind === 'none' || tracked.has(part)) return false;
    if (kind === 'other') return true;
  }
  // Without the rules of what is ignored: such files are nobody's to lose.
  const below = await output(at(checkout), [
    '--literal-pathspecs',
    'ls-files',
    '-z',
    '--others',
    '--',
    shown(path),
  ]);
  return below.length > 0;
}

function kindOf(root: string, path: string): 'none' | 'folder' | 'other' {
  const whole = Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, 'latin1')]);
  const found = lstatSync(whole, { throwIfNoEntry: false });
  if (found === undefined) return 'none';
  return found.isDirectory() ? 'folder' : 'other';
}

async function readTree(where: At, from: string, to: string, dryRun: boolean): Promise<GitResult> {
  // What was only touched is no change; what does need an update is told of by what follows.
  await gitResult(where, ['update-index', '-q', '--refresh']);
  const how = ['-m', '-u', '--no-recurse-submodules', ...(dryRun ? ['-n'] : [])];
  return gitResult(where, ['read-tree', ...how, from, to]);
}

/** Tells the index of these files as they stand in the folder. */
async function told(where: At, paths: readonly string[]): Promise<boolean> {
  if (paths.length === 0) return true;
  const input = Buffer.from(paths.map((path) => `${path}\0`).join(''), 'latin1');
  const args = ['update-index', '--add', '--remove', '-z', '--stdin'];
  return (await gitResult(where, args, { input })).code === 0;
}

/** With its age: by that git knows which files may have changed in the very second in which the index was written. */
async function copied(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  const seconds = Math.floor((await stat(from)).mtimeMs / 1000);
  await utimes(to, seconds, seconds);
}

/** Which of the paths stand otherwise than in `to`, and whether git would do it: tried with a copy of the index. */
async function triedIn(
  checkout: Checkout,
  from: string,
  to: string,
  paths: readonly string[],
): Promise<{ unlike: ReadonlySet<string>; refusal: string | null }> {
  const index = join(checkout.gitDir, 'tend-index');
  const copy = { ...at(checkout), index };
  try {
    await copied(join(checkout.gitDir, 'index'), index);
    if (!(await told(copy, paths))) return { unlike: new Set(paths), refusal: null };
    const unlike = paths.length === 0 ? [] : await changedPaths(copy, ['--cached', to]);
    const { code, stderr } = await readTree(copy, from, to, true);
    return { unlike: new Set(unlike), refusal: code === 0 ? null : stderr.trim() };
  } finally {
    await rm(index, { force: true });
  }
}

/** Brings the files of a checkout along, once its branch is at `to`. False = somebody has changed it meanwhile: it is left as it is. */
export async function follow(
  checkout: Checkout,
  from: string,
  to: string,
  { takeOver }: Way,
): Promise<boolean> {
  if (!(await told(at(checkout), takeOver))) return false;
  return (await readTree(at(checkout), from, to, false)).code === 0;
}

/** The same of one that was interrupted, or perhaps done already. */
export async function followUp(checkout: Checkout, from: string, to: string): Promise<boolean> {
  if ((await changedPaths(at(checkout), ['--cached', to])).length === 0) return true;
  const way = await wayFor(checkout, from, to);
  return 'takeOver' in way && follow(checkout, from, to, way);
}
