import { isTerminal, type Live, type StopReason } from '../domain/lifecycle.ts';
import { requestStop } from '../domain/decide.ts';
import { stopFinishing, stopSooner } from '../domain/stop.ts';
import { step, type Task, type TaskId } from '../domain/task.ts';
import type { Ports } from './context.ts';
import type { StopOptions } from './facade.ts';
import { attemptRef } from './observe.ts';
import type { Pass } from './pass.ts';
import type { Tasks } from './tasks.ts';

/** Ends a task in whatever state it is. Answers it as it is once the stop is durable and signalled. */
export async function stopTask(
  ports: Ports,
  tasks: Tasks,
  pass: Pass,
  id: TaskId,
  options: StopOptions,
): Promise<Task | null> {
  for (;;) {
    // What already ended by itself is recorded as that, not as stopped.
    const task = await pass.advance(id);
    if (task === null) return null;
    const now = ports.clock.now();
    const grace = options.grace ?? task.spec.grace;
    switch (task.state) {
      case 'claimed':
      case 'running':
        if (await tasks.commit(task, [requestStop(task, options.reason, grace, now)])) {
          const stopped = await pass.advance(id);
          // Its own work was over a moment before; what it would wait for now, it need not.
          if (stopped?.state !== 'awaiting_children') return stopped;
        }
        break;
      case 'stopping': {
        const sooner = stopSooner(task, options.reason, grace, now);
        if (sooner === null) return task;
        if (await tasks.amend(sooner)) return pass.advance(id);
        break;
      }
      case 'finishing': {
        // What it has done is saved first; then nothing more is asked of it.
        const cancelled = stopFinishing(task, options.reason);
        if (cancelled === null) return task;
        if (await tasks.amend(cancelled)) {
          const stopped = await pass.advance(id);
          if (stopped?.state !== 'awaiting_children') return stopped;
        }
        break;
      }
      default: {
        if (isTerminal(task.state)) {
          if (task.attempt !== null)
            await ports.supervisor.endSurvivors(attemptRef(task.id, task.attempt));
          return task;
        }
        const cancelled = await tasks.commit(task, [cancel(task, options.reason, now)]);
        if (cancelled !== null) return cancelled;
      }
    }
  }
}

type Parked = Exclude<Task, { state: Live }>;

function cancel(
  task: Parked,
  reason: Extract<StopReason, 'user' | 'parent' | 'policy'>,
  now: number,
) {
  const { attempt } = task;
  return step(
    'cancel',
    task as Extract<Parked, { state: 'queued' }>,
    { state: 'cancelled', reason, attempt, endedAt: now },
    now,
  );
}
