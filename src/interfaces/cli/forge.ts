/** The person's own programs that push and open pull requests: run here, never in the daemon, and never by a shell. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, statSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { TendError } from '../../domain/errors.ts';
import type { Context } from './context.ts';

export const FORGES = ['gh', 'glab'] as const;
export type Forge = (typeof FORGES)[number];

const HOMES: Record<Forge, string> = {
  gh: 'https://cli.github.com',
  glab: 'https://gitlab.com/gitlab-org/cli',
};

export interface PullRequest {
  branch: string;
  base: string;
  title: string;
  body: string;
  draft: boolean;
}

/** A folder in which the programs find the repository of this common folder. */
export const folderOf = (repository: string): string =>
  basename(repository) === '.git' ? dirname(repository) : repository;

/** What a program wrote to its standard output; everything else goes to ours for errors. */
async function ran(
  { env, signal }: Context,
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<{ code: number; text: string }> {
  const child = spawn(program, args, { cwd, env, signal, stdio: ['inherit', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (data: string) => (text += data));
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return { code: code ?? 1, text: text.trim() };
  } catch (error) {
    if (signal.aborted)
      throw new TendError('interrupted', `${program} was interrupted`, 'Look what it did before.');
    throw new TendError(
      'unsupported',
      `${program} cannot be run: ${(error as Error).message}`,
      'It has to be in the PATH.',
      error,
    );
  }
}

async function asked(context: Context, args: readonly string[], cwd: string): Promise<string> {
  const { code, text } = await ran(context, 'git', args, cwd);
  return code === 0 ? text : '';
}

/** The remote that the base is kept on: what is configured, `origin`, or the only one. */
export async function remoteOf(context: Context, cwd: string, base: string): Promise<string> {
  const configured = await asked(context, ['config', '--get', `branch.${base}.remote`], cwd);
  const names = (await asked(context, ['remote'], cwd)).split('\n').filter(Boolean);
  const found = [configured, 'origin', names.length === 1 ? names[0] : undefined].find(
    (name) => name !== undefined && names.includes(name),
  );
  if (found !== undefined) return found;
  throw new TendError(
    'unsupported',
    names.length === 0
      ? `the repository in ${cwd} has no remote to push to`
      : `it is not clear which remote is meant: ${names.join(', ')}`,
    names.length === 0 ? 'Add one with: git remote add origin <url>' : 'Name it with --remote.',
  );
}

/** The host in the address of a remote; null = it is a folder. */
export function hostOf(url: string): string | null {
  const found =
    /^[a-z+]+:\/\/(?:[^@/]*@)?([^/:]+)/i.exec(url) ?? /^(?:[^@/]*@)?([^/:]+):(?!\/\/)/.exec(url);
  return found?.[1]?.toLowerCase() ?? null;
}

const isThere = ({ env }: Context, program: string): boolean =>
  (env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      const path = join(folder, program);
      accessSync(path, constants.X_OK);
      return folder !== '' && statSync(path).isFile();
    } catch {
      return false;
    }
  });

/** The program for the remote: by its host, else the one that is there. */
export async function forgeOf(
  context: Context,
  cwd: string,
  remote: string,
  named: Forge | undefined,
): Promise<Forge> {
  const host = hostOf(await asked(context, ['remote', 'get-url', remote], cwd));
  const there = FORGES.filter((program) => isThere(context, program));
  const byHost = /gitlab/.test(host ?? '') ? 'glab' : /github/.test(host ?? '') ? 'gh' : undefined;
  const wanted = named ?? byHost;
  if (wanted !== undefined) {
    if (there.includes(wanted)) return wanted;
    throw new TendError(
      'unsupported',
      `${wanted}, which opens pull requests at ${host ?? remote}, is not installed`,
      `Install it from ${HOMES[wanted]}`,
    );
  }
  const [only, ...others] = there;
  if (only !== undefined && others.length === 0) return only;
  if (only !== undefined)
    throw new TendError(
      'invalid_input',
      `nothing shows whether ${host ?? remote} is for gh or for glab`,
      'Name the program with --using.',
    );
  throw new TendError(
    'unsupported',
    'neither gh nor glab is installed',
    `Install gh from ${HOMES.gh} or glab from ${HOMES.glab}`,
  );
}

/** Pushes a commit as a branch; what stands there otherwise is never overwritten. */
export async function push(
  context: Context,
  cwd: string,
  remote: string,
  commit: string,
  branch: string,
): Promise<void> {
  const args = ['push', '--', remote, `${commit}:refs/heads/${branch}`];
  const { code } = await ran(context, 'git', args, cwd);
  if (code === 0) return;
  throw new TendError(
    'protected',
    `the branch ${branch} could not be pushed to ${remote} (git ended with ${code})`,
    'What git said stands above. Nothing was opened.',
  );
}

/** Opens the pull request; answers its address, as far as the program tells one. */
export async function open(
  context: Context,
  cwd: string,
  forge: Forge,
  { branch, base, title, body, draft }: PullRequest,
): Promise<string | null> {
  const args =
    forge === 'gh'
      ? ['pr', 'create', `--head=${branch}`, `--base=${base}`, `--title=${title}`, `--body=${body}`]
      : [
          'mr',
          'create',
          '--yes',
          `--source-branch=${branch}`,
          `--target-branch=${base}`,
          `--title=${title}`,
          `--description=${body}`,
        ];
  const { code, text } = await ran(context, forge, [...args, ...(draft ? ['--draft'] : [])], cwd);
  if (code === 0) return /https?:\/\/\S+/.exec(text)?.[0] ?? null;
  throw new TendError(
    'protected',
    `${branch} was pushed, but ${forge} opened nothing (it ended with ${code})`,
    `What it said stands above. Try again with: ${forge} ${args.slice(0, 2).join(' ')}`,
  );
}
