import * as fs from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { attemptRefOf, type Place } from '../../domain/workspace.ts';
import type { SaveRequest } from '../../ports/workspace.ts';
import { readSmall } from './beside.ts';
import { git, gitResult, GitError, type At } from './run.ts';

/** How an attempt left its work tree, before anything is done about it. */
export interface Standing {
  /** Runs git in the work tree, whatever became of its `.git`; in the repository when the folder is gone. */
  at: At;
  /** Whether the folder is there. */
  there: boolean;
  /** Git's folder of the work tree; null = it is gone or cannot be used. */
  own: string | null;
  /** Commit that new work goes on top of. */
  parent: string;
  parentTree: string;
  /** Full name of the branch that is checked out; null = none is. */
  symbolic: string | null;
  /** Commit of the task's branch; null = there is no such branch. */
  tip: string | null;
  /** What this attempt was saved as before. */
  kept: string | null;
  /** A merge, rebase or the like is going on. */
  underWay: boolean;
  /** Commits that somebody may want, and that no branch need hold. */
  loose: readonly string[];
}

export const branchRefOf = ({ branch }: Pick<Place, 'branch'>): string | null =>
  branch === null ? null : `refs/heads/${branch}`;

/** How the work tree stands; or why nothing can be kept, now and later. */
export async function standingOf(
  place: Place,
  request: SaveRequest,
): Promise<Standing | { refusal: string }> {
  const { repository, path } = place;
  if (!fs.existsSync(join(repository, 'objects')))
    return { refusal: `The repository ${repository} is gone.` };
  const there = fs.lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const own = ownFolderOf(place);
  const known = own === null ? null : await lookUp(place, request, own, there);
  const seen = known ?? (await lookUp(place, request, null, there));
  if (seen === null) return { refusal: `${repository} is no repository that git can read.` };
  const { base, head, tip, previous, began } = seen.ids;
  if (base === null)
    return { refusal: `Commit ${request.prepared.base}, from which the work started, is gone.` };
  const parent = head ?? tip ?? previous ?? began ?? base;
  const at = seen.at;
  return {
    at,
    there,
    own: seen.own,
    parent,
    parentTree:
      (parent === head && seen.ids.headTree) || (await git(at, ['rev-parse', `${parent}^{tree}`])),
    symbolic: seen.own === null ? branchRefOf(place) : seen.symbolic,
    tip,
    kept: seen.ids.kept,
    ...(seen.own === null
      ? { underWay: false, loose: [] }
      : unfinishedIn(seen.own, place, request.prepared.at)),
  };
}

interface Seen {
  at: At;
  own: string | null;
  symbolic: string | null;
  ids: Record<'head' | 'headTree' | 'tip' | 'kept' | 'base' | 'began' | 'previous', string | null>;
}

/** Null = git cannot use that folder. */
async function lookUp(
  place: Place,
  { prepared, previous }: SaveRequest,
  own: string | null,
  there: boolean,
): Promise<Seen | null> {
  const { repository, path, taskId, number } = place;
  const at: At = {
    cwd: there ? path : repository,
    gitDir: own ?? repository,
    ...(there && { workTree: path }),
  };
  // Without a folder of its own, HEAD would be that of somebody else.
  const head = own === null ? 'refs/tend/none' : 'HEAD';
  const names = {
    head,
    headTree: `${head}^{tree}`,
    tip: branchRefOf(place) ?? 'refs/tend/none',
    kept: attemptRefOf(taskId, number),
    base: prepared.base,
    began: prepared.head,
    previous: previous ?? prepared.base,
  };
  const args = ['cat-file', '--batch-check'];
  const [found, symbolic] = await Promise.all([
    gitResult(at, args, { input: `${Object.values(names).join('\n')}\n` }),
    own === null ? null : symbolicIn(at, own),
  ]);
  if (found.code !== 0) {
    if (/not a git repository|bad config|unknown repository/i.test(found.stderr)) return null;
    throw new GitError(args, found);
  }
  const lines = found.stdout.toString().split('\n');
  const ids = Object.fromEntries(
    Object.keys(names).map((name, nth) => [
      name,
      /^([0-9a-f]{40,}) (?:commit|tree) \d+$/.exec(lines[nth] ?? '')?.[1] ?? null,
    ]),
  ) as Seen['ids'];
  return { at, own, symbolic, ids };
}

/** What HEAD names, if it is a branch. */
async function symbolicIn(at: At, own: string): Promise<string | null> {
  const told = readSmall(join(own, 'HEAD'))?.trim();
  if (told !== undefined && /^[0-9a-f]{40,}$/.test(told)) return null;
  const named = /^ref: (\S+)$/.exec(told ?? '')?.[1];
  // Where refs are not files, the file says so with a name that cannot be.
  if (named !== undefined && !named.includes('/.')) return named;
  const { code, stdout } = await gitResult(at, ['symbolic-ref', '-q', 'HEAD']);
  return code === 0 ? stdout.toString().trim() : null;
}

/**
 * Git's folder of a work tree, as the repository has it: what stands in the work tree itself was in the hands of
 * whoever worked there.
 */
function ownFolderOf({ path, repository, kind }: Place): string | null {
  const link = join(path, '.git');
  if (link === repository) return repository;
  const links = new Set([link, join(realOf(path), '.git')]);
  for (const folder of foldersIn(join(repository, 'worktrees'))) {
    const back = readSmall(join(folder, 'gitdir'))?.replace(/\n$/, '');
    if (back !== undefined && links.has(resolve(folder, back))) return folder;
  }
  if (kind !== 'in_place') return null;
  const told = gitFileIn(link);
  return told !== null && realOf(told) === repository ? repository : null;
}

/** The folder that a `.git` file leads to; null = it is none. */
export function gitFileIn(link: string): string | null {
  if (fs.lstatSync(link, { throwIfNoEntry: false })?.isFile() !== true) return null;
  const told = /^gitdir: (.*)\n*$/.exec(readSmall(link) ?? '')?.[1];
  return told === undefined ? null : resolve(dirname(link), told);
}

function foldersIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
}

export function realOf(path: string): string {
  try {
    return fs.realpathSync(path);
  } catch {
    return path;
  }
}

const UNDER_WAY = ['MERGE_HEAD', 'CHERRY_PICK_HEAD', 'REVERT_HEAD'];
const UNDER_WAY_FOLDERS = ['rebase-merge', 'rebase-apply', 'sequencer'];
const NAMING = [
  ...UNDER_WAY,
  'MERGE_AUTOSTASH',
  ...UNDER_WAY_FOLDERS.flatMap((folder) => [`${folder}/orig-head`, `${folder}/autostash`]),
];

/** What is going on, with every commit that it names and every one that HEAD was at. */
function unfinishedIn(
  own: string,
  { kind }: Place,
  since: number,
): Pick<Standing, 'underWay' | 'loose'> {
  const named = NAMING.flatMap((name) => readSmall(join(own, name))?.split('\n') ?? []);
  // A work tree's log is all about the task; a person's goes back for years.
  const from = kind === 'in_place' ? Math.floor(since / 1000) : 0;
  const logged = (readSmall(join(own, 'logs', 'HEAD')) ?? '').split('\n').flatMap((line) => {
    const [, before = '', after = '', time = ''] = /^(\S+) (\S+) [^\t]*> (\d+) /.exec(line) ?? [];
    return Number(time) >= from ? [before, after] : [];
  });
  return {
    underWay: [...UNDER_WAY, ...UNDER_WAY_FOLDERS].some((name) => fs.existsSync(join(own, name))),
    loose: [...new Set([...named, ...logged])].filter(
      (id) => /^[0-9a-f]{40,}$/.test(id) && !/^0+$/.test(id),
    ),
  };
}
