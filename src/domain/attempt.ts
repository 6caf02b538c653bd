import type { AgentFacts } from './agent-work.ts';
import type { AgentOutcome } from './agent-outcome.ts';
import type { BeforeRun } from './hook.ts';
import type { CancelReason, StopReason } from './lifecycle.ts';
import type { Product } from './product.ts';
import type { WorkerFacts } from './worker.ts';
import type { WorkspaceFacts } from './workspace.ts';

/** A process for as long as the machine is up: a pid alone is never trusted. */
export interface ProcessIdentity {
  pid: number;
  /** Opaque; equal for the same process only (`/proc/<pid>/stat` field 22 on Linux). */
  startTime: string;
  bootId: string;
}

/** What the wrapper wrote after the command ended; signals by their names, such as `SIGTERM`. */
export type Exit = { code: number } | { signal: string };

/** What one attempt came to: decided once. */
export type Outcome =
  | { kind: 'exited'; code: number }
  | { kind: 'signaled'; signal: string }
  | { kind: 'stopped'; reason: StopReason }
  | { kind: 'spawn_failed'; detail: string }
  | { kind: 'lost'; how: 'vanished' | 'rebooted' | 'unreadable' }
  | { kind: 'voided' }
  /** Its worker asked, and waits for the answer without a process. */
  | { kind: 'parked' }
  | AgentOutcome;

/** Output of an attempt as it stood at its end. `preview` is the last 300 bytes, fixed once. */
export interface OutputSummary {
  bytes: number;
  truncated: boolean;
  preview: string;
  /** The last lines of the failure channel: two equal ones in a row end the retries. */
  errorTail: string;
}

/** A process that outlived its task. */
export interface Survivor {
  pid: number;
  command: string;
}

interface AttemptCore {
  /** 1 for the first; the fence: a higher number makes every lower one stale. */
  number: number;
  node: string;
  /** Epoch milliseconds, as all times in the domain. */
  claimedAt: number;
  /** Of an agent's attempt. */
  agent?: AgentFacts;
  /** What the hook before its run said; null = it has not answered yet, left out = none is asked. */
  beforeRun?: BeforeRun | null;
  /** Of an attempt that works in a workspace. */
  workspace?: WorkspaceFacts;
  /** What its agent told through the tools of the worker. */
  worker?: WorkerFacts;
}

/** Claimed; nothing is known to run yet. */
export interface OpenAttempt extends AttemptCore {
  process: null;
  startedAt: null;
  deadlineAt: null;
  endedAt: null;
  outcome: null;
}

/** A process is known to have started. */
export interface RunningAttempt extends AttemptCore {
  process: ProcessIdentity;
  startedAt: number;
  /** The wall clock of this attempt; moved by the time the machine was suspended. */
  deadlineAt: number;
  /** Silence counts from here on: the start, or the end of the last suspension. */
  idleFrom: number;
  endedAt: null;
  outcome: null;
}

export interface EndedAttempt extends AttemptCore {
  process: ProcessIdentity | null;
  startedAt: number | null;
  deadlineAt: number | null;
  endedAt: number;
  outcome: Outcome;
  /** It had ended by itself when a stop of the task came: no other attempt follows. */
  cancelled?: CancelReason;
  exit: Exit | null;
  output: OutputSummary;
  survivors: Survivor[];
  /** What it made, where that is kept. */
  product?: Product;
}

export type Attempt = OpenAttempt | RunningAttempt | EndedAttempt;

export const NO_OUTPUT: OutputSummary = { bytes: 0, truncated: false, preview: '', errorTail: '' };

/** Longest list of survivors that a completion carries. */
export const MAX_SURVIVORS = 16;
/** Length of a completion's preview: enough for a last line or two, small enough for any channel. */
export const PREVIEW_BYTES = 300;
