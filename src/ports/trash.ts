import type { TaskId } from '../domain/task.ts';
import type { Place } from '../domain/workspace.ts';

/** Why a work tree is kept, in a sentence without its subject: `is used by process 12 (node)`. */
export interface Refusal {
  refusal: string;
}

/** A work tree that was taken away, and can be brought back. */
export interface Trashed {
  taskId: TaskId;
  /** Where it stood. */
  path: string;
  /** Where it is now. */
  trash: string;
  branch: string | null;
  at: number;
}

/** What purging came to. */
export interface Purged {
  gone: Trashed[];
  /** Old enough, but not deleted, each with the reason. */
  kept: (Trashed & Refusal)[];
}

/** The only place in which anything that somebody worked on is moved or deleted. Every call may be repeated. */
export interface Trash {
  /** Why the work tree cannot be taken away, such as that a process uses it; null = it can be, or nothing stands there. */
  refusal(place: Place): Promise<string | null>;
  /** Takes a work tree away, after the same look; what no ref keeps is saved first. Null = nothing stands there. */
  put(place: Place, at: number): Promise<Trashed | Refusal | null>;
  /** Everything in the trash, the newest first. */
  list(): Promise<Trashed[]>;
  /** Bytes that a work tree takes, here or in the trash, links not followed; null = nothing stands there. */
  size(path: string): Promise<number | null>;
  /** Brings a work tree back to where it stood. Throws TendError `not_found`, or `protected` when something stands there now. */
  restore(trashed: Trashed): Promise<void>;
  /** Deletes what was put there before `before` and whose every commit and file is kept by a ref. */
  purge(before: number, dryRun: boolean): Promise<Purged>;
  /** What is saved of a task is kept under names that no later task of the same id takes. */
  archive(repository: string, taskId: TaskId): Promise<void>;
  /** Names of what is saved of a removed task go, as far as `archive` gave it others. */
  retire(repository: string, taskId: TaskId): Promise<void>;
}
