import { answerOf } from '../domain/agent-report.ts';
import type { EndedAttempt } from '../domain/attempt.ts';
import type { CheckSeen } from '../domain/evidence.ts';
import { isTerminal } from '../domain/lifecycle.ts';
import { isEnded, type Task } from '../domain/task.ts';
import type { Ports } from './context.ts';

/** So much of the end of what a check wrote is read, bytes. */
const TEXT = 8 * 1024;
const decoder = new TextDecoder();

/** The checks of a task's work as they are now, oldest first. */
export async function checksSeen(ports: Ports, task: Task): Promise<CheckSeen[]> {
  if (!isChecked(task)) return [];
  const checks = await ports.store.checksOf(task.id);
  return (await Promise.all(checks.map((check) => seenOf(ports, check)))).flat();
}

/** Whether something is asked of the task's work. */
export const isChecked = ({ spec }: Task): boolean => (spec.checks ?? null) !== null;

async function seenOf(ports: Ports, task: Task): Promise<CheckSeen[]> {
  const { id, spec } = task;
  if (!spec.check) return [];
  const text =
    isEnded(task) && task.attempt !== null ? await textOf(ports, task, task.attempt) : '';
  return [{ ...spec.check, id, ended: endOf(task), text }];
}

function endOf(task: Task): CheckSeen['ended'] {
  if (!isEnded(task)) return null;
  return task.state === 'cancelled' || task.attempt === null ? 'cancelled' : task.attempt.outcome;
}

async function textOf(ports: Ports, task: Task, attempt: EndedAttempt): Promise<string> {
  const report = attempt.agent?.report ?? null;
  if (report !== null) return answerOf(report);
  const ref = { taskId: task.id, number: attempt.number };
  const stream = task.spec.streams === 'merged' ? 'output' : 'stdout';
  const { data } = await ports.output.tail(ref, stream, TEXT);
  return decoder.decode(data);
}

/** Whether it checks the work of a task that is through with that work, or gone. A merge is no part of the task's own work. */
export async function isOrphaned({ store }: Ports, { spec }: Task): Promise<boolean> {
  const { check } = spec;
  if (!check || check.what === 'merge') return false;
  const state = (await store.states([check.of])).get(check.of);
  return state === undefined || isTerminal(state);
}
