import type { StoredTask } from './database.ts';
import type { Blame } from './invariants.ts';

/** A parent that ended by its own work ended after all the children that it had then. */
export function checkFamily(tasks: readonly StoredTask[], task: StoredTask, blame: Blame): void {
  if (task.state !== 'completed' && task.reason !== 'child_failed') return;
  const end = task.history.at(-1)?.seq ?? 0;
  for (const child of tasks.filter(({ parent }) => parent === task.id)) {
    const [first, last] = [child.history[0]?.seq ?? 0, child.history.at(-1)?.seq ?? 0];
    if (first < end && last > end)
      blame('family_broken', `ended as ${task.state} before its child ${child.id}`);
  }
}
