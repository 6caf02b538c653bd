import type { Attempt, Outcome } from '../domain/attempt.ts';
import { reasonOf } from '../domain/delivery.ts';
import { isTerminal } from '../domain/lifecycle.ts';
import { addUsage } from '../domain/agent-report.ts';
import type { Usage } from '../domain/agent-event.ts';
import type { Hold } from '../domain/holds.ts';
import { type AgentFacts, seated, seatsOf } from '../domain/agent-work.ts';
import type { Task, TaskSpec } from '../domain/task.ts';
import { whyNotRetried } from '../domain/retry.ts';
import { gapsTold, resultTold, toldIn } from '../domain/told-result.ts';
import { verdict, verificationOf } from '../domain/verdict.ts';
import type { Description, Engine, Told } from '../engine/facade.ts';
import type { z } from 'zod';
import type { AttemptView, ChangeView, holdView, TaskView } from './schemas.ts';
import { viewOfInput } from './input-view.ts';
import { iso, isoOrNull } from './time-view.ts';
import { attemptWorkView, workView as madeView } from './work-view.ts';
import { workerView } from './worker-view.ts';

export { iso, isoOrNull };

const exitOf = (attempt: Attempt | null) => {
  const exit = attempt !== null && attempt.outcome !== null ? attempt.exit : null;
  return {
    exitCode: exit !== null && 'code' in exit ? exit.code : null,
    signal: exit !== null && 'signal' in exit ? exit.signal : null,
  };
};

const survivorsOf = (attempt: Attempt | null) =>
  attempt !== null && attempt.outcome !== null ? attempt.survivors : [];

function attemptView(attempt: Attempt, spec: TaskSpec): AttemptView {
  const { work } = spec;
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
    agent: work.kind === 'agent' ? seated(work, attempt.agent).agent : null,
    sessionId: attempt.agent?.sessionId ?? null,
    resumed: attempt.agent?.resumed ?? null,
    usage: attempt.agent === undefined ? null : usageOfAttempt(attempt.agent),
    rulings: (attempt.worker?.rulings ?? []).map((one) => ({ ...one, at: iso(one.at) })),
    ...attemptWorkView(attempt, spec),
  };
}

const usageOfAttempt = ({ report }: AgentFacts) =>
  usageOf(report?.usage ?? null, report?.turns ?? 0);

/** What is not known is null. */
export const usageOf = (usage: Usage | null, turns: number) => ({
  inputTokens: usage?.inputTokens ?? null,
  outputTokens: usage?.outputTokens ?? null,
  cachedTokens: usage?.cachedTokens ?? null,
  costUsd: usage?.costUsd ?? null,
  turns,
});

/** Of all attempts together; a command uses nothing. */
function totalUsage(spec: TaskSpec, attempts: readonly Attempt[]) {
  if (spec.work.kind === 'command')
    return { inputTokens: 0, outputTokens: 0, cachedTokens: 0, costUsd: null, turns: 0 };
  const reports = attempts.flatMap(({ agent }) => agent?.report ?? []);
  const usage = reports.reduce<Usage | null>((sum, report) => addUsage(sum, report.usage), null);
  return usageOf(
    usage,
    reports.reduce((sum, report) => sum + report.turns, 0),
  );
}

/** What the task runs, in the words of the Task JSON. */
function workView({ work }: TaskSpec, attempt: Attempt | null) {
  if (work.kind === 'command')
    return 'command' in work ? { command: work.command } : { argv: [...work.argv] };
  const report = attempt?.agent?.report ?? null;
  // Who does it, or did it last; before that, who is preferred.
  const own = seated(work, attempt?.agent);
  const { agent, brief, tier, envelope, permissions, isolated, onQuota, account } = own;
  return {
    agent: {
      name: agent,
      model: own.model ?? report?.model ?? null,
      sessionId: attempt?.agent?.sessionId ?? work.resume?.sessionId ?? null,
      prompt: brief,
      tier,
      envelope: { ...envelope },
      permissions,
      isolated,
      onQuota,
      account,
      others: seatsOf(work).flatMap((one) => (one.agent === agent ? [] : [one.agent])),
      chosen: work.chosen ?? null,
      version: report?.version ?? null,
    },
  };
}

function answerIn(attempt: Attempt | null): string | null {
  if (attempt === null) return null;
  const told = toldIn(attempt);
  const isTold = attempt.worker?.finish !== undefined;
  return isTold || (attempt.outcome?.kind === 'ok' && told.report !== null)
    ? resultTold(told)
    : null;
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
    case 'parked':
    case 'ok':
      return null;
    default:
      return outcome.message;
  }
}

/** Longest naming of what is not met, in characters. */
const LONGEST_GAPS = 500;

/** The same of a task, with why it was not tried again where it could have been. */
function detailOf({ task, attempts }: Description): string | null {
  const said = task.attempt?.beforeRun?.veto ?? detail(task.attempt?.outcome ?? null);
  const ended = attempts.flatMap((attempt) => (attempt.outcome === null ? [] : [attempt]));
  const gaps = gapsTold(task.attempt?.worker, LONGEST_GAPS);
  if (task.state === 'completed' && gaps !== null) return gaps;
  const why = task.state === 'failed' ? whyNotRetried(task.spec.retry, ended) : null;
  return why === null ? said : `${said === null ? '' : `${said}; `}not retried: ${why}`;
}

const childView = (child: Task): TaskView['children'][number] => ({
  id: child.id,
  title: child.spec.title,
  state: child.state,
  verdict: verdict(child.state, reasonOf(child), verificationOf(child)),
});

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
    verdict: verdict(task.state, reasonOf(task), verificationOf(task)),
    queueReason: given.wait?.block.reason ?? null,
    wait: waitOf(given),
    held: heldIn(given),
    owner: spec.owner,
    group: spec.group,
    name: spec.name ?? null,
    parent: spec.parent,
    exclusive: spec.exclusive ?? null,
    labels: { ...spec.labels },
    priority: spec.priority,
    ...workView(spec, attempt),
    answer: answerIn(attempt),
    cwd: spec.cwd,
    ...times(task),
    lastActivityAt: isoOrNull(given.lastActivityAt),
    ...exitOf(attempt),
    detail: detailOf(given),
    attempt: attempt?.number ?? 0,
    attempts: given.attempts.map((one) => attemptView(one, spec)),
    output: given.output,
    survivors: survivorsOf(attempt),
    usage: totalUsage(spec, given.attempts),
    ...madeView(given),
    ...workerView(given),
    inputs: given.inputs.map((one) => viewOfInput(task.id, attempt?.number ?? 0, one)),
    dependsOn: spec.after.map((dependency) => ({ ...dependency })),
    contextFrom: [...(spec.contextFrom ?? [])],
    children: given.children.map(childView),
    retryOf: spec.retryOf,
    resumeOf: spec.resumeOf,
    schedule: spec.schedule ?? null,
    hostId: given.hostId,
  };
}

function waitOf({ wait }: Description): TaskView['wait'] {
  if (wait === null) return null;
  const { reason, what, until, detail: words } = wait.block;
  return { reason, what, until: isoOrNull(until), detail: words, ahead: wait.ahead };
}

/** The hold that a queued task waits for, as it keeps it: a limit that is over may keep it longer than it was told. */
function heldIn({ wait }: Description): z.infer<typeof holdView> | null {
  if (wait === null || wait.hold === null) return null;
  return heldView({ ...wait.hold, retryAt: wait.block.until });
}

export const heldView = (hold: Hold): z.infer<typeof holdView> => ({
  account: hold.account,
  until: isoOrNull(hold.retryAt),
  class: hold.class,
  reason: hold.reason,
});

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

export const changeView = (change: Told): ChangeView => ({
  seq: change.seq,
  taskId: change.taskId,
  event: change.event,
  state: change.state,
  reason: change.reason,
  at: iso(change.at),
});
