import { type Delivery, type DeliveryStatus, reasonOf } from '../../domain/delivery.ts';
import type { Reason, State } from '../../domain/lifecycle.ts';
import type { Task } from '../../domain/task.ts';
import { isSuccess, type Verdict, verdict, verificationOf } from '../../domain/verdict.ts';

/** What a receiver is told: the delivery as the inbox shows it, with the facts of the task that fit a message. */
export interface Message {
  id: string;
  /** `test` = nothing has happened: somebody tries whether messages arrive. */
  kind: Delivery['kind'] | 'test';
  taskId: string;
  owner: string;
  /** RFC 3339, as all times here. */
  createdAt: string;
  preview: string;
  truncated: boolean;
  task: {
    id: string;
    title: string;
    state: State;
    reason: Reason | null;
    verdict: Verdict;
    group: string | null;
    parent: string | null;
    labels: Readonly<Record<string, string>>;
    cwd: string;
    attempt: number;
    exitCode: number | null;
    signal: string | null;
    createdAt: string;
    startedAt: string | null;
    endedAt: string | null;
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

export function messageOf(delivery: DeliveryStatus, task: Task): Message {
  const { id, kind, taskId, owner, createdAt, preview, truncated } = delivery;
  return {
    id,
    kind,
    taskId,
    owner,
    createdAt: iso(createdAt),
    preview,
    truncated,
    task: factsOf(task),
  };
}

/** What is told of a task. */
export function factsOf(task: Task): Message['task'] {
  const { spec, attempt } = task;
  const exit = attempt !== null && attempt.outcome !== null ? attempt.exit : null;
  return {
    id: task.id,
    title: spec.title,
    state: task.state,
    reason: reasonOf(task),
    verdict: verdict(task.state, reasonOf(task), verificationOf(task)),
    group: spec.group,
    parent: spec.parent,
    labels: spec.labels,
    cwd: spec.cwd,
    attempt: attempt?.number ?? 0,
    exitCode: exit !== null && 'code' in exit ? exit.code : null,
    signal: exit !== null && 'signal' in exit ? exit.signal : null,
    createdAt: iso(task.createdAt),
    startedAt: isoOrNull(attempt?.startedAt ?? null),
    endedAt: 'endedAt' in task ? iso(task.endedAt) : null,
  };
}

/** What a receiver of facts gets when somebody tries whether it hears. */
export function testMessage(now: number, owner: string): Message {
  const at = iso(now);
  const nothing = { reason: null, group: null, parent: null, labels: {}, exitCode: null };
  return {
    id: `d-test.${Math.floor(now).toString(36)}`,
    kind: 'test',
    taskId: 't-test',
    owner,
    createdAt: at,
    preview: TEST_TEXT,
    truncated: false,
    task: {
      ...nothing,
      id: 't-test',
      title: TEST_TITLE,
      state: 'completed',
      verdict: 'delivered',
      cwd: '/',
      attempt: 0,
      signal: null,
      createdAt: at,
      startedAt: null,
      endedAt: at,
    },
  };
}

export const TEST_TITLE = 'A test message from Tend';
export const TEST_TEXT = 'Nothing has happened: somebody asked for it with tend notify test.';

/** The end of a task that neither succeeded nor was cancelled, or a question: something stands still until it is answered. */
export const tellsFailure = ({ kind, task }: Message): boolean =>
  kind === 'question' ||
  (kind === 'completion' && !isSuccess(task.verdict) && task.state !== 'cancelled');
