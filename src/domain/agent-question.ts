import type { HoldChange } from './agent-change.ts';
import { seatsOf, type AgentWork } from './agent-work.ts';
import {
  type Delivery,
  deliveryId,
  isCheck,
  pushedTo,
  type PushTargets,
  type Subscriber,
} from './delivery.ts';
import { isDrain, isDrained } from './drain.ts';
import type { Hold } from './holds.ts';
import { hooksFor } from './hook.ts';
import { stamp } from './stamp.ts';
import type { Step, Task } from './task.ts';

/**
 * What a person is asked when a step changed these holds: once for each agent that is drained by it, and once for each
 * hold that keeps a task whose policy is to ask.
 */
export function questions(
  task: Task,
  step: Step,
  changes: readonly HoldChange[],
  targets: PushTargets,
): Delivery[] {
  const { work } = task.spec;
  if (work.kind !== 'agent' || isCheck(task)) return [];
  return changes.flatMap(({ before, after }) => {
    if (after === null) return [];
    if (isDrain(after))
      return isDrained(after) && !isDrained(before)
        ? asked(task, step, `${instant(after.since)}d`, ofDrain(after), targets)
        : [];
    if (work.onQuota !== 'ask') return [];
    // The same hold always has the same beginning, so that a longer one is no new question.
    return asked(
      task,
      step,
      `${instant(after.began ?? after.since)}h`,
      ofLimit(task.id, work, after),
      targets,
    );
  });
}

const instant = (moment: number): string => Math.floor(moment).toString(36);

const ofDrain = ({ agent, reason }: Hold): string =>
  `${agent} ${reason}; nothing of it starts before: tend agents ack ${agent}`;

function ofLimit(id: string, work: AgentWork, { agent, reason, retryAt }: Hold): string {
  const other = seatsOf(work).find((seat) => seat.agent !== agent)?.agent ?? '<agent>';
  const wait =
    retryAt === null
      ? `it waits for: tend agents release ${agent}`
      : `it waits until ${stamp(retryAt)}`;
  return `${agent} was refused: ${reason}; ${wait}, or: tend stop ${id}, then tend retry ${id} --agent ${other}`;
}

function asked(
  task: Task,
  { at }: Step,
  nth: string,
  preview: string,
  targets: PushTargets,
): Delivery[] {
  const { owner, notify } = task.spec;
  const subscribers: Subscriber[] = [`owner:${owner}`];
  // The command is told of ends alone: that is what its name says.
  if (notify !== 'never') subscribers.push(...pushedTo(targets));
  subscribers.push(...hooksFor(targets.hooks, 'on_question'));
  return subscribers.map((subscriber) => ({
    id: deliveryId(task, 'question', nth, subscriber),
    kind: 'question',
    taskId: task.id,
    owner,
    subscriber,
    createdAt: at,
    preview,
    truncated: false,
  }));
}
