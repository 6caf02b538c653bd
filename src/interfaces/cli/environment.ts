/** What a task inherits from the shell that submits it. */
import { isAbsolute } from 'node:path';
import { ownerInEnvironment } from '../../domain/host.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Facts of the submitting shell that would be wrong in the task. */
const DENIED = new Set(['_', 'SHLVL', 'PWD', 'OLDPWD', 'NODE_COMPILE_CACHE']);

/** `TEND_*` is set anew for each task; only the place of the state is passed on. */
const isOurs = (name: string): boolean => name.startsWith('TEND_') && name !== 'TEND_HOME';

/** The environment without what belongs to this shell or to tend itself, then `extra` on top. */
export function capturedEnvironment(
  env: Env,
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const captured: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || name === '' || DENIED.has(name) || isOurs(name)) continue;
    captured[name] = value;
  }
  return { ...captured, ...extra };
}

const POSIX_SHELLS = new Set(['sh', 'bash', 'zsh', 'dash', 'ksh', 'ash']);

/** The person's own shell when a POSIX command line means the same there, else /bin/sh. */
export function shellFor(env: Env): string {
  const shell = env['SHELL'] ?? '';
  const name = shell.slice(shell.lastIndexOf('/') + 1);
  return isAbsolute(shell) && POSIX_SHELLS.has(name) ? shell : '/bin/sh';
}

/** Who gets a task's completion when nobody is named: TEND_OWNER, the session of an agent host, else the user. */
export const ownerFor = (env: Env, uid: number | undefined): string | undefined =>
  ownerInEnvironment(env) ?? (uid === undefined ? undefined : `cli:${uid}`);
