import {
  completions,
  type Delivery,
  deliveryId,
  isCheck,
  pushedTo,
  type PushTargets,
  reviewRequests,
  type Subscriber,
} from './delivery.ts';
import { hooksFor } from './hook.ts';
import { oneLine } from './prompt.ts';
import type { Question } from './question.ts';
import { isEnded, type Task } from './task.ts';

/**
 * Whom a change of a task, by a step or an amendment, lets know of something, and of what: a question that its worker
 * asked, work that waits for a person, its end. `at` = when it changed.
 */
export function toldBy(
  before: Task | null,
  after: Task,
  at: number,
  targets: PushTargets,
): Delivery[] {
  const isNew = before?.state !== after.state;
  return [
    ...asked(before, after, targets),
    ...(isNew ? reviewRequests(after, targets, at) : []),
    ...(isNew && isEnded(after) ? completions(after, targets) : []),
  ];
}

/** Longest question and option in a delivery, in characters: the whole of it is in `tend questions`. */
const LONGEST_ASKED = 400;
const LONGEST_CHOICE = 60;

function asked(before: Task | null, after: Task, targets: PushTargets): Delivery[] {
  const { attempt, spec, id } = after;
  const question = attempt?.worker?.question;
  if (attempt === null || question === undefined || isCheck(after)) return [];
  if (before?.attempt?.number === attempt.number && before.attempt.worker?.question) return [];
  const subscribers: Subscriber[] = [`owner:${spec.owner}`];
  if (spec.notify !== 'never') subscribers.push(...pushedTo(targets));
  subscribers.push(...hooksFor(targets.hooks, 'on_question'));
  return subscribers.map((subscriber) => ({
    id: deliveryId(after, 'question', `${attempt.number}a`, subscriber),
    kind: 'question',
    taskId: id,
    owner: spec.owner,
    subscriber,
    createdAt: question.askedAt,
    preview: inWords(id, question),
    truncated: question.text.length > LONGEST_ASKED,
  }));
}

function inWords(id: string, { text, options }: Question): string {
  const choices = options.map((option) => oneLine(option, LONGEST_CHOICE)).join(' | ');
  const among = choices === '' ? '' : ` [${choices}]`;
  return `${id} asks: ${oneLine(text, LONGEST_ASKED)}${among}: tend answer ${id} "…"`;
}
