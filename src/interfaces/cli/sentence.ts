/** What a task's state means, in words for people. */
import { whyQueued } from '../../domain/explain.ts';
import type { Task } from '../client/index.ts';
import { clock, count, relative, span } from './format.ts';
import { hasEnded } from './exit.ts';
import { askingWords, gapWords } from './show-question.ts';
import { oneLine } from './text.ts';

const REASONS: Record<string, string> = {
  timed_out: 'timed out',
  idle: 'was silent for too long',
  queue_timeout: 'waited too long in the queue',
  no_first_output: 'said nothing at all for too long',
  output_limit: 'wrote more than it may',
  budget_exceeded: 'spent more than it may',
  max_turns: 'took more turns than it may',
  rate_limited: 'was refused: a rate limit',
  quota_exhausted: 'was refused: the quota is used up',
  auth_failed: 'is not logged in',
  model_unavailable: 'does not have the model',
  no_final_answer: 'ended without an answer',
  agent_error: 'failed',
  spawn_failed: 'could not be started',
  lost_vanished: 'was lost: its process vanished without a record',
  lost_rebooted: 'was lost: the machine was restarted',
  lost_unreadable: 'was lost: its record cannot be read',
  verify_failed: 'failed: its work was not verified',
  judge_rejected: 'failed: the judge sent its work back too often',
  uncommitted_changes: 'failed: its work could not be saved whole',
  rejected: 'failed: its work was rejected',
  child_failed: 'failed: a subtask of it failed',
  dependency_failed: 'was skipped: a task it depends on did not complete',
  condition_not_met: 'was skipped: its condition was not met',
};

/** The same as the reason, but as few words as a table has room for. */
export function shortReason(task: Task): string {
  if (task.state === 'queued') return task.queueReason ?? '';
  if (task.state === 'failed' && task.reason === 'exit_code') return `exit ${task.exitCode ?? '?'}`;
  if (task.state === 'failed' && task.reason === 'signal') return task.signal ?? 'signal';
  if (task.state === 'completed') return workIn(task);
  return (task.reason ?? '').replaceAll('_', ' ');
}

/** What has become of the work of a completed task. */
function workIn({ verdict, gaps, workspace: { merge } }: Task): string {
  if (gaps.length > 0) return count(gaps.length, 'gap');
  if (merge !== null) return merge.endedAt === null ? 'merging' : merge.state.replaceAll('_', ' ');
  return verdict === 'verified' || verdict === 'unverified' ? verdict : '';
}

/** How an ended task ended: follows its id in a sentence. */
export function endOf(task: Task): string {
  const took = lasting(task);
  switch (task.state) {
    case 'completed':
      return `completed${took}${unproven(task)}${gapWords(task)}`;
    case 'cancelled':
      return `was stopped${task.reason === 'user' ? '' : ` (${task.reason ?? 'unknown'})`}${took}${veto(task)}`;
    case 'skipped':
      return REASONS[task.reason ?? ''] ?? 'was skipped';
    case 'failed':
      return `${failure(task)}${took}${why(task)}${unverified(task)}`;
    default:
      return `is ${task.state}`;
  }
}

const unproven = (task: Task): string =>
  task.verdict === 'unverified' ? `, but its work is not verified${unverified(task)}` : '';

/** What the verification of its work says against it. */
function unverified({ reason, verdict, verification }: Task): string {
  if (verification === null || (reason !== 'verify_failed' && verdict !== 'unverified')) return '';
  const { detail, failing } = verification;
  const [first, ...others] = failing;
  const names =
    first === undefined
      ? ''
      : ` (${oneLine(first)}${others.length > 0 ? `, ${others.length} more` : ''})`;
  return `${detail === null ? '' : `: ${oneLine(detail)}`}${names}`;
}

function lasting(task: Task): string {
  if (task.startedAt === null || task.endedAt === null) return '';
  return ` after ${span(Date.parse(task.endedAt) - Date.parse(task.startedAt))}`;
}

function failure({ reason, exitCode, signal }: Task): string {
  if (reason === 'exit_code') return `failed with exit code ${exitCode ?? 'unknown'}`;
  if (reason === 'signal') return `was ended by ${signal ?? 'a signal'}`;
  return REASONS[reason ?? ''] ?? `failed (${(reason ?? 'unknown').replaceAll('_', ' ')})`;
}

/** What a hook of the person said against it. */
const veto = ({ reason, detail }: Task): string =>
  reason === 'policy' && detail !== null ? `: ${oneLine(detail)}` : '';

/** What the agent, or the machine, said about it. */
const why = ({ kind, reason, detail }: Task): string => {
  const isTold = reason === 'spawn_failed' || (kind === 'agent' && !reason?.startsWith('lost_'));
  return detail !== null && isTold ? `: ${oneLine(detail)}` : '';
};

/** Why the task is where it is and what comes next, in one sentence without its subject. */
export function situation(task: Task, now: number): string {
  switch (task.state) {
    case 'waiting':
      return waiting(task, now);
    case 'queued':
      return queued(task, now);
    case 'claimed':
      return 'is being started';
    case 'running':
      return task.deadlineAt === null
        ? 'runs'
        : `runs; times out ${relative(Date.parse(task.deadlineAt), now)}`;
    case 'stopping':
      return `is being stopped (${(task.reason ?? 'unknown').replaceAll('_', ' ')})`;
    case 'finishing':
      return finishing(task);
    case 'awaiting_input':
      return `waits for an answer${askingWords(task)}`;
    case 'awaiting_children':
      return subtasks(task);
    case 'awaiting_review':
      return `waits for your review${because(task)}`;
    default:
      return endOf(task);
  }
}

/** Its own work is over. */
function finishing({ workspace, verification, judge }: Task): string {
  if (workspace.kind === null || workspace.kind === 'checkout')
    return 'has ended and is being recorded';
  if (workspace.commit === null) return 'has ended and its work is being saved';
  if (verification !== null || judge !== null) return 'has ended and its work is being checked';
  return 'has ended and its work is being recorded';
}

function because({ concerns }: Task): string {
  const [first, ...others] = concerns;
  if (first === undefined) return '';
  return ` (${oneLine(first)}${others.length === 0 ? '' : `, and ${count(others.length, 'more reason')}`})`;
}

function queued({ wait }: Task, now: number): string {
  if (wait === null) return 'is about to start';
  const { reason, what, until, detail, ahead } = wait;
  const block = { reason, what, until: until === null ? null : Date.parse(until), detail };
  return oneLine(`waits${whyQueued(block, ahead, (at) => clock(at, now))}`);
}

/** Its own work is done. */
function subtasks({ children }: Task): string {
  const open = children.filter((child) => !hasEnded(child));
  const [first, ...others] = open;
  const which = first === undefined || others.length > 0 ? '' : ` ${first.id}`;
  return `has done its own work and waits for ${count(open.length, 'subtask')}${which}`;
}

function waiting({ dependsOn, runAt, attempt }: Task, now: number): string {
  if (runAt !== null) {
    const when = relative(Date.parse(runAt), now);
    return attempt > 0 ? `waits to be tried again ${when}` : `starts ${when}`;
  }
  const names = dependsOn.slice(0, 5).map(({ task, when }) => {
    const condition = { success: 'to complete', failure: 'to fail', always: 'to end' }[when];
    return `${task} ${condition ?? 'to end'}`;
  });
  const more = dependsOn.length - names.length;
  if (more > 0) names.push(count(more, 'more task'));
  return `waits for ${names.join(', ')}`;
}
