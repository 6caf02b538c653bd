import { settlesAt } from './agent-watch.ts';
import type { AgentWork } from './agent-work.ts';
import type { EndedAttempt, OpenAttempt, RunningAttempt } from './attempt.ts';
import type { Dependency } from './dependencies.ts';
import type { NotifyPolicy } from './delivery.ts';
import {
  type CancelReason,
  type Event,
  type FailReason,
  type From,
  isTerminal,
  LIFECYCLE,
  type SkipReason,
  type State,
  type StopReason,
  type Terminal,
  type To,
} from './lifecycle.ts';
import type { CheckOf, Checks } from './checks.ts';
import { questionDueAt } from './question.ts';
import type { RetryPolicy } from './retry.ts';
import type { WorkspaceSpec } from './workspace.ts';

export type TaskId = string;

/** What is run: a line for the user's shell, a program with its arguments, or a prompt for an agent. */
export type Work =
  | { kind: 'command'; command: string; shell: string }
  | { kind: 'command'; argv: readonly string[] }
  | AgentWork;

/** What was asked for: fixed at submit, never changed. Durations in milliseconds. */
export interface TaskSpec {
  work: Work;
  title: string;
  cwd: string;
  /** Name of the captured environment; its values are kept apart and never shown. */
  environment: string | null;
  /** File mode mask of the submitter; default: the daemon's. */
  umask?: number;
  owner: string;
  group: string | null;
  parent: TaskId | null;
  /** Number of ancestors: a task submitted by a person has 0. */
  depth: number;
  /** Its parent, and the parent's ancestors; left out = none. */
  ancestors?: readonly TaskId[];
  labels: Readonly<Record<string, string>>;
  priority: number;
  streams: 'merged' | 'split';
  /** Its stdin is held open, so that text can be sent to it; left out = there is nothing on stdin. */
  input?: boolean;
  timeout: number;
  idleTimeout: number | null;
  /** Of an agent; a command may be silent from its first moment on. */
  firstOutputTimeout?: number | null;
  queueTimeout: number | null;
  /** Between the polite signal and the kill. */
  grace: number;
  retry: RetryPolicy;
  after: readonly Dependency[];
  /** Ended tasks whose results go into the prompt of an agent; each of them stands in `after`, too. */
  contextFrom?: readonly TaskId[];
  /** No two tasks with the same key run at once. */
  exclusive?: string | null;
  /** Somebody watches it: it takes no turn and waits for no slot. */
  foreground?: boolean;
  /** Most tasks of its group that run at once, besides what the configuration says. */
  groupSlots?: number | null;
  /** What its batch calls it. */
  name?: string | null;
  /** The schedule that submitted it. */
  schedule?: string | null;
  /** Left out = it simply works in `cwd`. */
  workspace?: WorkspaceSpec | null;
  /** What must be so before its work is believed; left out = nothing. */
  checks?: Checks | null;
  /** It checks the work of another task. */
  check?: CheckOf | null;
  notify: NotifyPolicy;
  /** For `if_significant`: what is worth telling, numbered from 1; left out = the worker decides alone. */
  criteria?: readonly string[];
  /** Interval of reminders while running; 0 = none. */
  remind: number;
  /** Command line told of the end; its text travels in the environment, never in the line. */
  onDone: string | null;
  key: string | null;
  retryOf: TaskId | null;
  resumeOf: TaskId | null;
}

/** A stop that was asked for: stored before the first signal. */
export interface StopRequest {
  reason: StopReason;
  requestedAt: number;
  /** An agent is interrupted first, so that it can close its session: when it is asked to end instead. */
  termAt?: number;
  /** When politeness ends; equal to `requestedAt` for an immediate kill. */
  killAt: number;
}

/** What is known in each state, and only there. */
export interface Facts {
  waiting: { runAt: number | null; attempt: EndedAttempt | null };
  queued: { queuedAt: number; attempt: EndedAttempt | null };
  claimed: { attempt: OpenAttempt };
  running: { attempt: RunningAttempt };
  stopping: { attempt: OpenAttempt | RunningAttempt; stop: StopRequest };
  finishing: { attempt: EndedAttempt };
  awaiting_input: { attempt: EndedAttempt };
  awaiting_children: { attempt: EndedAttempt };
  awaiting_review: { attempt: EndedAttempt };
  completed: { attempt: EndedAttempt; endedAt: number };
  failed: { attempt: EndedAttempt | null; endedAt: number; reason: FailReason };
  cancelled: { attempt: EndedAttempt | null; endedAt: number; reason: CancelReason };
  skipped: { attempt: EndedAttempt | null; endedAt: number; reason: SkipReason };
}

interface Core {
  id: TaskId;
  /** Counts the steps taken; every write compares it. */
  version: number;
  node: string;
  createdAt: number;
  spec: TaskSpec;
}

/** A state together with its facts. */
export type Next<S extends State = State> = { [K in S]: { state: K } & Facts[K] }[S];
export type TaskIn<S extends State> = { [K in S]: Core & { state: K } & Facts[K] }[S];
export type Task = TaskIn<State>;
export type EndedTask = TaskIn<Terminal>;

/** "Task `id`, as seen at `version`, does `event` at `at`": a decision, not yet durable. */
export interface Step {
  id: TaskId;
  version: number;
  event: Event;
  at: number;
  next: Next;
}

/** The only way to make a Step, so an illegal one does not compile. */
export function step<E extends Event>(
  event: E,
  task: TaskIn<From<E>>,
  next: Next<To<E>>,
  at: number,
): Step {
  return { id: task.id, version: task.version, event, at, next: next as Next };
}

/** The task as it is once `step` is durable. Throws RangeError when the step is not this task's next one. */
export function apply(task: Task, { id, version, event, next }: Step): Task {
  const from: readonly State[] = LIFECYCLE[event].from;
  if (task.id !== id || task.version !== version || !from.includes(task.state))
    throw new RangeError(`${event} is no step of ${task.id} in ${task.state}`);
  const { id: sameId, node, createdAt, spec } = task;
  return { id: sameId, node, createdAt, spec, version: version + 1, ...next };
}

/** The same state with other facts, such as a deadline moved by a suspension: no event, but a new version. */
export interface Amendment {
  id: TaskId;
  version: number;
  next: Next;
}

export function amend<S extends State>(task: TaskIn<S>, facts: Facts[S]): Amendment {
  return { id: task.id, version: task.version, next: { state: task.state, ...facts } as Next };
}

export const isEnded = (task: Task): task is EndedTask => isTerminal(task.state);

/** A new task's first state and the event that leads there. */
export function firstStep(spec: TaskSpec, runAt: number | null, now: number) {
  const waits = spec.after.length > 0 || (runAt !== null && runAt > now);
  return waits
    ? ({ event: 'schedule', next: { state: 'waiting', runAt, attempt: null } } as const)
    : ({ event: 'submit', next: { state: 'queued', queuedAt: now, attempt: null } } as const);
}

/** A launch that no wrapper claimed by then is voided and returned to the queue (ms). */
export const CLAIM_PATIENCE = 30_000;

/**
 * When a launch that no wrapper claimed is voided; null = never: a hook is asked or what it is to work in is being
 * prepared, and nothing was launched.
 */
export function voidAt({ attempt }: TaskIn<'claimed'>): number | null {
  const { workspace, claimedAt, beforeRun } = attempt;
  if (beforeRun === null) return null;
  if (workspace === undefined) return (beforeRun?.at ?? claimedAt) + CLAIM_PATIENCE;
  return workspace.prepared === null ? null : workspace.prepared.at + CLAIM_PATIENCE;
}

/** When a pass must look at the task though nothing else happens; null = never. */
export function dueAt(task: Task): number | null {
  switch (task.state) {
    case 'waiting':
      return task.runAt;
    case 'queued':
      return task.spec.queueTimeout === null ? null : task.queuedAt + task.spec.queueTimeout;
    case 'claimed':
      return voidAt(task);
    case 'running':
      return Math.min(task.attempt.deadlineAt, settlesAt(task.attempt));
    case 'stopping':
      return task.stop.termAt ?? task.stop.killAt;
    case 'awaiting_input':
      return questionDueAt(task.attempt);
    default:
      return null;
  }
}
