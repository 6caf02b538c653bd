import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { bytesOf, shownPath } from './changes.ts';
import {
  absolute,
  drop,
  entriesOf,
  exists,
  isGitlink,
  put,
  statOf,
  type Entry,
} from './entries.ts';
import { commitTree } from './merge-tree.ts';
import { fields, git, gitResult, GitError, type At, type GitResult } from './run.ts';
import { everythingIn, withoutFilters, type Desk, type Taking } from './snapshot.ts';
import { gitFileIn, realOf } from './standing.ts';

/** What nested repositories are kept for. */
export interface Keeping {
  desk: Desk;
  /** Common folder of the repository around them. */
  repository: string;
  /** Root of the work tree. */
  root: string;
  /** Git's folder of the work tree; null = it has none. */
  own: string | null;
  /** Their commits get refs below this one. */
  refs: string;
  /** Of commits that are made for what is not committed in them. */
  message: string;
  at: number;
}

/** A repository in the work tree of another. */
interface Inner {
  /** Path of its folder as bytes (latin1), from the root of the work tree; '' = the root itself. */
  path: string;
  at: At;
  common: string;
  head: string | null;
}

/** All that its own people made: what it has from elsewhere is elsewhere. */
const EVERYTHING = ['+refs/*:*', '^refs/tend/*', '^refs/remotes/*'];

/**
 * Git has no more than a number for a repository within a work tree, and nothing for one without a commit. Here their
 * files become ordinary files of the work, and their commits get refs. Submodules, and other work trees of the same
 * repository, stay what they are; what was changed there gets refs too.
 */
export const nestedIn =
  (keeping: Keeping): NonNullable<Taking['nested']> =>
  async (at, listed, added) => {
    const paths = await pathsOf(at, keeping, listed, added);
    if (paths.length === 0) return;
    const submodules = new Set(await submodulesOf(at));
    const files: string[] = [];
    const dropped: string[] = [];
    // One inside another is found on the way.
    for (const path of paths) {
      const inner = await innerAt(keeping.root, path);
      if (inner === null) continue;
      if (submodules.has(path)) await keepChanged(inner, keeping);
      else if (inner.common === keeping.repository) {
        await keepState(inner, keeping);
        dropped.push(path);
      } else {
        await fetchFrom(inner, keeping, EVERYTHING);
        if (path !== '') files.push(...(await filesOf(inner, paths, keeping)));
      }
    }
    if (dropped.length > 0) await drop(at, dropped, listed[0]?.blob ?? '0'.repeat(40));
    await put(at, files);
  };

/** Where nested repositories are, or may be. Grows while they are looked through. */
async function pathsOf(
  at: At,
  { root, own }: Keeping,
  listed: readonly Entry[],
  added: GitResult,
): Promise<string[]> {
  const found = new Set<string>();
  if (isReplaced(root, own)) found.add('');
  for (const folder of foldersOf(listed)) if (exists(root, `${folder}/.git`)) found.add(folder);
  if (added.code !== 0 || added.stderr.includes('embedded git repository')) {
    const [entries, others] = await Promise.all([
      entriesOf(at),
      gitResult(at, ['ls-files', '-o', '-z', '--exclude-standard']),
    ]);
    for (const { path } of entries?.filter(isGitlink) ?? []) found.add(path);
    for (const path of fields(others.stdout.toString('latin1')))
      if (path.endsWith('/')) found.add(path.slice(0, -1));
  }
  return [...found];
}

/** Whether the work tree's own `.git` leads elsewhere than it should. */
function isReplaced(root: string, own: string | null): boolean {
  const link = join(root, '.git');
  if (!fs.existsSync(link)) return false;
  return realOf(gitFileIn(link) ?? link) !== (own === null ? null : realOf(own));
}

/** Every folder with a tracked file below it, and every place of a nested repository that is tracked as one. */
function foldersOf(entries: readonly Entry[]): Set<string> {
  const folders = new Set<string>();
  for (const entry of entries) {
    if (isGitlink(entry)) folders.add(entry.path);
    for (
      let end = entry.path.lastIndexOf('/');
      end > 0 && !folders.has(entry.path.slice(0, end));
      end = entry.path.lastIndexOf('/', end - 1)
    )
      folders.add(entry.path.slice(0, end));
  }
  return folders;
}

/** Null = there is no repository that git could use. */
async function innerAt(root: string, path: string): Promise<Inner | null> {
  const folder = path === '' ? root : join(root, shownPath(path));
  const link = join(folder, '.git');
  // Through a link it would be somewhere else.
  if (!fs.existsSync(link) || realOf(folder) !== join(realOf(root), shownPath(path))) return null;
  const at: At = { cwd: folder, gitDir: gitFileIn(link) ?? link, workTree: folder };
  const [common, head] = await Promise.all([
    gitResult(at, ['rev-parse', '--path-format=absolute', '--git-common-dir']),
    gitResult(at, ['rev-parse', '-q', '--verify', 'HEAD^{commit}']),
  ]);
  if (common.code !== 0) return null;
  return {
    path,
    at,
    common: realOf(common.stdout.toString().replace(/\n$/, '')),
    head: head.code === 0 ? head.stdout.toString().trim() : null,
  };
}

/**
 * The same for repositories in ignored folders: the files in them that `wanted` names, and where there are any, their
 * commits too.
 */
export async function filesInIgnored(
  keeping: Keeping,
  folders: readonly string[],
  wanted: (path: string) => boolean,
): Promise<string[]> {
  const paths = [...folders];
  const files: string[] = [];
  for (const path of paths) {
    const inner = await innerAt(keeping.root, path);
    const found = inner === null ? [] : (await filesOf(inner, paths, keeping)).filter(wanted);
    if (inner !== null && found.length > 0 && inner.common !== keeping.repository)
      await fetchFrom(inner, keeping, EVERYTHING);
    files.push(...found);
  }
  return files;
}

async function submodulesOf(at: At): Promise<string[]> {
  if (at.workTree === undefined || !fs.existsSync(join(at.workTree, '.gitmodules'))) return [];
  const args = [
    'config',
    '-z',
    '-f',
    '.gitmodules',
    '--get-regexp',
    String.raw`^submodule\..*\.path$`,
  ];
  const { stdout } = await gitResult(at, args);
  return fields(stdout.toString('latin1')).map((line) => line.slice(line.indexOf('\n') + 1));
}

/** Paths from the root of the work tree; further repositories within are added to `paths`. */
async function filesOf(inner: Inner, paths: string[], { root, desk }: Keeping): Promise<string[]> {
  const args = ['ls-files', '-z', '-c', '-o', '--exclude-standard'];
  const listed = await gitResult(inner.at, args);
  const { stdout } =
    listed.code === 0
      ? listed
      : // Its index cannot be read: everything is new then.
        await gitResult({ ...inner.at, index: desk.index('nested') }, args);
  const files: string[] = [];
  for (const name of new Set(fields(stdout.toString('latin1')))) {
    const path = `${inner.path}/${name.replace(/\/$/, '')}`;
    const stat = statOf(root, path);
    if (stat?.isDirectory() === true && !paths.includes(path)) paths.push(path);
    if (stat?.isSymbolicLink() === true || (stat?.isFile() === true && isReadable(root, path)))
      files.push(path);
  }
  return files;
}

function isReadable(root: string, path: string): boolean {
  try {
    fs.accessSync(absolute(root, path), fs.constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** A submodule: kept as far as it holds what was not published. */
async function keepChanged(inner: Inner, keeping: Keeping): Promise<void> {
  const [dirty, own] = await Promise.all([
    gitResult(inner.at, [...(await withoutFilters(inner.at)), 'status', '--porcelain', '-z']),
    gitResult(inner.at, ['rev-list', '--max-count=1', 'HEAD', '--branches', '--not', '--remotes']),
  ]);
  if (dirty.stdout.length > 0 || own.stdout.length > 0) await keepState(inner, keeping);
}

/** Files and commits of a repository that stays a repository: a ref for all that is in it. */
async function keepState(inner: Inner, keeping: Keeping): Promise<void> {
  const { desk, message, at: time, repository, refs } = keeping;
  const { tree } = await everythingIn(inner.at, desk, inner.head, {
    nested: null,
    trustFlags: false,
    plain: true,
  });
  const parents = inner.head === null ? [] : [inner.head];
  const commit = await commitTree(inner.at, tree, parents, message, time);
  if (inner.common === repository) {
    const ref = `${refs}/${encoded(inner.path)}/work`;
    await git({ cwd: repository, gitDir: repository }, ['update-ref', ref, commit]);
    return;
  }
  await git(inner.at, ['update-ref', 'refs/tend/work', commit]);
  await fetchFrom(inner, keeping, ['+refs/heads/*:heads/*', '+refs/tend/work:work']);
}

/** Brings commits over; what the refspecs name on the right lies below the ref of this repository. */
async function fetchFrom(
  { at, common, head, path }: Inner,
  { repository, refs }: Keeping,
  refspecs: readonly string[],
): Promise<void> {
  const to = `${refs}/${encoded(path)}/`;
  const wanted = [...refspecs, ...(head === null ? [] : ['+HEAD:HEAD'])].map((refspec) =>
    refspec.replace(/:(.*)$/, (_, right: string) => `:${to}${right}`),
  );
  const args = ['-c', 'protocol.file.allow=always', 'fetch', '--quiet', '--no-tags', '--no-prune'];
  args.push('--no-write-fetch-head', '--no-auto-maintenance', '--no-recurse-submodules');
  // A folder of its own knows its HEAD; the common one the branches. They are the same but for another work tree.
  const from = at.gitDir ?? common;
  const done = await gitResult({ cwd: repository, gitDir: repository }, [
    ...args,
    '--',
    from,
    ...wanted,
  ]);
  if (/No space left/i.test(done.stderr)) throw new GitError(['fetch'], done);
}

/** A path as one part of the name of a ref. */
function encoded(path: string): string {
  const name = [...bytesOf(path)]
    .map((byte) => {
      const letter = String.fromCharCode(byte);
      return /[A-Za-z0-9_-]/.test(letter)
        ? letter
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
  if (name === '') return '%2E';
  return name.length <= 160 ? name : createHash('sha256').update(name).digest('hex');
}
