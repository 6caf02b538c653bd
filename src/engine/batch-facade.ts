import type { NamedDependency } from '../domain/plan.ts';
import type { Tier } from '../domain/envelope.ts';
import type { State } from '../domain/lifecycle.ts';
import type { TaskId } from '../domain/task.ts';
import type { Environment } from './agent-facade.ts';
import type { SubmitRequest } from './facade.ts';

/** A task of a batch; what it waits for is named, and stands before it in the batch. */
export interface BatchTask {
  name: string;
  /** Its environment holds only what is added to the batch's; its key is one of its own, or null. */
  request: SubmitRequest;
  after: readonly (NamedDependency & { key: string | null })[];
  /** Names, each of which stands in `after`, too. */
  contextFrom: readonly string[];
}

/** A part of a batch; who is waited for is in the same part or in one that was stored before. */
export interface BatchRequest {
  /** Null = the one of the newest run of `source`. */
  group: string | null;
  /** The file it comes from: a later resume may name that instead of the group. */
  source: string | null;
  /**
   * Runs again what did not complete. Epoch ms at which that was asked for: tasks that are younger belong to the same
   * resume, and are left alone however they ended, so that a part that is sent twice is resumed once. Null = a new run.
   */
  resume: number | null;
  /** Checks everything and stores nothing. */
  dryRun: boolean;
  environment: Environment;
  parent: TaskId | null;
  tasks: readonly BatchTask[];
}

/** What became of one name. */
export interface BatchEntry {
  name: string;
  /** Null for a task that a dry run would make. */
  id: TaskId | null;
  /** The task is new. */
  created: boolean;
  /** Null for a task that a dry run would make. */
  state: State | null;
  /** The agent it was resolved to; null for a command, and for a task that was there. */
  agent: { name: string; model: string | null; tier: Tier; costUsd: number } | null;
  /** Further attempts that it may take. */
  retries: number;
}

export interface BatchResult {
  group: string;
  /** Changes after this number are younger than the states that are told here. */
  seq: number;
  /** In the order of the request. */
  tasks: BatchEntry[];
}

/** What the doors may ask about batches. */
export interface BatchVerbs {
  /** Throws `not_found` when there is no run of the source to resume. */
  submit(request: BatchRequest): Promise<BatchResult>;
}
