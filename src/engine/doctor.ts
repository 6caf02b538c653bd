import { isTerminal, STATES } from '../domain/lifecycle.ts';
import { whyQueued } from '../domain/explain.ts';
import { isDrain } from '../domain/drain.ts';
import type { Hold } from '../domain/holds.ts';
import { asTheyStand } from '../domain/release.ts';
import type { Task } from '../domain/task.ts';
import type { Ports } from './context.ts';
import type { Dispatch } from './dispatch.ts';
import type { Explain, Wait } from './explain.ts';
import type { Finding } from './facade.ts';

/** Most tasks that get a sentence of their own. */
const MOST = 200;

/** Checks what the engine can see; the daemon adds what only it knows. */
export async function examine(
  ports: Ports,
  dispatch: Dispatch,
  explain: Explain,
): Promise<Finding[]> {
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
      message: `${letter.id} could not be pushed to ${letter.subscriber} in ${letter.tries} tries: ${letter.lastError ?? 'no reason given'}; again: tend notify resend ${letter.id}`,
      taskId: letter.taskId,
    });
  findings.push(...(await holds(ports, dispatch)));
  if (dead === 0) findings.push(finding('delivery', 'ok', 'no dead letters'));
  const states = STATES.filter((state) => !isTerminal(state));
  const page = await ports.store.list({ states, limit: MOST });
  const why = await explain.of(page.tasks);
  for (const task of page.tasks) findings.push(await situation(ports, task, why(task)));
  return findings;
}

const finding = (check: string, level: Finding['level'], message: string): Finding => ({
  check,
  level,
  message,
  taskId: null,
});

/** Accounts that are not used now, and why. */
async function holds({ clock }: Ports, dispatch: Dispatch): Promise<Finding[]> {
  const { holds: rows, resume } = await dispatch.capacity();
  return asTheyStand(rows, resume, clock.now()).map((hold) =>
    isDrain(hold)
      ? finding(
          'agents',
          'problem',
          `${hold.agent} is drained: ${hold.reason}; see what went wrong, then: tend agents ack ${hold.agent}`,
        )
      : finding('agents', 'note', `${hold.account} ${untilWords(hold)}`),
  );
}

async function disk(ports: Ports, dispatch: Dispatch): Promise<Finding> {
  await dispatch.checkRoom();
  const { free } = await ports.output.space();
  const gigabytes = (free / 1e9).toFixed(1);
  return (await dispatch.capacity()).diskLow
    ? finding(
        'disk',
        'problem',
        `only ${gigabytes} GB free: nothing new starts until there is more`,
      )
    : finding('disk', 'ok', `${gigabytes} GB free`);
}

/** In one sentence: what the task waits for. */
async function situation(ports: Ports, task: Task, wait: Wait | null): Promise<Finding> {
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
    case 'queued':
      return wait === null
        ? say('is about to start')
        : say(
            `waits${whyQueued(wait.block, wait.ahead, iso)}`,
            isProblem(wait) ? 'problem' : 'note',
          );
    case 'claimed':
      return say(`was claimed ${seconds(now - task.attempt.claimedAt)} ago and is being launched`);
    case 'running':
      return say(`runs since ${seconds(now - task.attempt.startedAt)}`, 'ok');
    case 'stopping':
      return say(
        `is being stopped (${task.stop.reason}) since ${seconds(now - task.stop.requestedAt)}`,
      );
    case 'awaiting_children':
      return say(`waits for its ${(await ports.store.children(task.id)).open} open subtasks`);
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

const iso = (at: number): string => new Date(at).toISOString();

/** Nothing will be over by itself. */
const isProblem = ({ block }: Wait): boolean =>
  block.reason === 'disk' || block.reason === 'memory';
