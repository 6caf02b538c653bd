import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import type { Place } from '../../domain/workspace.ts';
import { isCode, readSmall, unlinkSmall, writeSmall } from './beside.ts';
import { gitDirOf, lockTree, reasonFor } from './git-dir.ts';
import { besidePlace, yardAround } from './place.ts';
import { Refused } from './refused.ts';
import { git, type At } from './run.ts';
import { setAside } from './set-aside.ts';
import { adminOf, registered, resolved, unregister } from './trash/registration.ts';
import { userOf } from './trash/users.ts';

/** What a work tree is made from: a commit, and the branch that is checked out; `isNew`, when it is still to be made. */
export interface From {
  start: string;
  branch: { name: string; isNew: boolean } | null;
}

/** While this file stands, the work tree was never handed to anybody. */
const makingOf = (place: Place): string => besidePlace(place, 'making') ?? '';

/**
 * True = a work tree that was ready once stands at the place, whole. Else nothing stands there any more: what was
 * half made, or is no work tree of the repository, was set aside.
 */
export async function stands(state: string, place: Place, now: number): Promise<boolean> {
  const { repository, path } = place;
  refuseInside(place);
  const found = fs.lstatSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isDirectory()) throw new Refused(`${path} is no folder.`);
  const admin = await adminOf(repository, path);
  const isHalfMade = readSmall(makingOf(place)) !== null;
  if (found === undefined || isEmpty(path)) {
    // Somebody took the folder away: what was saved of it is kept.
    if (found !== undefined) fs.rmdirSync(path);
    if (admin !== null) await unregister(repository, path);
    return false;
  }
  if (admin !== null && !isHalfMade && isJoined(path, admin)) {
    lockTree(admin, place.taskId);
    await putLocksAside(path, admin);
    return true;
  }
  await refuseAround(place);
  const user = await userOf(await resolved(path));
  if (user !== null) throw new Error(`${path} ${user}, which is to end first`);
  await setAside(state, place, admin, now);
  return false;
}

/** What a git that was killed there left would stop the next one; one that is at work keeps its own. */
async function putLocksAside(path: string, admin: string): Promise<void> {
  const left = ['index.lock', 'HEAD.lock']
    .map((name) => join(admin, name))
    .filter((file) => fs.existsSync(file));
  if (left.length === 0 || (await userOf(await resolved(path))) !== null) return;
  for (const file of left) fs.renameSync(file, `${file}.left`);
}

const isEmpty = (path: string): boolean => fs.readdirSync(path).length === 0;

/** Whether the folder belongs to git's records of it; a pointer that somebody deleted is written again. */
function isJoined(path: string, admin: string): boolean {
  const file = join(path, '.git');
  if (fs.lstatSync(file, { throwIfNoEntry: false }) === undefined)
    fs.writeFileSync(file, `gitdir: ${admin}\n`);
  const named = gitDirOf(path);
  return named !== null && sameFolder(named, admin);
}

function sameFolder(one: string, other: string): boolean {
  try {
    return fs.realpathSync(one) === fs.realpathSync(other);
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}

const inTheWay = (path: string, other: string): Refused =>
  new Refused(`${path} cannot be made, because the work tree ${other} is in the way.`);

/** Work trees of branches such as `a` and `a/b`, of which the one is long gone, would lie in each other. */
function refuseInside(place: Place): void {
  const yard = yardAround(place) ?? place.path;
  for (let at = dirname(place.path); at.startsWith(`${yard}/`); at = dirname(at))
    if (fs.existsSync(join(at, '.git'))) throw inTheWay(place.path, at);
}

async function refuseAround({ repository, path }: Place): Promise<void> {
  const here = await resolved(path);
  const other = (await registered(repository)).find((one) => one.path.startsWith(`${here}/`));
  if (other !== undefined) throw inTheWay(path, other.path);
}

/** Makes the work tree where nothing stands; it is half made until `finish`. */
export async function make(place: Place, { start, branch }: From): Promise<void> {
  const { repository, path, taskId } = place;
  writeSmall(makingOf(place), taskId);
  fs.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const at: At = { cwd: repository, gitDir: repository };
  const how =
    branch === null
      ? ['--detach', '--', path, start]
      : branch.isNew
        ? ['-b', branch.name, '--no-track', '--', path, start]
        : ['--', path, branch.name];
  const settings = ['-c', 'worktree.useRelativePaths=false', '-c', 'advice.detachedHead=false'];
  const args = ['worktree', 'add', '-q', '--lock', '--reason', reasonFor(taskId), ...how];
  await git(at, [...settings, ...args]);
  fs.chmodSync(path, 0o700);
}

/** From now on the work tree may hold somebody's work. */
export const finish = (place: Place): void => unlinkSmall(makingOf(place));
