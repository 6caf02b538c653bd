import { isEnded, type Task, type TaskId } from '../domain/task.ts';
import type { Ports } from './context.ts';
import type { Description } from './facade.ts';

type Facts = Pick<Description, 'merge' | 'trashed'>;

const NOTHING: Facts = { merge: null, trashed: null };

/**
 * What has become of the work of tasks besides what they know themselves. The trash is looked through for one task
 * alone: a list must not wait for what is moved there just now.
 */
export async function workFacts(
  { store, trash }: Pick<Ports, 'store' | 'trash'>,
  tasks: readonly Task[],
): Promise<(task: Task) => Facts> {
  const placed = tasks.filter(({ spec }) => (spec.workspace?.kind ?? 'checkout') !== 'checkout');
  const [first] = placed;
  if (first === undefined) return () => NOTHING;
  const merges = new Map<TaskId, Facts['merge']>();
  for (const merge of await store.merges(placed.map(({ id }) => id)))
    if (!merges.has(merge.taskId)) merges.set(merge.taskId, merge);
  const isAlone = tasks.length === 1 && isEnded(first);
  const trashed = isAlone ? (await trash.list()).find(({ taskId }) => taskId === first.id) : null;
  return ({ id }) => ({ merge: merges.get(id) ?? null, trashed: trashed ?? null });
}
