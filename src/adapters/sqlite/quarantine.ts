import { existsSync, renameSync } from 'node:fs';
import { TendError } from '../../domain/errors.ts';

const COMPANIONS = ['', '-wal', '-shm'];

/** Moves a damaged database and its companions aside, so that nothing writes to them again. Answers where. */
export function quarantine(path: string): string {
  const time = new Date().toISOString().replaceAll(/[-:.]/g, '');
  let kept = `${path}.corrupt-${time}`;
  for (let nth = 2; existsSync(kept); nth++) kept = `${path}.corrupt-${time}-${nth}`;
  for (const companion of COMPANIONS)
    if (existsSync(path + companion)) renameSync(path + companion, kept + companion);
  return kept;
}

export const quarantined = (path: string, kept: string, cause: unknown): TendError =>
  new TendError(
    'database_corrupt',
    `The database ${path} is damaged (${cause instanceof Error ? cause.message : String(cause)}). It was moved to ${kept}; nothing was deleted.`,
    'Restore the tasks from it and from the attempt folders with: tend doctor --rebuild',
    cause,
  );
