import { unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TendError } from '../domain/errors.ts';

/** A read-only or full disk is found here rather than in the middle of a task. */
export function probeStateFolder(path: string): void {
  const file = join(path, `.probe-${process.pid}`);
  try {
    writeFileSync(file, 'probe', { mode: 0o600 });
    unlinkSync(file);
  } catch (error) {
    throw unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): TendError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new TendError(
      'disk_full',
      `the disk of the state folder ${path} is full (${code})`,
      'Make room on it, then try again: nothing was lost.',
      error,
    );
  return new TendError(
    'state_unwritable',
    `the state folder ${path} cannot be written (${code})`,
    'Make it writable, or set TEND_HOME to a folder of your own.',
    error,
  );
}
