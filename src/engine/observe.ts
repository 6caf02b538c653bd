import {
  type AttemptEvidence,
  type Children,
  type Evidence,
  NO_CHILDREN,
  type Vitals,
} from '../domain/evidence.ts';
import type { Readiness } from '../domain/dependencies.ts';
import { readiness } from '../domain/dependencies.ts';
import { isLive, type Live } from '../domain/lifecycle.ts';
import type { Task, TaskId, TaskIn } from '../domain/task.ts';
import type { Stream } from '../ports/output.ts';
import type { AttemptRef } from '../ports/supervisor.ts';
import type { AgentWatch } from './agent-watch.ts';
import type { Budgets } from './budgets.ts';
import { checksSeen, isChecked, isOrphaned } from './check-evidence.ts';
import type { Ports, Settings } from './context.ts';

export const attemptRef = (id: TaskId, attempt: { number: number }): AttemptRef => ({
  taskId: id,
  number: attempt.number,
});

export const streamsOf = (task: Task): readonly Stream[] =>
  task.spec.streams === 'merged' ? ['output'] : ['stdout', 'stderr'];

/** Everything `decide` may ask about a task; `vitals` only where the slow sweep looked. */
export async function observe(
  ports: Ports,
  settings: Settings,
  task: Task,
  watch: AgentWatch,
  budgets: Budgets,
  vitals: Vitals | null = null,
): Promise<Evidence> {
  const { attempt, agent } =
    vitals !== null && task.state === 'running'
      ? { attempt: alive(task), agent: watch.seen(task) }
      : await seen(ports, settings, task, watch);
  const { retry, work } = task.spec;
  const mayRetry =
    isLive(task.state) &&
    (retry.attempts > 0 || work.kind === 'agent' || isChecked(task)) &&
    attempt.kind !== 'alive';
  return {
    attempt,
    agent,
    readiness: await readinessOf(ports, task),
    earlier: mayRetry ? await earlierAttempts(ports, task) : [],
    checks: task.state === 'finishing' ? await checksSeen(ports, task) : [],
    orphaned: await isOrphaned(ports, task),
    children: await childrenOf(ports, task, attempt),
    vitals,
    outputLimit: vitals === null ? Infinity : settings.outputLimit(task.spec.cwd),
    overBudget: attempt.kind === 'alive' && (await budgets.isOver(task, agent)),
    chance: ports.chance.next(),
  };
}

/** The sweep asks for clocks and growth only: whoever watches the attempt tells of its end. */
const alive = ({ attempt: { process, startedAt } }: TaskIn<'running'>): AttemptEvidence => ({
  kind: 'alive',
  process,
  startedAt,
});

type Seen = Pick<Evidence, 'attempt' | 'agent'>;

async function seen(
  ports: Ports,
  settings: Settings,
  task: Task,
  watch: AgentWatch,
): Promise<Seen> {
  if (!hasProcess(task)) return { attempt: { kind: 'none' }, agent: null };
  const found = await ports.supervisor.inspect(task);
  if (found.kind !== 'exited' && found.kind !== 'gone')
    return { attempt: found, agent: watch.seen(task) };
  return closed(ports, settings, task, found, watch);
}

const hasProcess = (task: Task): task is TaskIn<Exclude<Live, 'finishing'>> =>
  task.state === 'claimed' || task.state === 'running' || task.state === 'stopping';

async function earlierAttempts({ store }: Ports, task: Task) {
  const current = task.attempt?.number ?? 0;
  return (await store.endedAttempts(task.id)).filter((attempt) => attempt.number < current);
}

/** They matter when nothing of the task itself is left to do. */
async function childrenOf({ store }: Ports, task: Task, seen: AttemptEvidence): Promise<Children> {
  const isOver =
    task.state === 'finishing' ||
    task.state === 'awaiting_children' ||
    seen.kind === 'exited' ||
    seen.kind === 'gone';
  return isOver ? store.children(task.id) : NO_CHILDREN;
}

async function readinessOf({ store }: Ports, task: Task): Promise<Readiness> {
  if (task.state !== 'waiting' || task.spec.after.length === 0) return { kind: 'ready' };
  const ids = task.spec.after.map((dependency) => dependency.task);
  return readiness(task.spec.after, await store.states(ids));
}

/**
 * What must be true before an end may be recorded: nothing of a stopped or lost attempt runs on, and
 * its output is within bounds. Both may be repeated, so a crash in between costs nothing.
 */
async function closed(
  ports: Ports,
  settings: Settings,
  task: TaskIn<Exclude<Live, 'finishing'>>,
  seen: Extract<AttemptEvidence, { kind: 'exited' | 'gone' }>,
  watch: AgentWatch,
): Promise<Seen> {
  const ref = attemptRef(task.id, task.attempt);
  if (task.state === 'stopping' || seen.kind === 'gone') await ports.supervisor.endSurvivors(ref);
  // Read to its end before anything is cut off its front.
  const agent = await watch.ended(task, seen);
  if (seen.output.bytes <= settings.outputKeep) return { attempt: seen, agent };
  const cuts = await Promise.all(
    streamsOf(task).map((stream) => ports.output.trim(ref, stream, settings.outputKeep)),
  );
  const truncated = seen.output.truncated || cuts.some(Boolean);
  return { attempt: { ...seen, output: { ...seen.output, truncated } }, agent };
}
