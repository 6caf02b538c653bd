import * as fs from 'node:fs';
import { join } from 'node:path';
import { TendError } from '../../domain/errors.ts';
import { ID_PATTERN } from '../../domain/ids.ts';
import type { AttemptRef } from '../../ports/supervisor.ts';

const refuse = (what: string): never => {
  throw new TendError(
    'state_unsafe',
    what,
    'Nothing was touched. Look at the state folder; `tend doctor` explains what belongs there.',
  );
};

/** Where things lie below the state folder (an absolute path). Every name is checked before it becomes a path. */
export class Folders {
  readonly tasks: string;
  readonly environments: string;

  constructor(state: string) {
    this.tasks = join(state, 'tasks');
    this.environments = join(state, 'env');
  }

  /** Throws `state_unsafe` when `taskId` is not a safe name. */
  task(taskId: string): string {
    if (!ID_PATTERN.test(taskId)) refuse(`${JSON.stringify(taskId)} cannot name a task folder.`);
    return `${this.tasks}/${taskId}`;
  }

  /** Throws `state_unsafe` when the reference is not made of safe names. */
  attempt({ taskId, number }: AttemptRef): string {
    const folder = this.task(taskId);
    if (!Number.isSafeInteger(number) || number < 1)
      refuse(`${number} is no attempt of ${taskId}.`);
    return `${folder}/${number}`;
  }

  /** A stored environment. Throws `state_unsafe` when `name` is none of ours. */
  environment(name: string): string {
    if (!/^[0-9a-f]{64}$/.test(name)) refuse(`${JSON.stringify(name)} names no environment.`);
    return `${this.environments}/${name}`;
  }

  /** Deletes one task's folder; the only recursive delete here. Throws `state_unsafe` for anything but a folder. */
  async remove(taskId: string): Promise<void> {
    const folder = this.task(taskId);
    const found = fs.lstatSync(folder, { throwIfNoEntry: false });
    if (found === undefined) return;
    if (!found.isDirectory() || !fs.lstatSync(this.tasks).isDirectory())
      refuse(`${folder} is not a folder.`);
    // A wrapper that was still at its last words may write into what is being deleted.
    await fs.promises.rm(folder, { recursive: true, maxRetries: 3 });
  }

  /**
   * Makes the attempt's folder, private to this user; `isNew` when it was not there. Throws `state_unsafe`
   * where a link or a file lies instead.
   */
  make(ref: AttemptRef): { folder: string; isNew: boolean } {
    const folder = this.attempt(ref);
    makePrivate(this.task(ref.taskId));
    return { folder, isNew: makePrivate(folder) };
  }
}

/** A folder only this user can enter, a link is never followed; true when it was not there. */
export function makePrivate(folder: string): boolean {
  try {
    fs.mkdirSync(folder, { mode: 0o700 });
    return true;
  } catch (error) {
    if (isCode(error, 'ENOENT')) {
      fs.mkdirSync(folder, { mode: 0o700, recursive: true });
      return true;
    }
    if (!isCode(error, 'EEXIST')) throw error;
    if (!fs.lstatSync(folder).isDirectory()) refuse(`${folder} is not a folder.`);
    return false;
  }
}

export const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

/** The same failure in words for people, when it is one of the disk; otherwise the failure itself. */
export function explained(error: unknown, folder: string): unknown {
  if (isCode(error, 'ENOSPC') || isCode(error, 'EDQUOT'))
    return new TendError(
      'disk_full',
      `There is no space left for ${folder}.`,
      'Free some space; the task starts by itself afterwards.',
      error,
    );
  if (isCode(error, 'EACCES') || isCode(error, 'EPERM') || isCode(error, 'EROFS'))
    return new TendError(
      'state_unwritable',
      `${folder} cannot be written.`,
      'The state folder must belong to the user who runs the daemon.',
      error,
    );
  return error;
}
