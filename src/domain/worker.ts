import type { RulingRecord } from './permission.ts';
import type { Question } from './question.ts';

/** What the agent of an attempt told of itself through the tools that it was given. */
export interface WorkerFacts {
  question?: Question;
  finish?: Finish;
  progress?: Progress;
  /** What was ruled on, the newest last. */
  rulings?: readonly RulingRecord[];
}

/** The worker's own end of its work: it tells what was made, it never ends the attempt. The first one stands. */
export interface Finish {
  at: number;
  /** The result, for whoever asked. */
  result: string;
  /** In a sentence or two. */
  summary: string;
  checks: readonly FinishCheck[];
  /** Why somebody should be told, by which of the numbered criteria; '' = no reason. */
  significance: string;
  /** Whether the worker finds that somebody should be told. */
  notify: boolean;
}

/** A requirement of the task, and how the worker knows that it is met. */
export interface FinishCheck {
  requirement: string;
  met: boolean;
  evidence: string;
}

export interface Progress {
  at: number;
  text: string;
  /** 0..100; null = it cannot tell. */
  percent: number | null;
}

/** Longest texts, in characters, and most checks. */
export const LONGEST_RESULT = 100_000;
export const LONGEST_SUMMARY = 2_000;
export const LONGEST_SIGNIFICANCE = 500;
export const LONGEST_PROGRESS = 500;
export const MOST_FINISH_CHECKS = 10;
export const LONGEST_REQUIREMENT = 500;

/** Whether an attempt that told this waits for a person once its process is over: what it had finished it does not ask about. */
export const parks = (worker: WorkerFacts | undefined): boolean =>
  worker?.question !== undefined && worker.finish === undefined;

/** The attempt with what its worker told now. */
export const withWorker = <A extends { worker?: WorkerFacts }>(
  attempt: A,
  told: WorkerFacts,
): A => ({ ...attempt, worker: { ...attempt.worker, ...told } });

/** The requirements that the worker itself says are not met: nothing hides them. */
export const gapsIn = (worker: WorkerFacts | undefined): readonly FinishCheck[] =>
  (worker?.finish?.checks ?? []).filter(({ met }) => !met);
