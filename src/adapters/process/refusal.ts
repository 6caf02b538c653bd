import * as fs from 'node:fs';
import { resolve } from 'node:path';
import type { TaskSpec } from '../../domain/task.ts';

/**
 * Why the task cannot be started as things are now, naming the thing; null when nothing stands against it.
 * `path` is the PATH of the command, `program` what is executed. A program below `unmade` may be made by its setup.
 */
export function refusalOf(
  { cwd }: Pick<TaskSpec, 'cwd'>,
  program: string,
  path: string,
  unmade: string | null = null,
): string | null {
  const refusal = refusalOfFolder(cwd);
  const isUnmade =
    unmade !== null && program.includes('/') && resolve(cwd, program).startsWith(`${unmade}/`);
  return isUnmade ? refusal : (refusal ?? refusalOfProgram(program, cwd, path));
}

function refusalOfFolder(cwd: string): string | null {
  const folder = statOrNothing(cwd);
  if (folder === undefined) return `The folder ${cwd} does not exist, or may not be looked at.`;
  if (!folder.isDirectory()) return `${cwd} is not a folder.`;
  return mayExecute(cwd) ? null : `The folder ${cwd} may not be entered.`;
}

function refusalOfProgram(program: string, cwd: string, path: string): string | null {
  if (program === '') return 'No program was given.';
  if (program.includes('/')) return refusalOfFile(resolve(cwd, program), program);
  let found: string | null = null;
  for (const folder of path.split(':')) {
    const refusal = refusalOfFile(`${resolve(cwd, folder)}/${program}`, program);
    if (refusal === null) return null;
    if (!refusal.endsWith(MISSING)) found = refusal;
  }
  return found ?? `The program ${program} was not found in PATH (${path}).`;
}

const MISSING = 'does not exist.';

function refusalOfFile(file: string, program: string): string | null {
  const stat = statOrNothing(file);
  if (stat === undefined) return `The program ${program} ${MISSING}`;
  if (stat.isDirectory()) return `${program} is a folder, not a program.`;
  return mayExecute(file) ? null : `The program ${program} is not executable.`;
}

/** Entries of PATH may be files, unreadable, or nonsense: none of it is this program. */
function statOrNothing(file: string): fs.Stats | undefined {
  try {
    return fs.statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function mayExecute(path: string): boolean {
  try {
    fs.accessSync(path, fs.constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
