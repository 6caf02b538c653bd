import type { AgentWork } from './agent-work.ts';
import type { TaskId } from './task.ts';

/** Line for the shell that tells whether the work is good: exit code 0. */
export interface VerifySpec {
  command: string;
  /** Ms. */
  timeout: number;
  /**
   * `saved`: the work as it is; where the task changed its own checks, also with those of the base, and what passes
   * only with its own is not verified. `base`: with those of the base alone.
   */
  from: 'saved' | 'base';
  /** Where the command was found, when nobody gave it; null = it was given. */
  found: string | null;
}

export interface JudgeSpec {
  work: AgentWork;
  /** Most attempts that it may send back. */
  rounds: number;
}

/** What must be so before the work of a task is believed: fixed at submit. */
export interface Checks {
  verify: VerifySpec | null;
  /** Further attempts after a failed verification or unanswered points. */
  fix: number;
  /** What a further attempt is told, with `{output}`, `{iteration}` and `{max_iterations}`; null = our own words. */
  template: string | null;
  judge: JudgeSpec | null;
  /** A person must accept the work. */
  review: boolean;
  /** Globs of what may be changed; empty = everything. */
  scope: readonly string[];
  /** Globs of what nobody changes without a person. */
  denied: readonly string[];
  /** Points that the answer must take up, each with evidence. */
  checklist: readonly string[];
  /** Attempts that compete, each from the base; 1 = none do. */
  bestOf: number;
  /** Line for the shell: the last number on its last line tells how good an attempt is; more is better. */
  metric: string | null;
}

/** What a check looks at. */
export const CHECK_KINDS = [
  /** The verification, on the work as it was saved. */
  'verify',
  /** The verification with the checks of the base. */
  'honest',
  /** The verification of the base itself: what failed before is nobody's fault. */
  'baseline',
  'judge',
  'metric',
  /** The verification of what a merge would make. */
  'merge',
] as const;
export type CheckKind = (typeof CHECK_KINDS)[number];

/** Of a task that checks the work of another one: not listed with the others, tells nobody, goes with the other one. */
export interface CheckOf {
  of: TaskId;
  /** Attempt whose work it looks at. */
  attempt: number;
  what: CheckKind;
  /** 1 for the first run of this kind on this attempt. */
  nth: number;
  /** Commit that it looks at. */
  commit: string;
}

/** The same check is submitted once, however often it is asked for. */
export const checkKey = ({ of, attempt, what, nth }: CheckOf, createdAt: number): string =>
  `check ${of}.${Math.floor(createdAt).toString(36)}.${attempt} ${what} ${nth}`;
