import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { TendError } from '../../domain/errors.ts';
import type { Survey } from '../../ports/workspace.ts';
import { isCode } from './beside.ts';
import { gitDirOf } from './git-dir.ts';
import { yardOf } from './place.ts';
import { fields, git, gitResult, GitError, type At, type GitResult } from './run.ts';

/** What git complains about, in one line. */
export const complaintIn = (text: string): string =>
  (text.trim().split('\n')[0] ?? '').replace(/^(?:fatal|error): /, '');

const unsupported = (message: string, hint: string, cause?: unknown): TendError =>
  new TendError('unsupported', message, hint, cause);

const BROKEN = 'Look at it with `git status` and `git fsck`, or run the task without a work tree.';

/** Unknown options are printed as they are: paths may hold every character but NUL. */
const MARK = '--tend-next';
const QUESTIONS = [
  '--is-bare-repository',
  '--is-inside-git-dir',
  MARK,
  '--path-format=absolute',
  '--git-common-dir',
  MARK,
  '--git-dir',
  MARK,
  '--show-prefix',
];

/** What the repository around a folder shows; see the port. */
export async function survey(cwd: string): Promise<Survey | null> {
  const at: At = { cwd };
  const [about, head, symbolic] = await Promise.all([
    gitResult(at, ['rev-parse', ...QUESTIONS]),
    gitResult(at, ['rev-list', '--no-walk', 'HEAD', '--']),
    gitResult(at, ['symbolic-ref', '-q', 'HEAD']),
  ]).catch((error: unknown) => unusable(error, cwd));
  if (about === undefined) return null;
  if (about.code !== 0) return refused(cwd, about);
  const [flags = '', common = '', gitDir = '', prefix = ''] = about.stdout
    .toString()
    .split(`${MARK}\n`)
    .map((part) => part.replace(/\n$/, ''));
  const [bare, insideGitDir] = flags.split('\n').map((flag) => flag === 'true');
  if (bare !== true && insideGitDir === true)
    throw unsupported(
      `${cwd} is inside git's own folder ${gitDir}.`,
      'Name a folder of the checkout itself.',
    );
  const subfolder = prefix.replace(/\/$/, '');
  const here = fs.realpathSync(cwd);
  return {
    repository: fs.realpathSync(common),
    checkout: bare === true ? null : rootOf(here, subfolder),
    subfolder: bare === true ? '' : subfolder,
    head: headIn(head, common),
    branch: bare === true ? null : branchIn(symbolic),
    inProgress: bare === true ? null : inProgressIn(gitDir),
  };
}

const branchIn = ({ stdout }: GitResult): string | null =>
  /^refs\/heads\/(.+)\n$/.exec(stdout.toString())?.[1] ?? null;

const rootOf = (here: string, subfolder: string): string =>
  subfolder === '' ? here : here.slice(0, -subfolder.length - 1);

/** Either the folder is not there, which is no repository, or git is not. */
function unusable(error: unknown, cwd: string): [undefined, GitResult, GitResult] {
  const none: GitResult = { code: 128, stdout: Buffer.alloc(0), stderr: '' };
  if (!isCode(error, 'ENOENT', 'ENOTDIR', 'EACCES')) throw error;
  if (fs.statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true)
    return [undefined, none, none];
  if (!isCode(error, 'ENOENT')) throw error;
  throw unsupported(
    'git is not installed, or not in the PATH of the daemon.',
    'Install git 2.39 or later and restart the daemon, or run the task without a work tree.',
    error,
  );
}

/** Nothing above the folder is a repository: null. Else why git does not take what is there. */
function refused(cwd: string, { stderr }: GitResult): null {
  const found = gitAbove(fs.realpathSync(cwd));
  if (/dubious ownership/.test(stderr)) {
    const named = found === null ? cwd : dirname(found);
    throw unsupported(
      `git refuses to work in ${named}, because it belongs to another user.`,
      'Let its owner run the task. If you trust this one folder, add exactly its path to `safe.directory` in your git settings.',
    );
  }
  if (/not a git repository/i.test(stderr) && found === null) return null;
  throw unsupported(
    `git cannot read the repository ${found ?? `around ${cwd}`}: ${complaintIn(stderr)}`,
    BROKEN,
  );
}

/** Something that was a repository, or points to one; git itself passes over an empty folder of that name. */
const isMeant = (path: string): boolean =>
  fs.statSync(path, { throwIfNoEntry: false })?.isFile() === true ||
  fs.existsSync(join(path, 'objects'));

function gitAbove(folder: string): string | null {
  for (let at = folder; ; at = dirname(at)) {
    if (isMeant(join(at, '.git'))) return join(at, '.git');
    if (dirname(at) === at) return null;
  }
}

function headIn({ code, stdout, stderr }: GitResult, repository: string): string | null {
  if (code === 0) return stdout.toString().trim();
  // Not yet a commit: the branch that HEAD names is still to be born.
  if (/unknown revision|bad revision 'HEAD'/.test(stderr)) return null;
  throw unsupported(`The repository ${repository} is damaged: ${complaintIn(stderr)}`, BROKEN);
}

const GOING_ON = [
  ['MERGE_HEAD', 'a merge'],
  ['rebase-merge', 'a rebase'],
  ['rebase-apply', 'a rebase, or patches being applied'],
  ['CHERRY_PICK_HEAD', 'a cherry-pick'],
  ['REVERT_HEAD', 'a revert'],
  ['sequencer', 'a sequence of picks'],
  ['BISECT_LOG', 'a bisection'],
] as const;

/** What is going on in a work tree, by the folder that git keeps for it; null = nothing. */
export const inProgressIn = (gitDir: string): string | null =>
  GOING_ON.find(([name]) => fs.existsSync(join(gitDir, name)))?.[1] ?? null;

/**
 * Full id of the commit that a revision names; null = none. In a checkout, of which there may be several, `HEAD` is its
 * own.
 */
export async function commitOf(
  repositoryOrCheckout: string,
  revision: string,
): Promise<string | null> {
  if (revision === '' || revision.includes('\0')) return null;
  const cwd = repositoryOrCheckout;
  const at: At = { cwd, gitDir: gitDirOf(cwd) ?? cwd };
  const named = `${revision}^{commit}`;
  const args = ['rev-parse', '-q', '--verify', '--end-of-options', named];
  const { code, stdout } = await gitResult(at, args);
  const id = stdout.toString().trim();
  return code === 0 && /^[0-9a-f]{40,64}$/.test(id) ? id : null;
}

/** Every work tree that git knows of, with the branch that is checked out there. */
async function workTrees(repository: string): Promise<{ path: string; branch: string | null }[]> {
  const at: At = { cwd: repository, gitDir: repository };
  const listed = await git(at, ['worktree', 'list', '--porcelain', '-z']);
  return listed
    .split('\0\0')
    .map(fields)
    .flatMap((lines) => {
      const field = (name: string): string | null =>
        lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? null;
      const path = field('worktree');
      const branch = field('branch')?.replace(/^refs\/heads\//, '') ?? null;
      return path === null ? [] : [{ path, branch }];
    });
}

/** Throws TendError `invalid_input` for what is no name of a branch, `unsupported` for one that is checked out elsewhere. */
export async function checkBranch(repository: string, branch: string): Promise<void> {
  const at: At = { cwd: repository, gitDir: repository };
  const isName =
    !branch.startsWith('-') &&
    branch !== 'HEAD' &&
    !branch.includes('\0') &&
    (await gitResult(at, ['check-ref-format', `refs/heads/${branch}`])).code === 0;
  if (!isName)
    throw new TendError(
      'invalid_input',
      `${JSON.stringify(branch)} cannot be the name of a branch.`,
      'Letters, digits, `-`, `_` and `/` can; see `git check-ref-format`.',
    );
  const ours = join(yardOf('/', repository), branch);
  const elsewhere = (await workTrees(repository)).find(
    (tree) => tree.branch === branch && !tree.path.endsWith(ours),
  );
  if (elsewhere !== undefined)
    throw unsupported(
      `The branch ${branch} is checked out in ${elsewhere.path}.`,
      'Choose another branch, or check out something else there.',
    );
}

/** Most of a file that is read. */
const MOST = 1024 * 1024;

/** Contents of a file in a commit; null = there is none, or it has more than 1 MB. */
export async function file(
  repository: string,
  commit: string,
  path: string,
): Promise<string | null> {
  const at: At = { cwd: repository, gitDir: repository };
  const asked = ['cat-file', '-z', '--batch-check=%(objectname) %(objecttype) %(objectsize)'];
  const input = `${commit}:${path}\0`;
  const [id = '', type, size] = (await git(at, asked, { input })).split(' ');
  if (type !== 'blob' || Number(size) > MOST) return null;
  const args = ['cat-file', 'blob', id];
  const result = await gitResult(at, args);
  if (result.code !== 0) throw new GitError(args, result);
  return result.stdout.toString();
}
