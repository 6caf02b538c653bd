import type { Dependency } from '../domain/dependencies.ts';
import { isEnded, type Task, type TaskId } from '../domain/task.ts';
import { childrenOf } from './children.ts';
import type { Ports } from './context.ts';

type Store = Ports['store'];

/**
 * Which of the tasks that a new child of `parent` is to wait for cannot end before one of the child's ancestors has:
 * those end after the child, so that all of them would wait for ever. Null = none.
 */
export async function deadlockIn(
  store: Store,
  parent: Task,
  after: readonly Dependency[],
): Promise<TaskId | null> {
  if (after.length === 0) return null;
  const ancestors = new Set<TaskId>();
  let next: Task | null = parent;
  while (next !== null) {
    ancestors.add(next.id);
    next = next.spec.parent === null ? null : await store.get(next.spec.parent);
  }
  const seen = new Set<TaskId>();
  for (const { task } of after) if (await waitsFor(store, task, ancestors, seen)) return task;
  return null;
}

/** Whether the end of `id` needs the end of one of `targets`; `seen` were looked at before. */
async function waitsFor(
  store: Store,
  id: TaskId,
  targets: ReadonlySet<TaskId>,
  seen: Set<TaskId>,
): Promise<boolean> {
  const open = [id];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const task = await store.get(at);
    if (task === null || isEnded(task)) continue;
    if (targets.has(at)) return true;
    if (task.state === 'waiting') open.push(...task.spec.after.map((on) => on.task));
    for await (const child of childrenOf(store, at)) open.push(child.id);
  }
  return false;
}
