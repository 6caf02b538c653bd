import type { AgentFacts } from '../../src/domain/agent-work.ts';
import type { Attempt, EndedAttempt, Outcome } from '../../src/domain/attempt.ts';
import { NO_OUTPUT } from '../../src/domain/attempt.ts';
import { type Event, LIFECYCLE, type State } from '../../src/domain/lifecycle.ts';
import type { Next, Step, Task } from '../../src/domain/task.ts';
import { refused } from './sample.ts';

const EVENTS = Object.keys(LIFECYCLE) as Event[];
const pick = <T>(from: readonly T[], choice: number): T | undefined => from[choice % from.length];

/** Some step that the lifecycle allows; null for an ended task. */
export function someStep(task: Task, choice: number, at: number): Step | null {
  const possible = EVENTS.filter((event) =>
    (LIFECYCLE[event].from as readonly State[]).includes(task.state),
  );
  const event = pick(possible, choice);
  if (event === undefined) return null;
  const to = pick<State>(LIFECYCLE[event].to, choice >> 4) ?? 'queued';
  return { id: task.id, version: task.version, event, at, next: nextIn(task, to, choice, at) };
}

function nextIn(task: Task, state: State, choice: number, at: number): Next {
  const endedAttempt = task.attempt === null ? null : ended(task.attempt, at);
  const attempt = endedAttempt ?? ended(open(task, at), at);
  switch (state) {
    case 'waiting':
      return { state, runAt: choice & 1 ? at + (choice % 50) : null, attempt: endedAttempt };
    case 'queued':
      return { state, queuedAt: at, attempt: endedAttempt };
    case 'claimed':
      return { state, attempt: open(task, at) };
    case 'running': {
      const identity = { pid: choice, startTime: `${at}`, bootId: 'boot' };
      const running = { ...open(task, at), number: attempt.number, endedAt: null, outcome: null };
      return {
        state,
        attempt: {
          ...running,
          process: identity,
          startedAt: at,
          deadlineAt: at + 60,
          idleFrom: at,
          ...agentOf(task, choice & 1 ? at : null),
        },
      };
    }
    case 'stopping': {
      const asked = choice & 1 ? { termAt: at + 2 } : {};
      const stop = { reason: 'user', requestedAt: at, ...asked, killAt: at + 5 } as const;
      const live = task.attempt?.outcome === null ? task.attempt : open(task, at);
      return { state, attempt: live, stop };
    }
    case 'failed':
      return { state, attempt: endedAttempt, endedAt: at, reason: 'exit_code' };
    case 'cancelled':
      return { state, attempt: endedAttempt, endedAt: at, reason: 'user' };
    case 'skipped':
      return { state, attempt: endedAttempt, endedAt: at, reason: 'dependency_failed' };
    case 'completed':
      return { state, attempt, endedAt: at };
    default:
      return { state, attempt };
  }
}

const open = (task: Task, at: number) => ({
  number: (task.attempt?.number ?? 0) + 1,
  node: task.node,
  claimedAt: at,
  process: null,
  startedAt: null,
  deadlineAt: null,
  endedAt: null,
  outcome: null,
  ...agentOf(task, null),
});

const agentOf = ({ spec }: Task, settledAt: number | null): { agent?: AgentFacts } =>
  spec.work.kind === 'agent'
    ? { agent: { sessionId: 's-1', resumed: null, before: null, report: null, settledAt } }
    : {};

/** What an attempt that ended at that moment came to. */
export function outcomeAt(at: number): Outcome {
  switch (at % 5) {
    case 0:
    case 3:
      return { kind: 'ok' };
    case 1:
      return refused('quota_exhausted', 'until', at + 30);
    case 2:
      return refused('rate_limited', at & 1 ? 'transient' : 'needs_person');
    default:
      return { kind: 'exited', code: at % 3 };
  }
}

function ended(attempt: Attempt, at: number): EndedAttempt {
  if (attempt.outcome !== null) return attempt;
  const output = { ...NO_OUTPUT, bytes: at % 1000, preview: `ended at ${at}\n` };
  const outcome = outcomeAt(at);
  return { ...attempt, endedAt: at, outcome, exit: { code: at % 3 }, output, survivors: [] };
}
