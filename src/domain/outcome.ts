import {
  type EndedAttempt,
  NO_OUTPUT,
  type OpenAttempt,
  type Outcome,
  type OutputSummary,
  PREVIEW_BYTES,
  type RunningAttempt,
} from './attempt.ts';
import type { AgentOutcome } from './agent-outcome.ts';
import { parks, type WorkerFacts } from './worker.ts';
import { previewOf } from './told-result.ts';
import type { AgentEvidence, AttemptEvidence, Remains } from './evidence.ts';
import {
  CANCEL_REASONS,
  type CancelReason,
  type FailReason,
  type StopReason,
} from './lifecycle.ts';
import type { StopRequest } from './task.ts';

/**
 * A record this much older than the stop request shows that the work ended by itself: file times come
 * from the kernel's tick, which lags the clock by up to 10 ms.
 */
const FILE_TIME_LAG = 10;

/** Evidence that an attempt is over. */
export type Over = Exclude<AttemptEvidence, { kind: 'none' | 'alive' }>;

/** A live attempt whose very claim has disappeared: its folder was removed under it. */
export const missing = (attempt: OpenAttempt | RunningAttempt, now: number): Over => ({
  kind: 'gone',
  how: 'unreadable',
  process: attempt.process,
  startedAt: attempt.startedAt,
  at: now,
  output: NO_OUTPUT,
  survivors: [],
});

/** The attempt as its end leaves it: facts of the machine, and one outcome. */
export function endAttempt(
  attempt: OpenAttempt | RunningAttempt,
  evidence: Over,
  agent: AgentEvidence | null,
  stop: StopRequest | null,
  now: number,
): EndedAttempt {
  const remains: Remains =
    'at' in evidence
      ? evidence
      : { process: null, startedAt: null, at: now, output: NO_OUTPUT, survivors: [] };
  const outcome = outcomeOf(attempt, evidence, agent, stop);
  return {
    number: attempt.number,
    node: attempt.node,
    claimedAt: attempt.claimedAt,
    process: attempt.process ?? remains.process,
    startedAt: attempt.startedAt ?? remains.startedAt,
    deadlineAt: attempt.deadlineAt,
    endedAt: Math.max(remains.at, attempt.claimedAt),
    outcome,
    ...(stop !== null &&
      isCancel(stop.reason) &&
      outcome.kind !== 'stopped' && { cancelled: stop.reason }),
    exit: evidence.kind === 'exited' ? evidence.exit : null,
    output: withVeto(told(remains.output, attempt.worker, agent, outcome), attempt),
    survivors: remains.survivors,
    ...(attempt.beforeRun !== undefined && { beforeRun: attempt.beforeRun }),
    ...(attempt.workspace !== undefined && { workspace: attempt.workspace }),
    ...(attempt.worker !== undefined && { worker: attempt.worker }),
    ...(attempt.agent !== undefined && {
      agent: {
        ...attempt.agent,
        sessionId: agent?.report.sessionId ?? attempt.agent.sessionId,
        report: agent?.report ?? attempt.agent.report,
      },
    }),
  };
}

/** What never ran wrote nothing: the reason is shown in its place. */
function withVeto(
  output: OutputSummary,
  { beforeRun }: Pick<OpenAttempt, 'beforeRun'>,
): OutputSummary {
  const veto = beforeRun?.veto ?? null;
  return veto === null ? output : { ...output, preview: veto };
}

/** Of an agent the answer is shown, not the protocol in which it came. */
function told(
  output: OutputSummary,
  worker: WorkerFacts | undefined,
  agent: AgentEvidence | null,
  outcome: Outcome,
): OutputSummary {
  if (agent === null) return output;
  const preview = previewOf({ worker, report: agent.report }, PREVIEW_BYTES);
  // What the protocol says of an attempt that was stopped tells of the stop: it is no error of its own.
  return {
    ...output,
    preview,
    errorTail: 'message' in outcome ? outcome.message : output.errorTail,
  };
}

/** Whether the stop is one of the task, and not of this attempt alone. */
export const isCancel = (reason: StopReason): reason is CancelReason =>
  (CANCEL_REASONS as readonly StopReason[]).includes(reason);

/** What the attempt came to: the first rule that matches. */
function outcomeOf(
  { worker }: OpenAttempt | RunningAttempt,
  evidence: Over,
  agent: AgentEvidence | null,
  stop: StopRequest | null,
): Outcome {
  const endedFirst =
    evidence.kind === 'exited' && stop !== null && evidence.at + FILE_TIME_LAG < stop.requestedAt;
  const isStopped = stop !== null && !endedFirst && stop.reason !== 'settled';
  const ran = evidence.kind === 'exited' || evidence.kind === 'gone';
  if (!isStopped && ran && parks(worker)) return { kind: 'parked' };
  const said = saidBy(agent, worker);
  if (stop?.reason === 'settled' && said !== null) return said;
  if (stop !== null && !endedFirst) return { kind: 'stopped', reason: stop.reason };
  switch (evidence.kind) {
    case 'exited':
      if (said !== null) return said;
      return 'code' in evidence.exit
        ? { kind: 'exited', code: evidence.exit.code }
        : { kind: 'signaled', signal: evidence.exit.signal };
    case 'refused':
      return { kind: 'spawn_failed', detail: evidence.detail };
    case 'gone':
      // Its process was lost after it had said what it came to.
      return said ?? { kind: 'lost', how: evidence.how };
    case 'voided':
      return { kind: 'voided' };
  }
}

/** What the protocol says; an agent that told its result through `finish` need not say it again in its last words. */
function saidBy(agent: AgentEvidence | null, worker: WorkerFacts | undefined): AgentOutcome | null {
  const said = agent?.outcome ?? null;
  const endedWell = agent?.report.final?.ok === true && worker?.finish !== undefined;
  return endedWell && said?.kind === 'no_final_answer' ? { kind: 'ok' } : said;
}

export type Ending =
  | { state: 'completed' }
  | { state: 'awaiting_input' }
  | { state: 'cancelled'; reason: CancelReason }
  | { state: 'failed'; reason: FailReason };

/** Where an outcome leads when no further attempt follows. */
export function ending(outcome: Outcome): Ending {
  switch (outcome.kind) {
    case 'exited':
      return outcome.code === 0 ? { state: 'completed' } : { state: 'failed', reason: 'exit_code' };
    case 'signaled':
      return { state: 'failed', reason: 'signal' };
    case 'stopped':
      return stopEnding(outcome.reason);
    case 'spawn_failed':
      return { state: 'failed', reason: 'spawn_failed' };
    case 'lost':
      return { state: 'failed', reason: `lost_${outcome.how}` };
    case 'voided':
      return { state: 'failed', reason: 'lost_unreadable' };
    case 'ok':
      return { state: 'completed' };
    case 'parked':
      return { state: 'awaiting_input' };
    // A provider without room for the moment refuses as one does whose rate was exceeded: try later.
    case 'overloaded':
      return { state: 'failed', reason: 'rate_limited' };
    case 'resume_unavailable':
      return { state: 'failed', reason: 'agent_error' };
    default:
      return { state: 'failed', reason: outcome.kind };
  }
}

function stopEnding(reason: StopReason): Ending {
  switch (reason) {
    case 'user':
    case 'parent':
    case 'policy':
      return { state: 'cancelled', reason };
    // It had said what it came to, but what it said cannot be read any more.
    case 'settled':
      return { state: 'failed', reason: 'no_final_answer' };
    default:
      return { state: 'failed', reason };
  }
}

/** What an attempt came to, in words that follow its name. */
export function inWords(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'exited':
      return `ended with exit code ${outcome.code}`;
    case 'signaled':
      return `was ended by ${outcome.signal}`;
    case 'stopped':
      return `was stopped (${outcome.reason.replaceAll('_', ' ')})`;
    case 'lost':
      return 'was lost: its process is gone';
    case 'ok':
      return 'came to its end';
    case 'parked':
      return 'stopped to ask a person';
    case 'spawn_failed':
      return 'could not be started';
    default:
      return `failed (${outcome.kind.replaceAll('_', ' ')})`;
  }
}
