import { isTerminal } from '../domain/lifecycle.ts';
import { holdOf, queueReason } from '../domain/admission.ts';
import { type Hold, isHeld } from '../domain/holds.ts';
import type { Task } from '../domain/task.ts';
import type { Ports } from './context.ts';
import type { Dispatch } from './dispatch.ts';
import type { Finding } from './facade.ts';

/** Most tasks that get a sentence of their own. */
const MOST = 200;

/** Checks what the engine can see; the daemon adds what only it knows. */
export async function examine(ports: Ports, dispatch: Dispatch): Promise<Finding[]> {
  const { byState, undelivered, dead } = await ports.store.counts();
  const total = Object.values(byState).reduce((sum, count) => sum + count, 0);
  const findings: Finding[] = [
    finding('store', 'ok', `${total} tasks stored, ${undelivered} deliveries not acknowledged`),
    await disk(ports, dispatch),
  ];
  for (const letter of await ports.store.dead(MOST))
    findings.push({
      check: 'delivery',
      level: 'problem',
      message: `${letter.id} could not be pushed to ${letter.subscriber} in ${letter.tries} tries: ${letter.lastError ?? 'no reason given'}`,
      taskId: letter.taskId,
    });
  findings.push(...(await holds(ports)));
  if (dead === 0) findings.push(finding('delivery', 'ok', 'no dead letters'));
  const states = ['waiting', 'queued', 'claimed', 'running', 'stopping', 'finishing'] as const;
  const page = await ports.store.list({ states, limit: MOST });
  for (const task of page.tasks) findings.push(await explain(ports, dispatch, task));
  return findings;
}

const finding = (check: string, level: Finding['level'], message: string): Finding => ({
  check,
  level,
  message,
  taskId: null,
});

/** Accounts that are not used now, and why. */
async function holds({ store, clock }: Ports): Promise<Finding[]> {
  const now = clock.now();
  const held = (await store.holds()).filter((hold) => isHeld(hold, now));
  return held.map((hold) => finding('agents', 'note', `${hold.account} ${untilWords(hold)}`));
}

async function disk(ports: Ports, dispatch: Dispatch): Promise<Finding> {
  await dispatch.checkDisk();
  const { free } = await ports.output.space();
  const gigabytes = (free / 1e9).toFixed(1);
  return dispatch.capacity().diskLow
    ? finding(
        'disk',
        'problem',
        `only ${gigabytes} GB free: nothing new starts until there is more`,
      )
    : finding('disk', 'ok', `${gigabytes} GB free`);
}

/** In one sentence: what the task waits for. */
async function explain(ports: Ports, dispatch: Dispatch, task: Task): Promise<Finding> {
  const now = ports.clock.now();
  const say = (message: string, level: Finding['level'] = 'note'): Finding => ({
    check: 'task',
    level,
    message: `${task.id} ${message}`,
    taskId: task.id,
  });
  switch (task.state) {
    case 'waiting':
      return say(await waitsFor(ports, task));
    case 'queued': {
      const capacity = await dispatch.full();
      const reason = queueReason(task, capacity);
      const hold = holdOf(task, capacity);
      const { slots } = capacity;
      if (hold !== null) return say(`is queued: ${hold.account} ${untilWords(hold)}`);
      if (reason === 'disk') return say('is queued: free disk space is below the floor', 'problem');
      if (reason === 'paused') return say('is queued: starting is paused');
      return say(`is queued: all ${slots} slots are taken or tasks are ahead of it`);
    }
    case 'claimed':
      return say(`was claimed ${seconds(now - task.attempt.claimedAt)} ago and is being launched`);
    case 'running':
      return say(`runs since ${seconds(now - task.attempt.startedAt)}`, 'ok');
    case 'stopping':
      return say(
        `is being stopped (${task.stop.reason}) since ${seconds(now - task.stop.requestedAt)}`,
      );
    default:
      return say(`is ${task.state}`);
  }
}

async function waitsFor(
  { store }: Ports,
  task: Extract<Task, { state: 'waiting' }>,
): Promise<string> {
  const states = await store.states(task.spec.after.map((dependency) => dependency.task));
  const open = task.spec.after.filter(({ task: id }) => {
    const state = states.get(id);
    return state !== undefined && !isTerminal(state);
  });
  if (open.length > 0)
    return `waits for ${open.map(({ task: id }) => `${id} (${states.get(id) ?? 'gone'})`).join(', ')}`;
  return task.runAt === null
    ? 'is about to be released'
    : `waits until ${new Date(task.runAt).toISOString()}`;
}

function untilWords({ retryAt, reason }: Hold): string {
  const until =
    retryAt === null ? 'until it is released' : `until ${new Date(retryAt).toISOString()}`;
  return `is held ${until}: ${reason}`;
}

const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`;
