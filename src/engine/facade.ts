import type { Attempt } from '../domain/attempt.ts';
import type { DeliveryKind, DeliveryStatus, NotifyPolicy } from '../domain/delivery.ts';
import type { StopReason } from '../domain/lifecycle.ts';
import type { Pauses, PauseTarget } from '../domain/pauses.ts';
import type { Question } from '../domain/question.ts';
import type { EndedTask, Task, TaskId, TaskSpec, Work } from '../domain/task.ts';
import type { Stream } from '../ports/output.ts';
import type { AgentAsk } from './agent-ask.ts';
import type { Told } from './changes.ts';
import type { CostReport, CostRequest } from './cost.ts';
import type { Wait } from './explain.ts';
import type { AgentVerbs, Environment, RetryChange } from './agent-facade.ts';
import type { BatchVerbs } from './batch-facade.ts';
import type { GroupVerbs } from './group-facade.ts';
import type { MemoryVerbs } from './memory-facade.ts';
import type { Input } from '../domain/input.ts';
import type { InputVerbs } from './input-facade.ts';
import type { MergeVerbs } from './merge-facade.ts';
import type { NoticeVerbs } from './notice-facade.ts';
import type { QuestionVerbs } from './question-facade.ts';
import type { ScheduleVerbs } from './schedule-facade.ts';
import type { TrustVerbs } from './trust-facade.ts';
import type { WatchVerbs } from './watch-facade.ts';
import type { WorkAsk, WorkVerbs } from './work-facade.ts';
import type { WorkerVerbs } from './worker-facade.ts';
import type { Merge } from '../domain/merge.ts';
import type { Change, StoreCounts, Submitted, TaskPage, TaskQuery } from '../ports/store.ts';
import type { Purged, Trashed } from '../ports/trash.ts';
import type { GoingTree } from './removal.ts';

export type * from './agent-facade.ts';
export type * from './batch-facade.ts';
export type * from './group-facade.ts';
export type * from './memory-facade.ts';
export type * from './input-facade.ts';
export type * from './merge-facade.ts';
export type * from './notice-facade.ts';
export type * from './question-facade.ts';
export type * from './schedule-facade.ts';
export type * from './trust-facade.ts';
export type * from './watch-facade.ts';
export type * from './work-facade.ts';
export type * from './worker-facade.ts';
export type { AgentAsk, Question, Submitted, TaskQuery, Told };

/** Who this node is. */
export interface NodeInfo {
  version: string;
  /** Grows with every change of the wire that an older client could not bear. */
  protocol: number;
  node: string;
  /** Who gets completions when a submit names nobody: `cli:<uid>`. */
  owner: string;
  pid: number;
  startedAt: number;
  stateFolder: string;
  socket: string;
  configPath: string;
  logPath: string;
}

/** A submit whose environment and place are known. */
export interface SubmitRequest {
  id: string | null;
  spec: Omit<TaskSpec, 'environment' | 'depth' | 'work'> & {
    work: Work | AgentAsk;
    /** Left out = nothing was said; of a task that does the work of another one again, it is resolved already. */
    asks?: WorkAsk;
  };
  environment: Readonly<Record<string, string>>;
  runAt: number | null;
  /** The work of an earlier task. */
  again?: boolean;
}

/** What a submit means when it says nothing. Durations in ms. */
export interface SubmitDefaults {
  timeout: number;
  grace: number;
  remind: number;
  notify: NotifyPolicy;
  /** For `if_significant`; left out = none. */
  criteria?: readonly string[];
  retry: number;
}

/** A task with what is looked up rather than stored. */
export interface Description {
  task: Task;
  attempts: Attempt[];
  /** Why it is still queued. */
  wait: Wait | null;
  /** At most 100: those that have not ended, then the newest. */
  children: readonly Task[];
  output: {
    path: string | null;
    stderrPath: string | null;
    bytes: number;
    truncated: boolean;
    tail: string;
  };
  lastActivityAt: number | null;
  /** The latest merge of its work; null = none was asked for. */
  merge: Merge | null;
  /** Its work tree, where that was taken away. */
  trashed: Trashed | null;
  hostId: string;
  /** What was sent to the latest attempt. */
  inputs: readonly Input[];
  /** When it was looked at. */
  now: number;
}

export interface StopOptions {
  reason: Extract<StopReason, 'user' | 'parent' | 'policy'>;
  /** Ms between the polite signal and the kill; null = the task's own grace. */
  grace: number | null;
  /** Descendants too. */
  tree: boolean;
}

export interface OutputSlice {
  stream: Stream;
  offset: number;
  nextOffset: number;
  size: number;
  truncated: boolean;
  /** The attempt has ended: nothing will follow. */
  ended: boolean;
  data: Uint8Array;
}

export interface OutputRequest {
  stream: Stream | null;
  attempt: number | null;
  /** From this byte on … */
  offset: number | null;
  limit: number;
  /** … or the last bytes. */
  tail: number | null;
}

/** One thing `doctor` looked at. */
export interface Finding {
  check: string;
  level: 'ok' | 'note' | 'problem';
  message: string;
  taskId: TaskId | null;
}

export interface GcResult {
  removed: TaskId[];
  /** Ended tasks kept because something protects them. */
  kept: number;
  freedBytes: number;
  /** Those whose work tree cannot be taken away, and why. */
  refused: { taskId: TaskId; reason: string }[];
  /** Work trees that went to the trash. */
  worktrees: GoingTree[];
  /** What was in the trash for long enough. */
  purged: Purged;
}

export interface GcRequest {
  /** Only tasks that ended longer ago than this many ms. */
  olderThan: number;
  dryRun: boolean;
}

export interface Configuration {
  path: string;
  /** Dotted names, such as `limits.slots`. */
  values: Record<string, string | number | boolean | null>;
}

/** Everything the doors may ask of a node: operations see nothing else of the engine. */
export interface Engine {
  readonly info: NodeInfo;
  /** For a task that will work in `cwd`. */
  defaults(cwd: string): SubmitDefaults;
  submit(request: SubmitRequest): Promise<Submitted>;
  /** The same work as a new task. */
  retry(task: EndedTask, change: RetryChange): Promise<Submitted>;
  /** Goes on with the session of an ended agent's task, as a new task. Throws `unsupported` for a command. */
  resume(task: EndedTask, text: string | null, environment: Environment | null): Promise<Submitted>;
  /** The one task whose id is, or begins with, `prefix`. Throws `not_found` or `ambiguous_id`. */
  find(prefix: string): Promise<Task>;
  list(query: TaskQuery): Promise<TaskPage>;
  describe(tasks: readonly Task[]): Promise<Description[]>;
  history(id: TaskId): Promise<Change[]>;
  /** Stops in whatever state the task is; an ended task's survivors are ended and the task answered. */
  stop(id: TaskId, options: StopOptions): Promise<Task>;
  /** Resolves when all (or any) have ended, with the tasks as they are then; also on time-out and abort. */
  settled(
    ids: readonly TaskId[],
    until: { any: boolean; timeout: number | null; signal: AbortSignal },
  ): Promise<{ tasks: Task[]; timedOut: boolean }>;
  read(id: TaskId, request: OutputRequest): Promise<OutputSlice>;
  /** Slices from `offset` on until the task ends or `signal` aborts. */
  follow(id: TaskId, request: OutputRequest, signal: AbortSignal): AsyncIterable<OutputSlice>;
  /** Changes after `after` (null = from now on), and notes, as they happen. */
  changes(after: number | null, only: TaskId | null, signal: AbortSignal): AsyncIterable<Told>;
  /** Unacknowledged deliveries; waits up to `wait` ms for the first one. */
  inbox(
    query: { owner: string; limit: number; wait: number; kinds?: readonly DeliveryKind[] },
    signal: AbortSignal,
  ): Promise<{ delivery: DeliveryStatus; task: Task }[]>;
  ack(owner: string, ids: readonly string[]): Promise<string[]>;
  /** Forgets an ended task with its work trees, which are answered: they are in the trash. Throws `not_ended` or `protected`. */
  remove(id: TaskId, dryRun?: boolean): Promise<GoingTree[]>;
  gc(request: GcRequest): Promise<GcResult>;
  readonly agents: AgentVerbs;
  readonly batches: BatchVerbs;
  readonly schedules: ScheduleVerbs;
  readonly work: WorkVerbs;
  readonly merges: MergeVerbs;
  readonly inputs: InputVerbs;
  readonly watches: WatchVerbs;
  readonly groups: GroupVerbs;
  readonly memories: MemoryVerbs;
  /** Of projects whose hooks are called. */
  readonly trust: TrustVerbs;
  readonly notices: NoticeVerbs;
  readonly questions: QuestionVerbs;
  readonly worker: WorkerVerbs;
  doctor(): Promise<Finding[]>;
  counts(): Promise<StoreCounts>;
  /** Throws `invalid_input` for a `since` that is no time. */
  cost(request: CostRequest): Promise<CostReport>;
  /** The effective configuration, secrets left out, and where it was read. */
  configuration(): Configuration;
  /** Changes one setting in the person's config file; the value is as in TOML. Throws `config_invalid`. */
  configure(name: string, value: string): Promise<Configuration>;
  readonly pauses: Pauses;
  /** Nothing of what is named starts until it is unpaused; what runs goes on. */
  pause(target: PauseTarget): Promise<Pauses>;
  unpause(target: PauseTarget): Promise<Pauses>;
  /** Ends the daemon; tasks go on and are adopted by the next one. */
  shutdown(): void;
}
