import { admit, type Capacity } from '../../src/domain/admission.ts';
import { busyOf } from '../../src/domain/busy.ts';
import { isHeld, RESUME_AT_ONCE } from '../../src/domain/holds.ts';
import { NOT_PAUSED } from '../../src/domain/pauses.ts';
import type { AgentOutcome, LimitClass, LimitFailure } from '../../src/domain/agent-outcome.ts';
import type { AgentWork } from '../../src/domain/agent-work.ts';
import {
  type EndedAttempt,
  NO_OUTPUT,
  type OpenAttempt,
  type Outcome,
} from '../../src/domain/attempt.ts';
import type { PushTargets } from '../../src/domain/delivery.ts';
import { ENVELOPES } from '../../src/domain/envelope.ts';
import { NO_RETRY } from '../../src/domain/retry.ts';
import {
  apply,
  type Step,
  step,
  type Task,
  type TaskIn,
  type TaskSpec,
} from '../../src/domain/task.ts';
import type { NewTask, Store } from '../../src/ports/store.ts';

/** A fixed moment: nothing in these tests looks at the clock. */
export const NOON = Date.UTC(2026, 5, 1, 12);
export const QUIET: PushTargets = { webhooks: [], onDone: false };

export const spec = (changes: Partial<TaskSpec> = {}): TaskSpec => ({
  work: { kind: 'command', command: 'make test', shell: '/bin/sh' },
  title: 'make test',
  cwd: '/home/me/project',
  environment: null,
  owner: 'cli:1000',
  group: null,
  parent: null,
  depth: 0,
  labels: {},
  priority: 0,
  streams: 'merged',
  timeout: 1_800_000,
  idleTimeout: null,
  queueTimeout: null,
  grace: 5_000,
  retry: NO_RETRY,
  after: [],
  notify: 'always',
  remind: 600_000,
  onDone: null,
  key: null,
  retryOf: null,
  resumeOf: null,
  ...changes,
});

/** A prompt for the agent that the account begins with. */
export const agentWork = (account: string): AgentWork => ({
  kind: 'agent',
  agent: account.slice(0, account.indexOf('/')),
  brief: 'mend it',
  prompt: 'mend it',
  model: null,
  tier: 'standard',
  envelope: ENVELOPES.standard,
  permissions: 'workspace',
  isolated: false,
  onQuota: 'wait',
  account,
  resume: null,
});

export const refused = (
  kind: LimitFailure,
  of: LimitClass,
  until: number | null = null,
): AgentOutcome => ({ kind, limit: { class: of, until, message: 'not now' }, message: 'not now' });

interface Asked extends Partial<Omit<NewTask, 'spec'>> {
  spec?: Partial<TaskSpec>;
}

export const newTask = (freshId: string, { spec: changes, ...rest }: Asked = {}): NewTask => ({
  id: null,
  freshId,
  spec: spec(changes),
  contentHash: `hash of ${freshId}`,
  runAt: null,
  now: NOON,
  node: 'here',
  ...rest,
});

export async function submit(store: Store, freshId: string, asked: Asked = {}): Promise<Task> {
  return (await store.submit(newTask(freshId, asked))).task;
}

export async function submitQueued(
  store: Store,
  freshId: string,
  asked: Asked = {},
): Promise<TaskIn<'queued'>> {
  return inState(await submit(store, freshId, asked), 'queued');
}

/** The task, known to be in `state` from here on. */
export function inState<S extends Task['state']>(
  task: Task | null,
  state: S,
): Extract<Task, { state: S }> {
  if (task?.state !== state) throw new RangeError(`the task is ${task?.state}, not ${state}`);
  return task as Extract<Task, { state: S }>;
}

const openAttempt = (number: number, at: number): OpenAttempt => ({
  number,
  node: 'here',
  claimedAt: at,
  process: null,
  startedAt: null,
  deadlineAt: null,
  endedAt: null,
  outcome: null,
});

export const claim = (task: TaskIn<'queued'>, at = task.queuedAt + 1): Step =>
  step(
    'claim',
    task,
    { state: 'claimed', attempt: openAttempt((task.attempt?.number ?? 0) + 1, at) },
    at,
  );

export const start = (task: TaskIn<'claimed'>, at = task.attempt.claimedAt + 1): Step => {
  const process = { pid: 4711, startTime: '815', bootId: 'boot' };
  const running = {
    ...task.attempt,
    process,
    startedAt: at,
    deadlineAt: at + task.spec.timeout,
    idleFrom: at,
  };
  return step('start', task, { state: 'running', attempt: running }, at);
};

export const exit = (
  task: TaskIn<'running'>,
  code: number,
  at = task.attempt.startedAt + 1,
  outcome: Outcome = { kind: 'exited', code },
): Step => {
  const ended: EndedAttempt = {
    ...task.attempt,
    endedAt: at,
    outcome,
    exit: { code },
    output: { ...NO_OUTPUT, bytes: 5, preview: 'done\n' },
    survivors: [],
  };
  return step('exit', task, { state: 'finishing', attempt: ended }, at);
};

export const requeue = (task: TaskIn<'finishing'>, runAt: number): Step =>
  step('requeue', task, { state: 'waiting', runAt, attempt: task.attempt }, task.attempt.endedAt);

export function finish(task: TaskIn<'finishing'>): Step {
  const { attempt } = task;
  const { endedAt } = attempt;
  return attempt.exit !== null && 'code' in attempt.exit && attempt.exit.code === 0
    ? step('complete', task, { state: 'completed', attempt, endedAt }, endedAt)
    : step('fail', task, { state: 'failed', reason: 'exit_code', attempt, endedAt }, endedAt);
}

/** All steps from the queue to the end of an attempt that came to `outcome`. */
export function attemptWith(
  task: TaskIn<'queued'>,
  outcome: Outcome,
  at = task.queuedAt + 1,
): [Step, ...Step[]] {
  const claiming = claim(task, at);
  const claimed = inState(apply(task, claiming), 'claimed');
  const starting = start(claimed);
  const running = inState(apply(claimed, starting), 'running');
  return [claiming, starting, exit(running, 1, running.attempt.startedAt + 1, outcome)];
}

/** All steps from the queue to the end. */
export function wholeLife(task: TaskIn<'queued'>, code = 0): [Step, ...Step[]] {
  const claiming = claim(task);
  const claimed = inState(apply(task, claiming), 'claimed');
  const starting = start(claimed);
  const running = inState(apply(claimed, starting), 'running');
  const exiting = exit(running, code);
  const finishing = inState(apply(running, exiting), 'finishing');
  return [claiming, starting, exiting, finish(finishing)];
}

/** Submits a task and runs it to its end. */
export async function submitEnded(
  store: Store,
  freshId: string,
  { code = 0, targets = QUIET, ...asked }: Asked & { code?: number; targets?: PushTargets } = {},
): Promise<Task> {
  const task = await store.commit(
    wholeLife(await submitQueued(store, freshId, asked), code),
    targets,
  );
  if (task === null) throw new RangeError(`${freshId} moved on by itself`);
  return task;
}

/** Queued tasks in the order in which they would start at `now`, one after the other, were nothing in their way but holds. */
export async function candidates(store: Store, limit: number, now: number): Promise<Task[]> {
  const lanes = await store.lanes();
  const waiting = await Promise.all(
    lanes.map(async (lane) => (await store.waiting(lane, limit)).map((one) => ({ ...one, lane }))),
  );
  const capacity: Capacity = {
    limits: { slots: limit, agents: {}, groups: {}, labels: {}, checks: limit },
    busy: busyOf([]),
    diskLow: false,
    memoryLow: false,
    pauses: NOT_PAUSED,
    holds: (await store.holds()).filter((hold) => isHeld(hold, now)),
    resume: RESUME_AT_ONCE,
    spendings: [],
  };
  const admitted = admit(waiting.flat(), capacity, now);
  const tasks = await Promise.all(admitted.map(({ head }) => store.get(head.id)));
  return tasks.filter((task) => task !== null);
}
