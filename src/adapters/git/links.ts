import * as fs from 'node:fs';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import type { Place } from '../../domain/workspace.ts';
import { isCode } from './beside.ts';
import { fields, gitResult, GitError, type At } from './run.ts';

/**
 * Links a work tree to the ignored folders of the person's checkout that it has not itself. Git is told to leave the
 * links out in the repository's own `info/exclude`, never in a file of the person. May be repeated.
 */
export async function linkFolders(place: Place, links: readonly string[]): Promise<void> {
  const { checkout, path, repository } = place;
  if (checkout === null) return;
  const wanted = links
    .filter(isInside)
    .map((name) => normalize(name).replace(/\/$/, ''))
    .filter((name) => isFolder(join(checkout, name)) && canStand(path, name));
  if (wanted.length === 0) return;
  const ignored = await ignoredIn({ cwd: checkout, ceiling: dirname(checkout) }, wanted, '/');
  if (ignored.length === 0) return;
  // A pattern such as `node_modules/` means folders alone, and a link is none.
  const known = await ignoredIn({ cwd: path, ceiling: dirname(path) }, ignored, '');
  exclude(
    repository,
    ignored.filter((name) => !known.includes(name)),
  );
  for (const name of ignored) link(join(checkout, name), join(path, name));
}

const isInside = (name: string): boolean =>
  name !== '' &&
  !/[\0\n]/.test(name) &&
  !isAbsolute(name) &&
  !name.split('/').some((part) => part === '..' || part === '.git') &&
  normalize(name) !== '.';

const isFolder = (path: string): boolean =>
  fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** The folder around it is there, and no link that leads elsewhere; itself it is not. */
function canStand(root: string, name: string): boolean {
  const around = dirname(join(root, name));
  return (
    fs.existsSync(around) &&
    fs.realpathSync(around) === join(fs.realpathSync(root), dirname(name)) &&
    fs.lstatSync(join(root, name), { throwIfNoEntry: false }) === undefined
  );
}

/** Which of the names git ignores; with '/' at their ends they mean folders. */
async function ignoredIn(at: At, names: readonly string[], end: '/' | ''): Promise<string[]> {
  const args = ['check-ignore', '-z', '--stdin'];
  const input = names.map((name) => `${name}${end}\0`).join('');
  const result = await gitResult(at, args, { input });
  if (result.code > 1) throw new GitError(args, result);
  return fields(result.stdout.toString()).map((name) => name.replace(/\/$/, ''));
}

/** Adds what is missing, whole lines at once: somebody else may be writing there too. */
function exclude(repository: string, names: readonly string[]): void {
  if (names.length === 0) return;
  const file = join(repository, 'info', 'exclude');
  fs.mkdirSync(dirname(file), { recursive: true });
  const found = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  const lines = found.split('\n');
  const missing = names.map(patternOf).filter((line) => !lines.includes(line));
  if (missing.length === 0) return;
  const start = found === '' || found.endsWith('\n') ? '' : '\n';
  fs.appendFileSync(file, `${start}${missing.join('\n')}\n`);
}

/** Exactly this name, from the root on. A name with a newline cannot be written there. */
const patternOf = (name: string): string =>
  `/${name.replaceAll(/[\\*?[]/g, String.raw`\$&`).replace(/ $/, String.raw`\ `)}`;

function link(to: string, from: string): void {
  try {
    fs.symlinkSync(to, from, 'dir');
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  }
}
