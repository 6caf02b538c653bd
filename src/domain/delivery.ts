import { PREVIEW_BYTES } from './attempt.ts';
import { type HookSubscriber, hooksFor } from './hook.ts';
import type { Reason } from './lifecycle.ts';
import { NO_PRODUCT, resultIn } from './product.ts';
import { oneLine } from './prompt.ts';
import { isSignificant } from './significance.ts';
import { toldIn, wordsTold } from './told-result.ts';
import type { EndedTask, Task, TaskId } from './task.ts';
import { isSuccess, verdict, verificationOf } from './verdict.ts';

export const NOTIFY_POLICIES = ['always', 'on_failure', 'if_significant', 'never'] as const;
export type NotifyPolicy = (typeof NOTIFY_POLICIES)[number];

export const DELIVERY_KINDS = ['completion', 'question', 'reminder', 'match', 'digest'] as const;
export type DeliveryKind = (typeof DELIVERY_KINDS)[number];

/** `owner:<key>` pulls and acknowledges; all others are pushed. A `webhook` is a machine, a `channel` reaches a person, a `hook` is a command. */
export type Subscriber =
  | `owner:${string}`
  | `webhook:${string}`
  | `channel:${string}`
  | HookSubscriber
  | 'command';

/** One fact that one subscriber must be told. */
export interface Delivery {
  /** Stable: the same fact for the same subscriber always gets the same id. */
  id: string;
  kind: DeliveryKind;
  taskId: TaskId;
  owner: string;
  subscriber: Subscriber;
  createdAt: number;
  /** Fixed once: the last bytes of the output, or the reminder's text. */
  preview: string;
  truncated: boolean;
}

/** A delivery with what became of it. */
export interface DeliveryStatus extends Delivery {
  tries: number;
  /** Next push; null for pulled deliveries and settled ones. */
  nextAt: number | null;
  deliveredAt: number | null;
  ackedAt: number | null;
  /** Out of tries: kept, shown by `doctor`, never dropped. */
  deadAt: number | null;
  lastError: string | null;
}

/** Receivers known from configuration, told of every loud end. */
export interface PushTargets {
  webhooks: readonly string[];
  /** Left out = none. */
  channels?: readonly string[];
  /** Called whatever a task says of notifications; left out = none. */
  hooks?: readonly HookSubscriber[];
  onDone: boolean;
}

export const NO_TARGETS: PushTargets = { webhooks: [], onDone: false };

/** Who is pushed every fact that a person should know, questions among them; the command hears of ends alone. */
export const pushedTo = ({ webhooks, channels = [] }: PushTargets): Subscriber[] => [
  ...webhooks.map((name) => `webhook:${name}` as const),
  ...channels.map((name) => `channel:${name}` as const),
];

/** Where a reader finds why the task is where it is. */
export const reasonOf = (task: Task): Reason | null => {
  if (task.state === 'stopping') return task.stop.reason;
  return 'reason' in task ? task.reason : null;
};

/**
 * A terminal task is told to its owner always, to pushed receivers when its policy is loud about this end; the end of a
 * check to nobody.
 */
export function completions(task: EndedTask, targets: PushTargets): Delivery[] {
  if (isCheck(task)) return [];
  const subscribers: Subscriber[] = [`owner:${task.spec.owner}`];
  if (isLoud(task)) {
    if (task.spec.onDone !== null || targets.onDone) subscribers.push('command');
    subscribers.push(...pushedTo(targets));
  }
  subscribers.push(
    ...hooksFor(targets.hooks, 'after_end', ...(isBad(task) ? (['on_fail'] as const) : [])),
  );
  const output = task.attempt?.output;
  return subscribers.map((subscriber) => ({
    id: deliveryId(task, 'completion', '', subscriber),
    kind: 'completion',
    taskId: task.id,
    owner: task.spec.owner,
    subscriber,
    createdAt: task.endedAt,
    preview: output?.preview ?? '',
    truncated: isCut(task),
  }));
}

/** It neither succeeded nor was cancelled. */
const isBad = (task: EndedTask): boolean =>
  task.state !== 'cancelled' &&
  !isSuccess(verdict(task.state, reasonOf(task), verificationOf(task)));

/** It is nobody's business but that of the task whose work it checks. */
export const isCheck = ({ spec }: Pick<Task, 'spec'>): boolean => (spec.check ?? null) !== null;

/** Of an agent its words are told, and not its protocol. */
function isCut({ attempt }: EndedTask): boolean {
  if (attempt === null) return false;
  const told = toldIn(attempt);
  const length = told.report === null ? attempt.output.bytes : wordsTold(told).length;
  return length > PREVIEW_BYTES;
}

/**
 * Whether this end is pushed: what went wrong under every policy but `never`; under `if_significant` a success that its
 * worker, by its `finish`, finds worth telling, or of which it told nothing.
 */
export function isLoud(task: EndedTask): boolean {
  const good = isSuccess(verdict(task.state, reasonOf(task), verificationOf(task)));
  switch (task.spec.notify) {
    case 'always':
      return true;
    case 'if_significant':
      return !good || isSignificant(task.attempt?.worker?.finish, task.spec.criteria);
    case 'on_failure':
      return !good && task.state !== 'cancelled';
    case 'never':
      return false;
  }
}

/** What its owner is asked when a task begins to wait for a person; a step to any other state asks nothing. */
export function reviewRequests(task: Task, targets: PushTargets, at: number): Delivery[] {
  const { spec, id } = task;
  if (task.state !== 'awaiting_review') return [];
  const { attempt } = task;
  const [concern] = resultIn(attempt.product ?? NO_PRODUCT).concerns ?? [];
  const why = oneLine(concern ?? 'it was asked for', LONGEST_WHY);
  const subscribers: Subscriber[] = [`owner:${spec.owner}`];
  if (spec.notify !== 'never') subscribers.push(...pushedTo(targets));
  subscribers.push(...hooksFor(targets.hooks, 'on_question'));
  return subscribers.map((subscriber) => ({
    id: deliveryId(task, 'question', `${attempt.number}w`, subscriber),
    kind: 'question',
    taskId: id,
    owner: spec.owner,
    subscriber,
    createdAt: at,
    preview: `${id} waits for your review (${why}): tend diff ${id}, then tend accept ${id} or tend reject ${id} --feedback "…"`,
    truncated: false,
  }));
}

/** Longest reason for a review that is told, in characters. */
const LONGEST_WHY = 160;

/** The reminder due at `now` for a task that has run for whole intervals; null = none yet. */
export function reminder(task: Task, now: number): Delivery | null {
  if (task.state !== 'running' || task.spec.remind === 0 || isCheck(task)) return null;
  const count = Math.floor((now - task.attempt.startedAt) / task.spec.remind);
  if (count < 1) return null;
  const subscriber = `owner:${task.spec.owner}` as const;
  return {
    id: deliveryId(task, 'reminder', `${task.attempt.number}.${count}`, subscriber),
    kind: 'reminder',
    taskId: task.id,
    owner: task.spec.owner,
    subscriber,
    createdAt: task.attempt.startedAt + count * task.spec.remind,
    preview: `still running after ${span(count * task.spec.remind)}`,
    truncated: false,
  };
}

/**
 * One id per fact and subscriber: telling it twice is recognisable. The time of creation keeps a task
 * apart from a removed one that had the same id.
 */
export function deliveryId(task: Task, kind: DeliveryKind, nth: string, to: Subscriber): string {
  const tag = { completion: 'c', question: 'q', reminder: 'r', match: 'm', digest: 'g' }[kind];
  const suffix = to.startsWith('owner:') ? '' : `.${to.replace(/[^A-Za-z0-9_-]/g, '_')}`;
  return `d-${task.id}.${Math.floor(task.createdAt).toString(36)}.${tag}${nth}${suffix}`;
}

const span = (ms: number): string =>
  ms < 120_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;

/** Pushes are tried this often over about a day before they are laid aside as dead. */
export const PUSH_TRIES = 12;
const PUSH_FIRST_WAIT = 5_000;
const PUSH_LONGEST_WAIT = 4 * 3_600_000;

/** Milliseconds until the next push after `tries` failed ones, or null when it is given up. */
export function pushDelay(tries: number, chance: number): number | null {
  if (tries >= PUSH_TRIES) return null;
  const wait = Math.min(PUSH_FIRST_WAIT * 3 ** (tries - 1), PUSH_LONGEST_WAIT);
  return Math.round(wait * (1 + 0.2 * chance));
}
