import type { Task, TaskId } from '../domain/task.ts';
import type { Change } from '../domain/product.ts';
import type { Trashed } from '../ports/trash.ts';
import type { ChangedPath } from '../ports/workspace.ts';

/** Where a new task is to work. */
export interface WorkspaceAsk {
  kind: 'worktree' | 'in_place';
  /** Null = one of the task's own. */
  branch: string | null;
  /** Any revision; null = what is checked out. */
  base: string | null;
  /** Line for the shell, run once in a new work tree; null = what the configuration says. */
  setup: string | null;
}

/** What is to be asked of the work of a new task. */
export interface ChecksAsk {
  /** A line for the shell, `auto` or `none`; null = what the configuration says. */
  verify: string | null;
  /** Ms; null = what the configuration says. */
  verifyTimeout: number | null;
  verifyFrom: 'saved' | 'base';
  fix: number;
  template: string | null;
  judge: { agent: string; model: string | null } | null;
  judgeRounds: number;
  /** Null = what the configuration says. */
  review: boolean | null;
  scope: readonly string[];
  checklist: readonly string[];
  bestOf: number;
  metric: string | null;
}

export interface DiffRequest {
  /** Null = the result of the task. */
  attempt: number | null;
  /** What it is compared with. */
  against: 'base' | 'previous';
  paths: readonly string[];
}

/** What a submit says of the place and of the work. */
export interface WorkAsk {
  /** Null = not said: where anything is asked of the work, a work tree. */
  workspace: WorkspaceAsk | null;
  checks: ChecksAsk;
}

/** What doors may ask about the work that tasks have done. */
export interface WorkVerbs {
  /** Accepts the work of a task that waits for it. Throws `not_ended`, or `already_ended` with what it is. */
  accept(id: TaskId): Promise<Task>;
  /** Sends it back with what is wrong, or (`end`) ends it. An ended task is done again as a new one, which is answered. */
  reject(id: TaskId, feedback: string | null, end: boolean): Promise<Task>;
  /** Throws `unsupported` where nothing of the task is kept. */
  changes(
    id: TaskId,
    request: DiffRequest,
  ): Promise<{ from: string; to: string; change: Change; paths: ChangedPath[] }>;
  diff(id: TaskId, request: DiffRequest, signal: AbortSignal): AsyncIterable<string>;
  /** Brings back the work tree that was taken away of this task, also when the task itself is gone. */
  undo(id: string): Promise<Trashed>;
}
