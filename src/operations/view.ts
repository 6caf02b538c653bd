import type { Attempt, Outcome } from '../domain/attempt.ts';
import { reasonOf } from '../domain/delivery.ts';
import { isTerminal } from '../domain/lifecycle.ts';
import type { Task } from '../domain/task.ts';
import { verdict } from '../domain/verdict.ts';
import type { Change, Description, Engine } from '../engine/facade.ts';
import type { AttemptView, ChangeView, TaskView } from './schemas.ts';

export const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

const exitOf = (attempt: Attempt | null) => {
  const exit = attempt !== null && attempt.outcome !== null ? attempt.exit : null;
  return {
    exitCode: exit !== null && 'code' in exit ? exit.code : null,
    signal: exit !== null && 'signal' in exit ? exit.signal : null,
  };
};

const survivorsOf = (attempt: Attempt | null) =>
  attempt !== null && attempt.outcome !== null ? attempt.survivors : [];

function attemptView(attempt: Attempt): AttemptView {
  return {
    number: attempt.number,
    node: attempt.node,
    pid: attempt.process?.pid ?? null,
    claimedAt: iso(attempt.claimedAt),
    startedAt: isoOrNull(attempt.startedAt),
    endedAt: isoOrNull(attempt.endedAt),
    deadlineAt: isoOrNull(attempt.deadlineAt),
    outcome: attempt.outcome === null ? null : { ...attempt.outcome },
    ...exitOf(attempt),
    survivors: survivorsOf(attempt),
  };
}

/** The outcome of the last attempt in a sentence, where the reason alone would leave a question. */
function detail(outcome: Outcome | null): string | null {
  if (outcome === null) return null;
  switch (outcome.kind) {
    case 'exited':
      return outcome.code === 0 ? null : `the command exited with code ${outcome.code}`;
    case 'signaled':
      return `the command was ended by ${outcome.signal}, which tend did not send`;
    case 'spawn_failed':
      return outcome.detail;
    case 'lost':
      return {
        vanished: 'the process is gone and left no exit record',
        rebooted: 'the machine was restarted while the task ran',
        unreadable: 'the attempt folder cannot be read',
      }[outcome.how];
    case 'stopped':
    case 'voided':
      return null;
    default:
      return outcome satisfies never;
  }
}

/** The Task JSON, the same at every door. */
function taskView(given: Description): TaskView {
  const { task } = given;
  const { spec, attempt } = task;
  return {
    id: task.id,
    kind: spec.work.kind,
    title: spec.title,
    state: task.state,
    reason: reasonOf(task),
    verdict: verdict(task.state, reasonOf(task), 'none'),
    queueReason: given.queueReason,
    owner: spec.owner,
    group: spec.group,
    parent: spec.parent,
    labels: { ...spec.labels },
    priority: spec.priority,
    ...('command' in spec.work ? { command: spec.work.command } : { argv: [...spec.work.argv] }),
    cwd: spec.cwd,
    ...times(task),
    lastActivityAt: isoOrNull(given.lastActivityAt),
    ...exitOf(attempt),
    detail: detail(attempt?.outcome ?? null),
    attempt: attempt?.number ?? 0,
    attempts: given.attempts.map(attemptView),
    output: given.output,
    survivors: survivorsOf(attempt),
    usage: { inputTokens: 0, outputTokens: 0, cachedTokens: 0, costUsd: null, turns: 0 },
    workspace: {
      branch: null,
      path: null,
      commits: 0,
      changed: { files: 0, insertions: 0, deletions: 0 },
    },
    question: null,
    dependsOn: spec.after.map((dependency) => ({ ...dependency })),
    retryOf: spec.retryOf,
    resumeOf: spec.resumeOf,
    hostId: given.hostId,
  };
}

function times(task: Task) {
  const { attempt } = task;
  return {
    createdAt: iso(task.createdAt),
    startedAt: isoOrNull(attempt?.startedAt ?? null),
    endedAt: isTerminal(task.state) && 'endedAt' in task ? iso(task.endedAt) : null,
    deadlineAt: attempt !== null && attempt.outcome === null ? isoOrNull(attempt.deadlineAt) : null,
    runAt: task.state === 'waiting' ? isoOrNull(task.runAt) : null,
  };
}

export async function view(engine: Engine, task: Task): Promise<TaskView> {
  const [view] = await views(engine, [task]);
  if (view === undefined) throw new RangeError(`no description of ${task.id}`);
  return view;
}

export const views = async (engine: Engine, tasks: readonly Task[]): Promise<TaskView[]> =>
  (await engine.describe(tasks)).map(taskView);

export const changeView = (change: Change): ChangeView => ({
  seq: change.seq,
  taskId: change.taskId,
  event: change.event,
  state: change.state,
  reason: change.reason,
  at: iso(change.at),
});
