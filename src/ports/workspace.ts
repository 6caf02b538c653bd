import type { Place, Prepared, WorkspaceSpec } from '../domain/workspace.ts';
import type { Change, Saved } from '../domain/product.ts';
import type { TaskId } from '../domain/task.ts';

/** What a repository shows from a folder in it. */
export interface Survey {
  /** Common folder, links resolved. */
  repository: string;
  /** Root of the work tree around the folder; null = bare. */
  checkout: string | null;
  subfolder: string;
  /** Full id; null = no commit yet. */
  head: string | null;
  /** Short name of the checked out branch; null = detached, or bare. */
  branch: string | null;
  /** What is going on in the work tree, such as `a merge`; null = nothing. */
  inProgress: string | null;
}

/** What a save needs to know of the attempt. */
export interface SaveRequest {
  /** Time of the commit, epoch ms: the same save makes the same commit. */
  at: number;
  /** Message of the commit. */
  message: string;
  prepared: Prepared;
  /** Commit of the attempt before; null = it is the first. */
  previous: string | null;
  keepIgnored: readonly string[];
  /** Whether the person's checkout is compared with how it looked before. */
  watchCheckout: boolean;
}

/** A changed file between two commits. */
export interface ChangedPath {
  path: string;
  /** `A`dded, `M`odified, `D`eleted, `R`enamed (its old name is a `D` of its own), `T`ype changed. */
  kind: 'A' | 'M' | 'D' | 'T';
  /** Lines; null = binary. */
  insertions: number | null;
  deletions: number | null;
}

export type Kept = Omit<Saved, 'outside' | 'suspects' | 'honest'> & {
  /** From the base, all of them: what is recorded of them is for the engine to say. */
  paths: readonly ChangedPath[];
};

/** What a save came to: kept, or (for good) why nothing can be. What may pass is thrown. */
export type SaveResult = Kept | { refusal: string };

/** Git work trees. Every call may be repeated, by this daemon or its successor, and then changes nothing. */
export interface Workspaces {
  /** Null = `cwd` is in no repository. Throws TendError `unsupported` with the reason where git refuses to look. */
  survey(cwd: string): Promise<Survey | null>;
  /** Full id of the commit that a revision names; null = none. */
  commitOf(repository: string, revision: string): Promise<string | null>;
  /** Names in a folder of a commit, relative to its root ('' = the root itself); null = there is no such folder. */
  namesIn(repository: string, commit: string, folder: string): Promise<string[] | null>;
  /** Short names of branches, those that were used last first; at most 1 000. */
  branches(repository: string): Promise<string[]>;
  /** Throws TendError `invalid_input` for what is no name of a branch, `unsupported` for one that is checked out elsewhere. */
  checkBranch(repository: string, branch: string): Promise<void>;
  /** Follows from the arguments alone. */
  place(spec: WorkspaceSpec, taskId: TaskId, number: number, compete: boolean): Place;
  /**
   * Makes the work tree ready, from the merge of `starts` (the first is the base) when it does not exist yet. A conflict
   * between them, or whatever else stands in the way for good, is the `refusal`. A tree that exists is used as it is.
   */
  prepare(
    place: Place,
    spec: WorkspaceSpec,
    starts: readonly string[],
    watchCheckout: boolean,
    now: number,
  ): Promise<Prepared>;
  /** Keeps what stands in the work tree. Never changes a commit that is there, and moves no branch but the task's own, forwards. */
  save(place: Place, request: SaveRequest): Promise<SaveResult>;
  /** Unlocks the place; what is only a checkout is removed. */
  release(place: Place): Promise<void>;
  /** Attempts whose checkout stands somewhere, or whose lock; git is not asked. */
  leftovers(): Promise<{ taskId: TaskId; number: number }[]>;
  /** A commit like `commit` whose `paths` are as in `base`; kept under a ref of its own. Full id. */
  withPathsOf(
    repository: string,
    ref: string,
    commit: string,
    base: string,
    paths: readonly string[],
    at: number,
  ): Promise<string>;
  /** Contents of a file in a commit, at most 1 MB; null = there is none. */
  file(repository: string, commit: string, path: string): Promise<string | null>;
  /** Changed paths from one commit to another, with the size of the change. */
  changes(
    repository: string,
    from: string,
    to: string,
  ): Promise<{ change: Change; paths: ChangedPath[] }>;
  /** The change as a patch, of `paths` alone where some are given; chunks of its text. */
  diff(
    repository: string,
    from: string,
    to: string,
    options: { paths: readonly string[]; signal: AbortSignal },
  ): AsyncIterable<string>;
}
