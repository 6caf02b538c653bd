import type { MergeHow } from '../domain/merge.ts';

/** What a merge would make. */
export type Merged =
  | { kind: 'merged'; commit: string; tree: string }
  /** Everything is in the target already. */
  | { kind: 'contained' }
  /** No fast-forward is possible, and nothing else was wanted. */
  | { kind: 'diverged' }
  | { kind: 'conflict'; paths: readonly string[]; message: string };

export interface MergeRequest {
  repository: string;
  /** Commit that the target branch is at. */
  onto: string;
  /** Commit to be merged. */
  commit: string;
  how: MergeHow;
  message: string;
  /** Time of the commit, epoch ms: the same merge makes the same commit. */
  at: number;
  /** The result is kept under this ref until it has landed; null = it is only to be looked at. */
  ref: string | null;
}

export interface LandRequest {
  repository: string;
  /** Short name of the branch. */
  branch: string;
  from: string;
  to: string;
  /** For the log of the branch. */
  reason: string;
  /** What kept `to`: given up once the branch has it. */
  ref: string;
}

/** What became of an attempt to move the target branch: only `landed` changed anything. */
export type Landed =
  | {
      kind: 'landed';
      /** Checkouts of the branch that somebody changed in the same moment, and that were left as they are. */
      behind: readonly string[];
    }
  /** The branch is elsewhere by now. */
  | { kind: 'moved'; to: string | null }
  /** A checkout of the branch is not clean. */
  | { kind: 'dirty'; paths: readonly string[]; message: string }
  /** A hook of the repository said no. */
  | { kind: 'hook'; message: string };

/** Merges in the object store alone; branches are moved by compare-and-set, checkouts touched only when they are clean. */
export interface Merging {
  /** Commit of a local branch; null = there is none. Throws TendError `not_found` where the repository is gone. */
  tip(repository: string, branch: string): Promise<string | null>;
  merge(request: MergeRequest): Promise<Merged>;
  /** Moves the branch, and brings every checkout of it along. Repeated after a crash it goes on where it was. */
  land(request: LandRequest): Promise<Landed>;
}
