import type { AgentWork } from '../domain/agent-work.ts';
import { type CheckKind, checkKey, type CheckOf, type Checks } from '../domain/checks.ts';
import { TendError } from '../domain/errors.ts';
import { taskId } from '../domain/ids.ts';
import { contentHash } from '../domain/submission.ts';
import type { Task, TaskSpec } from '../domain/task.ts';
import type { WorkspaceSpec } from '../domain/workspace.ts';
import type { Ports } from './context.ts';
import { judgeAsked } from './judging.ts';

/** Submits the task that looks at a commit of this task's work; asked again, it answers the same one. */
export type SubmitCheck = (
  task: Task,
  what: CheckKind,
  nth: number,
  commit: string,
) => Promise<Task>;

/** `stored` is told of every check that is new. */
export const checkSubmitter =
  (ports: Ports, node: string, stored: (check: Task) => void): SubmitCheck =>
  async (task, what, nth, commit) => {
    const check: CheckOf = { of: task.id, attempt: task.attempt?.number ?? 0, what, nth, commit };
    const key = checkKey(check, task.createdAt);
    const spec = await composed(ports, task, check, key);
    const submitted = await ports.store.submit({
      id: null,
      freshId: taskId(ports.chance.bytes(8)),
      spec,
      // The key says all: words that a later version composes otherwise are the same check.
      contentHash: contentHash(key),
      runAt: null,
      now: ports.clock.now(),
      node,
    });
    if (submitted.created) stored(submitted.task);
    return submitted.task;
  };

/** What is lost is tried again; what failed has told something. */
const ONLY_LOST: TaskSpec['retry'] = {
  attempts: 2,
  backoff: [0],
  on: ['lost_vanished', 'lost_rebooted', 'lost_unreadable'],
};
/** A judge may be silent this long (ms). */
const JUDGE_IDLE = 10 * 60_000;

async function composed(ports: Ports, task: Task, check: CheckOf, key: string): Promise<TaskSpec> {
  const { spec } = task;
  const { workspace, checks } = spec;
  if (!workspace || !checks) throw nothingAsked(task, check);
  const common = {
    title: `${check.what} ${task.id}, attempt ${check.attempt}`,
    cwd: spec.cwd,
    environment: spec.environment,
    ...(spec.umask !== undefined && { umask: spec.umask }),
    owner: spec.owner,
    group: spec.group,
    parent: null,
    depth: spec.depth,
    labels: {},
    priority: spec.priority,
    queueTimeout: null,
    grace: spec.grace,
    retry: ONLY_LOST,
    after: [],
    workspace: checkoutOf(workspace, check.commit),
    check,
    notify: 'never',
    remind: 0,
    onDone: null,
    key,
    retryOf: null,
    resumeOf: null,
  } satisfies Partial<TaskSpec>;
  if (check.what !== 'judge') {
    const { command, timeout } = commandOf(task, checks, check);
    const shell = await shellOf(ports, spec);
    const work = { kind: 'command', command, shell } as const;
    return { ...common, work, streams: 'merged', timeout, idleTimeout: null };
  }
  const work = await judgeWork(ports, task, checks, check);
  return {
    ...common,
    work,
    streams: 'split',
    timeout: Math.round(work.envelope.minutes * 60_000),
    idleTimeout: JUDGE_IDLE,
  };
}

/** A clean one, thrown away afterwards. */
const checkoutOf = (workspace: WorkspaceSpec, commit: string): WorkspaceSpec => ({
  ...workspace,
  kind: 'checkout',
  base: commit,
  branch: null,
});

/** A metric has as long as a verification, or this long (ms). */
const METRIC_TIMEOUT = 10 * 60_000;

function commandOf(
  task: Task,
  { verify, metric }: Checks,
  check: CheckOf,
): { command: string; timeout: number } {
  if (check.what === 'metric' && metric !== null)
    return { command: metric, timeout: verify?.timeout ?? METRIC_TIMEOUT };
  if (check.what === 'metric' || verify === null) throw nothingAsked(task, check);
  return verify;
}

/** The one that the task's own command has, else the person's, where a line means the same there as in a plain one. */
async function shellOf({ environments }: Ports, { work, environment }: TaskSpec): Promise<string> {
  if (work.kind === 'command' && 'shell' in work) return work.shell;
  const stored = environment === null ? null : await environments.get(environment);
  const shell = stored?.['SHELL'] ?? '';
  return /^\/.*\/(?:sh|bash|zsh|dash|ksh|ash)$/.test(shell) ? shell : '/bin/sh';
}

async function judgeWork(
  ports: Ports,
  task: Task,
  { judge }: Checks,
  check: CheckOf,
): Promise<AgentWork> {
  if (judge === null) throw nothingAsked(task, check);
  const prompt = await judgeAsked(ports, task, check);
  return { ...judge.work, permissions: 'read-only', brief: prompt, prompt, resume: null };
}

const nothingAsked = ({ id }: Task, { what }: CheckOf): TendError =>
  new TendError(
    'internal',
    `${id} has nothing for a ${what} to look at`,
    'This is a defect of Tend: please report it with the message.',
  );
