import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import type { Place } from '../../domain/workspace.ts';
import { readSmall, writeSmall } from './beside.ts';
import { besidePlace, yardAround } from './place.ts';
import { fields, git, type At } from './run.ts';

/** How a checkout looks: names, and for each of them what is different when it was touched. */
interface Look {
  head: string;
  /** Short names → commits, without those that are worked on below our state folder. */
  branches: Record<string, string>;
  /** Paths that are not as in HEAD. */
  files: Record<string, string>;
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * Remembers how the person's checkout looks while nobody of ours works there; what `touchedSince` needs to be
 * told later. Null = there is none, or the place is the checkout itself.
 */
export async function lookAtCheckout(place: Place): Promise<string | null> {
  const file = besidePlace(place, 'look');
  if (place.checkout === null || file === null) return null;
  const text = JSON.stringify(await lookAt(place, place.checkout));
  writeSmall(file, text);
  return digestOf(text);
}

/** Paths of the person's checkout and names of its branches that are no longer as they were, in order. */
export async function touchedSince(place: Place, before: string): Promise<string[]> {
  const { checkout } = place;
  const file = besidePlace(place, 'look');
  if (checkout === null || file === null) return [];
  if (!fs.existsSync(checkout)) return [checkout];
  const now = await lookAt(place, checkout);
  const known = readSmall(file);
  if (known === null || digestOf(known) !== before)
    // What is not known cannot be named, only that it is different.
    return digestOf(JSON.stringify(now)) === before ? [] : [checkout];
  return differences(JSON.parse(known) as Look, now);
}

function differences(before: Look, now: Look): string[] {
  const changed = (one: Record<string, string>, other: Record<string, string>): string[] =>
    [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(
      (name) => one[name] !== other[name],
    );
  return [
    ...(before.head === now.head ? [] : ['HEAD']),
    ...changed(before.branches, now.branches),
    ...changed(before.files, now.files),
  ].toSorted();
}

async function lookAt(place: Place, checkout: string): Promise<Look> {
  const at: At = { cwd: checkout, ceiling: dirname(checkout) };
  const format = '--format=%(refname:lstrip=2)%00%(objectname)%00%(worktreepath)%00%(HEAD)';
  const [refs, status] = await Promise.all([
    git(at, ['for-each-ref', format, 'refs/heads']),
    git(at, ['status', '--porcelain=v2', '-z', '--no-renames', '--untracked-files=normal']),
  ]);
  const yard = yardAround(place) ?? '';
  const rows = refs.split('\n').map((line) => line.split('\0'));
  const head = rows.find(([, , , mark]) => mark === '*')?.[0];
  return {
    head: head ?? (await git(at, ['rev-parse', '-q', '--verify', 'HEAD']).catch(() => '')),
    branches: Object.fromEntries(
      rows.flatMap(([name = '', id = '', path = '']) =>
        name === '' || isOurs(name, place) || path.startsWith(`${yard}/`) ? [] : [[name, id]],
      ),
    ),
    files: Object.fromEntries(fields(status).map((line) => fileIn(line, checkout))),
  };
}

const isOurs = (name: string, { branch }: Place): boolean =>
  name === branch || name.startsWith('tend/');

/** Fields before the path, by the kind of line; see `git status`, porcelain version 2. */
const BEFORE_PATH: Readonly<Record<string, number>> = { '1': 8, u: 10, '?': 1, '!': 1 };

/** A file that was changed before looks the same to git when it is changed again: its size and time tell. */
function fileIn(line: string, checkout: string): [path: string, look: string] {
  const parts = line.split(' ');
  const path = parts.slice(BEFORE_PATH[line.charAt(0)] ?? 1).join(' ');
  const stat = fs.lstatSync(join(checkout, path), { throwIfNoEntry: false });
  return [path, `${line} ${stat?.size ?? ''} ${stat?.mtimeMs ?? ''}`];
}
