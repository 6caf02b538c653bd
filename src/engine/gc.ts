import type { TaskId } from '../domain/task.ts';
import type { Ports } from './context.ts';
import type { GcRequest, GcResult } from './facade.ts';

const PAGE = 500;

/** Forgets one ended task, then deletes its files; false when something protects it. */
export async function removeTask(ports: Ports, id: TaskId): Promise<boolean> {
  if (!(await ports.store.remove(id))) return false;
  await clear(ports, id);
  return true;
}

/** Deletes the files of a removed task; its id is free again after that, and not before. */
export async function clear({ store, supervisor }: Ports, id: TaskId): Promise<void> {
  await supervisor.remove(id);
  await store.cleared(id);
}

/** Removes ended tasks that nothing protects. */
export async function collect(ports: Ports, request: GcRequest): Promise<GcResult> {
  const { store, environments, clock } = ports;
  const before = clock.now() - request.olderThan;
  const removed: TaskId[] = [];
  let freedBytes = 0;
  for (;;) {
    const page = await store.removable(before, request.dryRun ? Number.MAX_SAFE_INTEGER : PAGE);
    for (const task of page) {
      if (!request.dryRun && !(await removeTask(ports, task.id))) continue;
      removed.push(task.id);
      const { attempt } = task;
      freedBytes += attempt !== null && attempt.outcome !== null ? attempt.output.bytes : 0;
    }
    if (request.dryRun || page.length < PAGE) break;
  }
  if (!request.dryRun) await environments.keep(await store.environments());
  const { byState } = await store.counts();
  const { completed = 0, failed = 0, cancelled = 0, skipped = 0 } = byState;
  const ended = completed + failed + cancelled + skipped;
  return { removed, kept: request.dryRun ? ended - removed.length : ended, freedBytes };
}
