import { resultIn } from '../domain/product.ts';
import type { Task } from '../domain/task.ts';
import type { Ports } from './context.ts';

/**
 * The commits that the work of a task starts from: its base, then the results of the tasks that it depends on, as far as
 * they have completed in the same repository. What is in the base already is no trouble: merged, it changes nothing.
 */
export async function startsFor({ store }: Ports, { spec }: Task): Promise<readonly string[]> {
  const { workspace, after } = spec;
  if (!workspace) return [];
  const starts = [workspace.base];
  for (const dependency of after) {
    const other = await store.get(dependency.task);
    if (other?.state !== 'completed' || !other.attempt.product) continue;
    if (other.spec.workspace?.repository !== workspace.repository) continue;
    const { saved } = resultIn(other.attempt.product);
    if (saved !== null) starts.push(saved.commit);
  }
  return [...new Set(starts)];
}
