import { TendError } from '../domain/errors.ts';
import type { Trash, Trashed } from '../ports/trash.ts';

/** Brings back what was taken away last of the one task whose id is, or begins with, `prefix`. Throws `not_found` or `ambiguous_id`. */
export async function undo({ trash }: { trash: Trash }, prefix: string): Promise<Trashed> {
  const all = await trash.list();
  const exact = all.filter(({ taskId }) => taskId === prefix);
  const found = exact.length > 0 ? exact : all.filter(({ taskId }) => taskId.startsWith(prefix));
  const ids = [...new Set(found.map(({ taskId }) => taskId))];
  if (ids.length > 1)
    throw new TendError(
      'ambiguous_id',
      `"${prefix}" begins the ids of several tasks: ${ids.slice(0, 5).join(', ')}`,
      'Write more of the id.',
    );
  const [newest] = found;
  if (newest === undefined)
    throw new TendError(
      'not_found',
      `no work tree of "${prefix}" is in the trash`,
      'What was saved of a task stays in its repository: git for-each-ref refs/tend',
    );
  await trash.restore(newest);
  return newest;
}
