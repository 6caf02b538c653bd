import type { CancelReason } from './lifecycle.ts';
import { ending, isCancel } from './outcome.ts';
import { amend, type Amendment, type TaskIn } from './task.ts';
import { parks } from './worker.ts';

/**
 * What a person's stop makes of a task that is being stopped already, with `grace` ms at most; null = nothing. Whatever
 * it is stopped for, such as a timeout that another attempt may follow: now it is cancelled, and nothing follows; but
 * for an agent that has said that it is done and has asked nothing, which only its process has to follow.
 */
export function stopSooner(
  task: TaskIn<'stopping'>,
  reason: CancelReason,
  grace: number,
  now: number,
): Amendment | null {
  const { attempt, stop } = task;
  const killAt = Math.min(stop.killAt, now + grace);
  const isDone = stop.reason === 'settled' && hasDone(attempt) && !parks(attempt.worker);
  const stays = isCancel(stop.reason) || isDone;
  if (stays && killAt === stop.killAt) return null;
  const { termAt, ...rest } = stop;
  const asked = termAt !== undefined && termAt < killAt ? { termAt } : {};
  return amend(task, {
    attempt,
    stop: { ...rest, ...asked, killAt, reason: stays ? stop.reason : reason },
  });
}

/**
 * What a stop makes of a task whose work is being saved or looked at; null = nothing, it ends as stopped already. What is
 * begun is saved; nothing more is asked of the work, and nothing follows.
 */
export function stopFinishing(task: TaskIn<'finishing'>, reason: CancelReason): Amendment | null {
  const { attempt } = task;
  const isStopped =
    attempt.cancelled !== undefined || ending(attempt.outcome).state === 'cancelled';
  return isStopped ? null : amend(task, { attempt: { ...attempt, cancelled: reason } });
}

const hasDone = ({ agent }: TaskIn<'stopping'>['attempt']): boolean =>
  agent?.report?.final?.ok === true;
