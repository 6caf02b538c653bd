import type { TaskId } from './task.ts';
import type { Verification } from './verdict.ts';

/** Size of a change. */
export interface Change {
  files: number;
  insertions: number;
  deletions: number;
  commits: number;
}

export const NO_CHANGE: Change = { files: 0, insertions: 0, deletions: 0, commits: 0 };

/** Most paths of one kind that are recorded; the rest is in the commit. */
export const MOST_PATHS = 20;

/** Where the work of an attempt is kept: recorded before anything is judged. */
export interface Saved {
  at: number;
  /** Full id of the commit that holds the work: tracked and new files. */
  commit: string;
  tree: string;
  /** Keeps `snapshot`, and with it everything the attempt committed, whatever becomes of the branch. */
  ref: string;
  /** Commit that also holds the ignored files that are kept; `commit` itself where there are none. */
  snapshot: string;
  /**
   * `branch`: the task's branch is at `commit`. `aside`: it is not, because the attempt left it or rewrote it.
   * `unfinished`: a merge, rebase or the like was left in the middle, or conflicts unresolved.
   */
  on: 'branch' | 'aside' | 'unfinished';
  /** From the base of the task's work to `commit`. */
  change: Change;
  /** From the attempt before (or the base) to `commit`. */
  since: Change;
  /** Changed paths that need a person: out of the scope, or denied. */
  outside: readonly string[];
  /** Changed paths by which the task itself is checked: tests, scripts, configuration. */
  suspects: readonly string[];
  /** `suspects` as they were in the base, everything else as in `commit`; null = there are none. */
  honest: string | null;
  /** Paths of the person's checkout, and names of its branches, that changed while an agent ran elsewhere. */
  touched: readonly string[];
}

/** What the configured verification came to, bound to the tree that it was run on. */
export interface VerificationFacts {
  result: Exclude<Verification, 'none'>;
  tree: string;
  /** Failed, then passed when it was run again. */
  flaky: boolean;
  /** Why it is not what it seems, in a sentence; null = it is. */
  detail: string | null;
  /** End of what a failed run wrote. */
  tail: string;
  /** Names of what failed, as far as the output tells. */
  failing: readonly string[];
  /** Tasks that ran it, in order. */
  runs: readonly TaskId[];
}

export const JUDGEMENTS = ['approve', 'revise', 'escalate'] as const;
export type Judgement = (typeof JUDGEMENTS)[number];

/** What another agent said of the work. */
export interface JudgedFacts {
  decision: Judgement;
  reasons: readonly string[];
  /** The judge's own task. */
  run: TaskId;
}

/** What a person said of the work. */
export interface ReviewFacts {
  decision: 'accepted' | 'rejected';
  at: number;
  feedback: string | null;
}

/** One point of the checklist, as the attempt answered it. */
export interface Answered {
  item: string;
  met: boolean | null;
  /** '' = none was given. */
  evidence: string;
}

/** What an attempt made, and what is known of it: recorded step by step while its task is finishing. */
export interface Product {
  /** Null = not yet, or see `unsaved`. */
  saved: Saved | null;
  /** Why nothing could be saved; null = it was, or is yet to be. */
  unsaved: string | null;
  verification?: VerificationFacts;
  judged?: JudgedFacts;
  review?: ReviewFacts;
  checklist?: readonly Answered[];
  /** Number of the metric command, where attempts compete; null = it told none. */
  metric?: number | null;
  /** Why a person must look, in sentences. */
  concerns?: readonly string[];
  /** Where attempts competed, on the last of them: the number of the winner, and what it made. */
  best?: { number: number; product: Product };
}

export const NO_PRODUCT: Product = { saved: null, unsaved: null };

/** What counts as the result of a task whose last attempt made this. */
export const resultIn = (product: Product): Product => product.best?.product ?? product;
