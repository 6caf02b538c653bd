import { createHash } from 'node:crypto';
import { opendir, realpath } from 'node:fs/promises';
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { TendError } from '../../domain/errors.ts';
import type { TaskId } from '../../domain/task.ts';
import type { Place } from '../../domain/workspace.ts';
import type { Purged, Refusal, Trash, Trashed } from '../../ports/trash.ts';
import { otherIn } from './lock.ts';
import { yardOf } from './place.ts';
import { GitError, gitResult } from './run.ts';
import { contentOf } from './trash/content.ts';
import { deleteFolder } from './trash/deletion.ts';
import { archive, commitAt, keepAll, keepsAll, retire } from './trash/kept.ts';
import { type Entry, entriesIn, exists, treeOf } from './trash/manifest.ts';
import { bring, destroy, settle, take } from './trash/moving.ts';
import {
  adminOf,
  inside,
  isOurLock,
  registered,
  resolved,
  unregister,
} from './trash/registration.ts';
import { userOf } from './trash/users.ts';

/** The trash of a state folder (an absolute path). One thing after the other: what is under way is seen whole or not at all. */
export function createTrash(state: string): Trash {
  const home = join(state, 'trash');
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const next = last.then(async () => {
      await settleAll(state, home);
      return act();
    });
    last = next.catch(() => undefined);
    return next;
  };
  return {
    refusal: (place) =>
      inTurn(async () => {
        const found = await look(state, place).catch((error: unknown) => ({
          refusal: `cannot be looked at: ${reasonOf(error)}`,
        }));
        return found !== null && 'refusal' in found ? found.refusal : null;
      }),
    put: (place, at) =>
      inTurn(() =>
        put(state, home, place, at).catch((error: unknown) => ({
          refusal: `cannot be taken away: ${reasonOf(error)}`,
        })),
      ),
    // Asked often, and rarely is anything unfinished.
    list: async () => {
      const isSettled = entriesIn(home).every(({ phase }) => phase === 'kept');
      const found = isSettled ? listed(home) : await inTurn(async () => listed(home));
      return found.map(trashedOf);
    },
    size: async (path) => (exists(path) ? sizeOf(path) : null),
    restore: (trashed) =>
      inTurn(async () => {
        const entry = listed(home).find((one) => treeOf(one) === trashed.trash);
        if (entry === undefined) throw notThere(trashed);
        await bring(entry);
      }),
    purge: (before, dryRun) => inTurn(() => purge(state, home, before, dryRun)),
    archive: (repository, taskId) => inTurn(() => renamed(archive, repository, taskId)),
    retire: (repository, taskId) => inTurn(() => renamed(retire, repository, taskId)),
  };
}

/** Of what git or the disk refused; anything else is a mistake of ours. */
function reasonOf(error: unknown): string {
  if (error instanceof GitError || (error instanceof Error && 'code' in error))
    return error.message;
  throw error;
}

async function renamed(act: typeof archive, repository: string, taskId: TaskId): Promise<void> {
  if (!exists(repository)) return;
  try {
    await act(repository, taskId);
  } catch (error) {
    throw new TendError(
      'state_unsafe',
      `what was saved of ${taskId} cannot be renamed in ${repository}: ${reasonOf(error)}`,
      'Nothing was lost. Look at the repository with: git fsck',
      error,
    );
  }
}

const trashedOf = (entry: Entry): Trashed => {
  const { taskId, path, branch, at } = entry;
  return { taskId, path, trash: treeOf(entry), branch, at };
};

/** Finishes what was begun with the trash: until then git may take a work tree that is away for one that is missing. */
export const settleTrash = (state: string): Promise<void> => settleAll(state, join(state, 'trash'));

/** What can be brought back; of some, git may not know yet that they are there. */
const listed = (home: string): Entry[] =>
  entriesIn(home).filter(
    (entry) => (entry.phase === 'kept' || entry.phase === 'putting') && exists(treeOf(entry)),
  );

const notThere = ({ taskId }: Trashed): TendError =>
  new TendError(
    'not_found',
    `the work tree of ${taskId} is not in the trash any more`,
    'See what was saved of it with: git for-each-ref refs/tend',
  );

/** What cannot be finished now is tried again with the next thing that is asked of the trash. */
async function settleAll(state: string, home: string): Promise<void> {
  for (const entry of entriesIn(home)) await settle(state, entry).catch(() => undefined);
}

/** What stands at a place that may be taken away. */
interface Standing {
  /** Git's records of it; null = git knows of no work tree there, or the repository is gone. */
  admin: string | null;
  repository: string | null;
}

/** Null = nothing stands there. */
async function look(state: string, place: Place): Promise<Standing | Refusal | null> {
  const { kind, repository, path, branch } = place;
  if (kind !== 'worktree' || branch === null || path !== join(yardOf(state, repository), branch))
    return { refusal: 'is no work tree of its own' };
  const found = fs.lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return null;
  const straight = join(await realpath(state), path.slice(state.length));
  if (!found.isDirectory() || (await realpath(path)) !== straight)
    return { refusal: 'is reached through a link' };
  const other = otherIn(place);
  if (other !== null) return { refusal: `is used by task ${other}` };
  const user = await userOf(straight);
  if (user !== null) return { refusal: user };
  if (!exists(repository)) return { admin: null, repository: null };
  for (const one of await registered(repository)) {
    if (one.path.startsWith(`${straight}/`)) return { refusal: `holds another one: ${one.path}` };
    const locked = one.path === straight ? one.locked : null;
    if (locked !== null && !isOurLock(locked)) return { refusal: `is locked: ${locked}` };
  }
  return { admin: await adminOf(repository, path), repository };
}

async function put(
  state: string,
  home: string,
  place: Place,
  at: number,
): Promise<Trashed | Refusal | null> {
  const { taskId, repository, path, branch } = place;
  const found = await look(state, place);
  if (found === null) {
    const entry = listed(home).find((one) => one.path === path && one.taskId === taskId);
    return entry === undefined ? null : trashedOf(entry);
  }
  if ('refusal' in found) return found;
  fs.mkdirSync(home, { recursive: true, mode: 0o700 });
  const head = await headOf(found, branch);
  if (found.repository !== null) {
    const tip = head.tip ?? head.branchTip;
    // Whoever worked there may have left a HEAD that git does not take for one.
    const gitDir = head.tip === null ? repository : (found.admin ?? repository);
    try {
      const content = await contentOf(home, gitDir, path, tip);
      await keepAll(repository, place, { ...content, head: tip }, at);
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      return { refusal: `holds what cannot be saved: ${error.message}` };
    }
  }
  const hash = createHash('sha256').update(`${path} ${at}`).digest('hex').slice(0, 8);
  const name = `${stamp(at)}-${taskId}-${hash}`;
  const facts = { version: 1, phase: 'putting', taskId, at, repository, path, branch } as const;
  const entry: Entry = { ...facts, ...head, folder: free(join(home, name)) };
  await take(entry);
  return trashedOf(entry);
}

const stamp = (at: number): string =>
  new Date(at)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[:-]/g, '');

function free(folder: string): string {
  let name = folder;
  for (let nth = 2; exists(name); nth += 1) name = `${folder}-${nth}`;
  return name;
}

async function headOf(
  { admin, repository }: Standing,
  branch: string | null,
): Promise<Pick<Entry, 'tip' | 'branchTip' | 'onBranch'>> {
  if (repository === null) return { tip: null, branchTip: null, onBranch: false };
  const ref = `refs/heads/${branch}`;
  const branchTip = branch === null ? null : await commitAt(inside(repository), ref);
  if (admin === null) return { tip: null, branchTip, onBranch: false };
  const at = { cwd: repository, gitDir: admin };
  const named = (await gitResult(at, ['symbolic-ref', '-q', 'HEAD'])).stdout.toString().trim();
  return { tip: await commitAt(at, 'HEAD'), branchTip, onBranch: named === ref };
}

async function purge(
  state: string,
  home: string,
  before: number,
  dryRun: boolean,
): Promise<Purged> {
  const purged: Purged = { gone: [], kept: [] };
  const old = listed(home).filter(({ at, phase }) => at < before && phase === 'kept');
  for (const entry of old) {
    const refusal = (await whyKept(home, entry)) ?? (dryRun ? null : await destroyed(state, entry));
    if (refusal !== null) purged.kept.push({ ...trashedOf(entry), refusal });
    else purged.gone.push(trashedOf(entry));
  }
  return purged;
}

/** Why it could not be deleted whole, which is tried again. */
const destroyed = (state: string, entry: Entry): Promise<string | null> =>
  destroy(state, entry).then(
    () => null,
    (error: unknown) => `cannot be deleted: ${reasonOf(error)}`,
  );

/** Why a work tree must not be deleted, however old it is. */
async function whyKept(home: string, entry: Entry): Promise<string | null> {
  const { repository, taskId } = entry;
  const tree = treeOf(entry);
  const user = await userOf(await resolved(tree));
  if (user !== null) return user;
  if (!exists(repository)) return `has no repository any more: ${repository} is gone`;
  const admin = await adminOf(repository, tree);
  if (admin !== null && exists(join(admin, 'modules'))) return 'holds submodules';
  try {
    const at = { cwd: repository, gitDir: admin ?? repository };
    const head = admin === null ? (entry.tip ?? entry.branchTip) : await commitAt(at, 'HEAD');
    const gitDir = head === null ? repository : (admin ?? repository);
    const content = await contentOf(home, gitDir, tree, head);
    const [inner] = content.nested;
    if (inner !== undefined) return `holds a repository of its own: ${inner}`;
    return (await keepsAll(repository, taskId, { ...content, head }))
      ? null
      : 'was changed since it was taken away';
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    return `cannot be compared with what is saved: ${error.message}`;
  }
}

/** Bytes of the files in a folder; what vanishes meanwhile counts nothing. */
async function sizeOf(path: string): Promise<number> {
  let bytes = 0;
  try {
    for await (const entry of await opendir(path, { recursive: false })) {
      const child = join(path, entry.name);
      if (entry.isDirectory()) bytes += await sizeOf(child);
      else bytes += fs.lstatSync(child, { throwIfNoEntry: false })?.size ?? 0;
    }
  } catch {
    return bytes;
  }
  return bytes;
}

/** Deletes the clean checkout of a check and lets git forget it. Throws TendError `state_unsafe` for any other place. */
export async function removeScratch(state: string, place: Place): Promise<void> {
  const { kind, path, repository } = place;
  const home = join(yardOf(state, repository), '.checks');
  if (kind !== 'checkout' || dirname(path) !== home)
    throw new TendError(
      'state_unsafe',
      `${path} is not the checkout of a check.`,
      'Nothing was touched.',
    );
  await deleteFolder(state, home, basename(path));
  await unregister(repository, path);
}
