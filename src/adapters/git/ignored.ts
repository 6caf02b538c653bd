import { basename } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { selection } from '../../domain/globs.ts';
import { shownPath, type RawChange } from './changes.ts';
import { listOf, put, statOf } from './entries.ts';
import { filesInIgnored, type Keeping } from './nested.ts';
import { fields, git, gitResult, type At } from './run.ts';
import { copyIndex } from './snapshot.ts';

/** Most files that are kept because the work itself made git ignore them, and how large they may be together. */
const MOST = 2_000;
const MOST_BYTES = 64 * 1024 * 1024;

/** What no work is in: it is made again from what is kept. */
const MADE =
  /(?:^|\/)(?:node_modules|\.venv|venv|__pycache__|target|\.tox|\.gradle|\.next|\.cache|\.pytest_cache|\.mypy_cache)\//;

interface Ignoring {
  keeping: Keeping;
  /** Globs of what is kept though it is ignored. */
  globs: readonly string[];
  base: string;
  /** From the base to the work. */
  changes: readonly RawChange[];
}

/**
 * The tree of a snapshot: that of the index of `at` with ignored files that are worth keeping. Null = there are none.
 * Those are the ones that were asked for, those that the work took out of git's sight though they were tracked, and
 * new ones that only its own rules ignore.
 */
export async function treeWithIgnored(at: At, ignoring: Ignoring): Promise<string | null> {
  const { keeping, globs, changes } = ignoring;
  const rules = changes.filter(({ path, kind }) => kind !== 'D' && basename(path) === '.gitignore');
  const hidden = changes.flatMap(({ path, kind }) =>
    kind === 'D' && statOf(keeping.root, path)?.isDirectory() === false ? [path] : [],
  );
  const kept = [...hidden];
  if (globs.length > 0 || rules.length > 0) {
    const listed = await ignoredIn(at);
    kept.push(...(await askedFor(listed, globs, keeping)));
    kept.push(...(await newlyIgnored(at, listed, ignoring.base, rules, keeping.root)));
  }
  if (kept.length === 0 || at.index === undefined) return null;
  const index = keeping.desk.index('kept');
  copyIndex(at.index, index);
  await put({ ...at, index }, [...new Set(kept)].toSorted());
  return git({ ...at, index }, ['write-tree']);
}

async function ignoredIn(at: At): Promise<string[]> {
  const args = ['ls-files', '-o', '-i', '-z', '--exclude-standard'];
  return fields((await gitResult(at, args)).stdout.toString('latin1'));
}

async function askedFor(
  listed: readonly string[],
  globs: readonly string[],
  keeping: Keeping,
): Promise<string[]> {
  if (globs.length === 0) return [];
  const wanted = selection(globs);
  const fits = (path: string): boolean => wanted(shownPath(path));
  const found: string[] = [];
  for (const [nth, path] of listed.entries()) {
    // There may be very many, and others wait.
    if (nth % 5_000 === 4_999) await breathe();
    if (!path.endsWith('/') && fits(path)) found.push(path);
  }
  const folders = listed.flatMap((path) => (path.endsWith('/') ? [path.slice(0, -1)] : []));
  return [...found, ...(await filesInIgnored(keeping, folders, fits))];
}

/** Ignored because of a line that was not in the base. */
async function newlyIgnored(
  at: At,
  listed: readonly string[],
  base: string,
  rules: readonly RawChange[],
  root: string,
): Promise<string[]> {
  const files = listed.filter((path) => !path.endsWith('/') && !MADE.test(path));
  if (rules.length === 0 || files.length === 0) return [];
  const before = new Map(
    await Promise.all(
      rules.map(async ({ path }) => {
        const name = `${base}:${shownPath(path)}`;
        const { stdout } = await gitResult(at, ['cat-file', 'blob', name]);
        return [path, new Set(stdout.toString('latin1').split('\n'))] as const;
      }),
    ),
  );
  const args = ['check-ignore', '-v', '-z', '--no-index', '--stdin'];
  const told = (await gitResult(at, args, { input: listOf(files) })).stdout
    .toString('latin1')
    .split('\0');
  const found: string[] = [];
  let bytes = 0;
  // For each path: where the rule stands, on which line, the rule, the path.
  for (let next = 0; next + 3 < told.length && found.length < MOST; next += 4) {
    const [source = '', , rule = '', path = ''] = told.slice(next, next + 4);
    const known = before.get(source);
    if (known === undefined || known.has(rule)) continue;
    bytes += statOf(root, path)?.size ?? 0;
    if (bytes > MOST_BYTES) break;
    found.push(path);
  }
  return found;
}
