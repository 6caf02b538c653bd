import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import type { TaskId } from '../../domain/task.ts';
import { branchOf, type Place, type WorkspaceSpec } from '../../domain/workspace.ts';

/** Where the work trees of a repository lie below the state folder. */
export function yardOf(state: string, repository: string): string {
  const named = basename(repository) === '.git' ? join(repository, '..') : repository;
  const name = basename(named)
    .replace(/\.git$/, '')
    .replace(/[^A-Za-z0-9_-]/g, '_')
    .slice(0, 40);
  const hash = createHash('sha256').update(repository).digest('hex').slice(0, 8);
  return join(state, 'worktrees', `${name}-${hash}`);
}

/** A file of ours beside the work trees: no name of a branch can be in its way. */
export const besideOf = (state: string, repository: string, name: string, what: string): string =>
  join(yardOf(state, repository), '.tend', `${encodeURIComponent(name)}.${what}`);

/** Follows from the arguments alone. */
export function placeOf(
  state: string,
  spec: WorkspaceSpec,
  taskId: TaskId,
  number: number,
  compete: boolean,
): Place {
  const { kind, repository, checkout, subfolder } = spec;
  const branch = branchOf(spec, taskId, number, compete);
  const path =
    kind === 'in_place' && checkout !== null
      ? checkout
      : join(yardOf(state, repository), branch ?? `.checks/${taskId}.${number}`);
  return { kind, taskId, number, repository, checkout, path, cwd: join(path, subfolder), branch };
}

/** Where the work trees around a place lie; null = it is the person's own checkout. */
export function yardAround({ kind, path, branch }: Place): string | null {
  if (kind === 'in_place') return null;
  return kind === 'worktree' && branch !== null
    ? path.slice(0, -branch.length - 1)
    : dirname(dirname(path));
}

/** A file of ours beside the place, which lies where `besideOf` says; null = it is the person's own checkout. */
export function besidePlace(place: Place, what: string): string | null {
  const yard = yardAround(place);
  if (yard === null) return null;
  const name = place.path.slice(yard.length + 1);
  return join(yard, '.tend', `${encodeURIComponent(name)}.${what}`);
}
