import { beyond, settlesAt } from './agent-watch.ts';
import { afterQuestion } from './answering.ts';
import { seated } from './agent-work.ts';
import type { StopReason } from './lifecycle.ts';
import { withRequiredFinish } from './required-finish.ts';
import type { Readiness } from './dependencies.ts';
import type { AgentEvidence, Evidence } from './evidence.ts';
import { decideAwaiting, decideFinishing } from './finishing.ts';
import { endAttempt, missing, type Over } from './outcome.ts';
import {
  apply,
  type Step,
  type StopRequest,
  step,
  type Task,
  type TaskIn,
  type TaskSpec,
} from './task.ts';

/**
 * The next step, from durable state and fresh evidence alone; null = nothing to do yet. A restart after
 * a crash is one more pass over the same function: recovery has no code of its own.
 */
export function decide(task: Task, evidence: Evidence, now: number): Step | null {
  switch (task.state) {
    case 'waiting':
      return evidence.orphaned ? orphan(task, now) : decideWaiting(task, evidence.readiness, now);
    case 'queued':
      if (evidence.orphaned) return orphan(task, now);
      return queueTimedOut(task, now)
        ? step(
            'fail',
            task,
            { state: 'failed', reason: 'queue_timeout', attempt: task.attempt, endedAt: now },
            now,
          )
        : null;
    case 'claimed':
      return decideClaimed(task, evidence, now);
    case 'running':
      return decideRunning(task, evidence, now);
    case 'stopping':
      return decideStopping(task, evidence, now);
    case 'finishing':
      return decideFinishing(task, evidence, now);
    case 'awaiting_children':
      return decideAwaiting(task, evidence.children, now);
    case 'awaiting_input':
      return afterQuestion(task, now);
    case 'awaiting_review':
    case 'completed':
    case 'failed':
    case 'cancelled':
    case 'skipped':
      return null;
  }
}

/** The steps that the same evidence allows one after the other: one durable write for all of them. */
export function decideAll(task: Task, evidence: Evidence, now: number): Step[] {
  const steps: Step[] = [];
  let seen = task;
  for (;;) {
    const next = decide(seen, evidence, now);
    if (next === null) return steps;
    steps.push(next);
    seen = apply(seen, next);
    if (next.event === 'requeue' || next.event === 'unclaim') return steps;
  }
}

function decideWaiting(task: TaskIn<'waiting'>, found: Readiness, now: number): Step | null {
  // Met once, met for good: before a further attempt, a task depended on may have been removed.
  const ready: Readiness = task.attempt === null ? found : { kind: 'ready' };
  if (ready.kind === 'never')
    return step(
      'skip',
      task,
      { state: 'skipped', reason: ready.reason, attempt: task.attempt, endedAt: now },
      now,
    );
  if (ready.kind === 'pending' || (task.runAt !== null && task.runAt > now)) return null;
  return step('release', task, { state: 'queued', queuedAt: now, attempt: task.attempt }, now);
}

/** Nobody needs it any more. */
const orphan = (task: TaskIn<'waiting' | 'queued'>, now: number): Step =>
  step(
    'cancel',
    task,
    { state: 'cancelled', reason: 'parent', attempt: task.attempt, endedAt: now },
    now,
  );

const queueTimedOut = (task: TaskIn<'queued'>, now: number): boolean =>
  task.spec.queueTimeout !== null && task.queuedAt + task.spec.queueTimeout <= now;

function decideClaimed(task: TaskIn<'claimed'>, seen: Evidence, now: number): Step | null {
  const evidence = seen.attempt;
  switch (evidence.kind) {
    case 'none':
      if (seen.orphaned) return requestStop(task, 'parent', task.spec.grace, now);
      // Nothing was launched, and nothing will be.
      return (task.attempt.beforeRun?.veto ?? null) === null
        ? null
        : requestStop(task, 'policy', 0, now);
    case 'voided':
      return step(
        'unclaim',
        task,
        {
          state: 'queued',
          queuedAt: now,
          attempt: endAttempt(task.attempt, evidence, null, null, now),
        },
        now,
      );
    case 'alive': {
      const { process, startedAt } = evidence;
      const deadlineAt = startedAt + longest(task);
      const attempt = { ...task.attempt, process, startedAt, deadlineAt, idleFrom: startedAt };
      return step('start', task, { state: 'running', attempt }, now);
    }
    default:
      return exit(task, evidence, seen.agent, null, now);
  }
}

/** How long the attempt may run (ms): another agent than the preferred one has minutes of its own. */
const longest = ({ spec, attempt }: TaskIn<'claimed'>): number => {
  const minutes = attempt.agent?.seat?.envelope.minutes;
  return minutes === undefined ? spec.timeout : Math.round(minutes * 60_000);
};

function decideRunning(task: TaskIn<'running'>, evidence: Evidence, now: number): Step | null {
  const { attempt, agent } = evidence;
  if (attempt.kind === 'none') return exit(task, missing(task.attempt, now), agent, null, now);
  if (attempt.kind !== 'alive') return exit(task, attempt, agent, null, now);
  const reason = reasonToStop(task, evidence, now);
  if (reason === null) return null;
  // It has said what it came to: what ends its process now makes it nothing else.
  const isSettled = settlesAt(task.attempt) < Infinity;
  return requestStop(task, isSettled ? 'settled' : reason, task.spec.grace, now);
}

function reasonToStop(
  { attempt, spec }: TaskIn<'running'>,
  { agent, vitals, outputLimit, overBudget, orphaned }: Evidence,
  now: number,
): StopReason | null {
  if (orphaned) return 'parent';
  if (settlesAt(attempt) <= now) return 'settled';
  if (attempt.deadlineAt <= now) return 'timed_out';
  const { work } = spec;
  const bound =
    work.kind === 'agent' &&
    agent !== null &&
    beyond(seated(work, attempt.agent), agent.report, overBudget);
  if (bound) return bound;
  if (vitals === null) return null;
  if (vitals.bytes > outputLimit) return 'output_limit';
  const { idleTimeout, firstOutputTimeout = null } = spec;
  const idle = now - Math.max(vitals.lastActivityAt, attempt.idleFrom);
  if (firstOutputTimeout !== null && vitals.bytes === 0 && idle >= firstOutputTimeout)
    return 'no_first_output';
  return idleTimeout !== null && idle >= idleTimeout ? 'idle' : null;
}

function decideStopping(task: TaskIn<'stopping'>, seen: Evidence, now: number): Step | null {
  const { attempt: evidence, agent } = seen;
  if (evidence.kind === 'alive') return null;
  if (evidence.kind !== 'none') return exit(task, evidence, agent, task.stop, now);
  // Nothing claimed the launch yet: the supervisor voids it first, so that nothing can start after this.
  return task.attempt.process === null
    ? null
    : exit(task, missing(task.attempt, now), agent, task.stop, now);
}

/** Asks for the end of a live task; `grace` 0 ms is a kill. */
export function requestStop(
  task: TaskIn<'claimed' | 'running'>,
  reason: StopReason,
  grace: number,
  now: number,
): Step {
  const stop = { reason, requestedAt: now, ...askedAt(task.spec.work.kind, now, grace) };
  return step('requestStop', task, { state: 'stopping', attempt: task.attempt, stop }, now);
}

/** An agent gets half of the grace to close its session before it is asked to end. */
const askedAt = (kind: TaskSpec['work']['kind'], now: number, grace: number) =>
  kind === 'agent' && grace > 0
    ? { termAt: now + grace / 2, killAt: now + grace }
    : { killAt: now + grace };

function exit(
  task: TaskIn<'claimed' | 'running' | 'stopping'>,
  evidence: Over,
  agent: AgentEvidence | null,
  stop: StopRequest | null,
  now: number,
): Step {
  const judged = withRequiredFinish(agent, task);
  const attempt = endAttempt(task.attempt, evidence, judged, stop, now);
  return step('exit', task, { state: 'finishing', attempt }, now);
}
