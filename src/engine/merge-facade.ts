import type { Merge, MergeHow } from '../domain/merge.ts';
import type { Change } from '../domain/product.ts';
import type { TaskId } from '../domain/task.ts';

/** How the work of a task is to be merged. */
export interface MergeAsk {
  /** Null = the branch that the task was meant for. */
  into: string | null;
  how: MergeHow;
  /** Why it is to be merged though nothing shows that it is good. */
  unverified: string | null;
}

/** What a merge would come to now. */
export interface MergePreview {
  target: string;
  commit: string;
  /** Commit that the target is at. */
  from: string;
  result: 'merged' | 'contained' | 'conflict' | 'diverged';
  change: Change;
  /** The merged tree would have to be verified first. */
  needsCheck: boolean;
  paths: readonly string[];
  detail: string | null;
}

/** What the doors may ask about merges. */
export interface MergeVerbs {
  /**
   * Merges the work of an ended task, after everything that was to be merged into the same branch before. One that is under
   * way, or done, is answered as it is; one that came to nothing is tried anew. Throws `not_ended`, `protected` for work
   * that is not to be believed, `unsupported` where there is nothing to merge, `invalid_input` for a target that is none.
   */
  ask(id: TaskId, asked: MergeAsk): Promise<Merge>;
  /** What it would come to, with nothing done. Throws as `ask` does. */
  preview(id: TaskId, asked: MergeAsk): Promise<MergePreview>;
  /** How many are under way. */
  open(): Promise<number>;
  /** Resolves when the task has no open merge, or on abort. */
  settled(id: TaskId, signal: AbortSignal): Promise<void>;
}
