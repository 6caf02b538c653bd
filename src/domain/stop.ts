import type { CancelReason } from './lifecycle.ts';
import { isCancel } from './outcome.ts';
import { amend, type Amendment, type TaskIn } from './task.ts';

/**
 * What a person's stop makes of a task that is being stopped already, with `grace` ms at most; null = nothing. Whatever
 * it is stopped for, such as a timeout that another attempt may follow: now it is cancelled, and nothing follows; but
 * for an agent that has said that it is done, which only its process has to follow.
 */
export function stopSooner(
  task: TaskIn<'stopping'>,
  reason: CancelReason,
  grace: number,
  now: number,
): Amendment | null {
  const { attempt, stop } = task;
  const killAt = Math.min(stop.killAt, now + grace);
  const stays = isCancel(stop.reason) || (stop.reason === 'settled' && hasDone(attempt));
  if (stays && killAt === stop.killAt) return null;
  const { termAt, ...rest } = stop;
  const asked = termAt !== undefined && termAt < killAt ? { termAt } : {};
  return amend(task, {
    attempt,
    stop: { ...rest, ...asked, killAt, reason: stays ? stop.reason : reason },
  });
}

const hasDone = ({ agent }: TaskIn<'stopping'>['attempt']): boolean =>
  agent?.report?.final?.ok === true;
