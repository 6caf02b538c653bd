import type { AgentReport } from './agent-report.ts';
import type { AgentOutcome } from './agent-outcome.ts';
import type { EndedAttempt, Exit, OutputSummary, ProcessIdentity, Survivor } from './attempt.ts';
import type { CheckOf } from './checks.ts';
import type { Readiness } from './dependencies.ts';
import type { TaskId } from './task.ts';

/** What is left of an attempt once nothing of it runs any more. */
export interface Remains {
  process: ProcessIdentity | null;
  startedAt: number | null;
  /** When the fact came to be: the record's own time, or the time of looking. */
  at: number;
  output: OutputSummary;
  survivors: Survivor[];
}

/** What the machine shows of an attempt, whoever started it and whenever. */
export type AttemptEvidence =
  | { kind: 'none' }
  | { kind: 'voided' }
  | { kind: 'alive'; process: ProcessIdentity; startedAt: number }
  | ({ kind: 'exited'; exit: Exit } & Remains)
  | ({ kind: 'gone'; how: 'vanished' | 'rebooted' | 'unreadable' } & Remains)
  | { kind: 'refused'; detail: string };

/** Growth of the output of a living attempt. */
export interface Vitals {
  lastActivityAt: number;
  bytes: number;
}

/** What an agent's output shows. */
export interface AgentEvidence {
  report: AgentReport;
  /** Decided once nothing of the attempt runs; null = not yet, or the protocol says nothing. */
  outcome: AgentOutcome | null;
}

/** What has become of the tasks that a task submitted. */
export interface Children {
  /** That have not ended. */
  open: number;
  /** That failed and count: one that was retried does not, its retry stands in its place. */
  failed: number;
  /** When the last of them ended, epoch ms; null = none has. */
  endedAt: number | null;
}

export const NO_CHILDREN: Children = { open: 0, failed: 0, endedAt: null };

/** A task that checks the work of this one. */
export interface CheckSeen extends CheckOf {
  id: TaskId;
  /** Null = it has not ended. */
  ended: EndedAttempt['outcome'] | 'cancelled' | null;
  /** The end of what it wrote, or a judge's answer; looked up once it has ended. */
  text: string;
}

export interface Evidence {
  /** All checks of this task's work, of all its attempts, oldest first; looked up while it is finishing. */
  checks: readonly CheckSeen[];
  attempt: AttemptEvidence;
  /** Null = the attempt is no agent's, or nothing of it was read. */
  agent: AgentEvidence | null;
  readiness: Readiness;
  /** Looked up once the task's own work is over. */
  children: Children;
  /** Ended attempts before the current one, oldest first; looked up only when a retry is possible, or the work is checked. */
  earlier: readonly EndedAttempt[];
  /** Looked up by the slow sweep only. */
  vitals: Vitals | null;
  /** Bytes one stream may reach while running. */
  outputLimit: number;
  /** More was spent than some budget that counts the task has: it ends with the turn that it is in. */
  overBudget: boolean;
  /** It checks the work of a task that is over, or gone: nobody needs it any more. */
  orphaned: boolean;
  /** In [0, 1): spreads retries. */
  chance: number;
}
