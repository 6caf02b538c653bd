import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import type { Place } from '../../domain/workspace.ts';
import { isCode } from './beside.ts';
import { git, gitResult, type At } from './run.ts';

/** One that the person's checkout has, and the work tree should have. */
interface Submodule {
  name: string;
  /** Below the root. */
  path: string;
  /** Where its objects are. */
  local: string;
  /** Where it comes from, as the repository has it. */
  url: string;
}

/**
 * Fills the submodules of a new work tree from the objects of the person's checkout: nothing is fetched from elsewhere.
 * Those that cannot be had so stay empty folders, which is how git itself leaves them.
 */
export async function fillSubmodules(place: Place): Promise<void> {
  const { path } = place;
  if (!fs.existsSync(join(path, '.gitmodules'))) return;
  const at: At = { cwd: path, ceiling: dirname(path) };
  for (const one of await submodulesOf(at, place))
    if (await isComplete(at, one)) await fill(at, one);
}

async function submodulesOf(at: At, { repository }: Place): Promise<Submodule[]> {
  const paths = await settings(at, ['-f', '.gitmodules'], 'path');
  const urls = await settings(at, [], 'url');
  return [...paths].flatMap(([name, path]) => {
    // Named by the commit: nothing that leads elsewhere.
    const isPlain = !name.split('/').includes('..') && !path.split('/').includes('..');
    const local = join(repository, 'modules', name);
    const url = urls.get(name);
    return isPlain && url !== undefined && fs.existsSync(join(local, 'objects'))
      ? [{ name, path, local, url }]
      : [];
  });
}

/** Name → value of one setting of all submodules. */
async function settings(
  at: At,
  where: readonly string[],
  key: string,
): Promise<Map<string, string>> {
  const asked = ['config', '-z', ...where, '--get-regexp', `^submodule\\..*\\.${key}$`];
  const { stdout } = await gitResult(at, asked);
  const found = stdout
    .toString()
    .split('\0')
    .filter((entry) => entry !== '');
  return new Map(
    found.map((entry) => {
      const end = entry.indexOf('\n');
      return [entry.slice('submodule.'.length, end - key.length - 1), entry.slice(end + 1)];
    }),
  );
}

/** Whether the commit that the work tree wants is there: half of a submodule would look like a change. */
async function isComplete(at: At, { path, local }: Submodule): Promise<boolean> {
  const staged = await git(at, ['ls-files', '-z', '--stage', '--', `:(literal)${path}`]);
  const commit = /^160000 ([0-9a-f]+) 0\t/.exec(staged)?.[1];
  if (commit === undefined) return false;
  const there = { cwd: local, gitDir: local };
  return (await gitResult(there, ['cat-file', '-e', `${commit}^{tree}`])).code === 0;
}

async function fill(at: At, { name, path, local, url }: Submodule): Promise<void> {
  // Only in this one process: the person's settings stay as they are, and the only path it takes is this one.
  const once = ['-c', `submodule.${name}.url=${local}`, '-c', 'protocol.file.allow=always'];
  const args = ['submodule', '--quiet', 'update', '--', path];
  const { code } = await gitResult(at, [...once, '-c', 'protocol.allow=never', ...args]);
  if (code !== 0) return;
  try {
    await git({ cwd: join(at.cwd, path) }, ['config', 'remote.origin.url', url]);
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
  }
}
