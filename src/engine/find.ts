import { TendError } from '../domain/errors.ts';
import { nearest } from '../domain/nearest.ts';
import type { Task } from '../domain/task.ts';
import type { Store } from '../ports/store.ts';
import type { Tasks } from './tasks.ts';

/** Matches shown for an ambiguous prefix. */
const MOST_MATCHES = 5;
/** Recent tasks among which a mistyped id is looked for. */
const RECENT = 100;

/** The one task whose id is, or begins with, `prefix`. Throws `not_found` or `ambiguous_id`. */
export async function findTask(store: Store, tasks: Tasks, prefix: string): Promise<Task> {
  const known = tasks.live.get(prefix);
  if (known !== undefined) return known;
  const [id, ...others] = await store.resolve(prefix, MOST_MATCHES);
  if (others.length > 0)
    throw new TendError(
      'ambiguous_id',
      `"${prefix}" begins the ids of several tasks: ${[id, ...others].join(', ')}`,
      'Write more of the id.',
    );
  const task = id === undefined ? null : await tasks.get(id);
  if (task !== null) return task;
  const recent = await store.list({ limit: RECENT });
  const similar = nearest(
    prefix,
    recent.tasks.map((one) => one.id),
  );
  throw new TendError(
    'not_found',
    `there is no task "${prefix}"`,
    similar === null ? 'See the tasks with: tend ls --all' : `Did you mean ${similar}?`,
  );
}
