import { isCheck } from '../domain/delivery.ts';
import type { BeforeRun } from '../domain/hook.ts';
import { amend, type Task, type TaskId, type TaskIn } from '../domain/task.ts';
import type { Ports, Settings } from './context.ts';
import type { Tasks } from './tasks.ts';
import { record } from './workspace-job.ts';

/** What an attempt of the task knows of the hook before its run, when it is claimed. */
export function asking(settings: Settings, task: Task): { beforeRun?: BeforeRun | null } {
  if (isCheck(task)) return {};
  return settings.beforeRun?.(task.spec.cwd) === true ? { beforeRun: null } : {};
}

/** Nothing is prepared or launched before the hook has answered. */
export const awaitsHook = ({ attempt }: TaskIn<'claimed'>): boolean => attempt.beforeRun === null;

/**
 * Asks the hook before the run of a claimed attempt, and records what it said. A daemon that dies in between asks again,
 * under the same id.
 */
export async function askBeforeRun(
  ports: Ports,
  tasks: Tasks,
  id: TaskId,
  number: number,
): Promise<void> {
  const task = await tasks.get(id);
  if (task === null || !isAsking(task, number)) return;
  const veto = await ports.hooks.beforeRun(task);
  await record(tasks, id, (now) =>
    isAsking(now, number)
      ? amend(now, { attempt: { ...now.attempt, beforeRun: { at: ports.clock.now(), veto } } })
      : null,
  );
}

const isAsking = (task: Task, number: number): task is TaskIn<'claimed'> =>
  task.state === 'claimed' && task.attempt.number === number && awaitsHook(task);
