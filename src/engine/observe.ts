import type { AttemptEvidence, Evidence, Vitals } from '../domain/evidence.ts';
import type { Readiness } from '../domain/dependencies.ts';
import { readiness } from '../domain/dependencies.ts';
import { isLive, type Live } from '../domain/lifecycle.ts';
import type { Task, TaskId, TaskIn } from '../domain/task.ts';
import type { Stream } from '../ports/output.ts';
import type { AttemptRef } from '../ports/supervisor.ts';
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
  vitals: Vitals | null = null,
): Promise<Evidence> {
  const attempt =
    vitals !== null && task.state === 'running' ? alive(task) : await seen(ports, settings, task);
  const mayRetry = isLive(task.state) && task.spec.retry.attempts > 0 && attempt.kind !== 'alive';
  return {
    attempt,
    readiness: await readinessOf(ports, task),
    earlier: mayRetry ? await earlierAttempts(ports, task) : [],
    vitals,
    outputLimit: vitals === null ? Infinity : settings.outputLimit(task.spec.cwd),
    chance: ports.chance.next(),
  };
}

/** The sweep asks for clocks and growth only: whoever watches the attempt tells of its end. */
const alive = ({ attempt: { process, startedAt } }: TaskIn<'running'>): AttemptEvidence => ({
  kind: 'alive',
  process,
  startedAt,
});

const seen = async (ports: Ports, settings: Settings, task: Task): Promise<AttemptEvidence> =>
  hasProcess(task)
    ? closed(ports, settings, task, await ports.supervisor.inspect(task))
    : { kind: 'none' };

const hasProcess = (task: Task): task is TaskIn<Exclude<Live, 'finishing'>> =>
  task.state === 'claimed' || task.state === 'running' || task.state === 'stopping';

async function earlierAttempts({ store }: Ports, task: Task) {
  const current = task.attempt?.number ?? 0;
  return (await store.endedAttempts(task.id)).filter((attempt) => attempt.number < current);
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
  seen: AttemptEvidence,
): Promise<AttemptEvidence> {
  if (seen.kind !== 'exited' && seen.kind !== 'gone') return seen;
  const ref = attemptRef(task.id, task.attempt);
  if (task.state === 'stopping' || seen.kind === 'gone') await ports.supervisor.endSurvivors(ref);
  if (seen.output.bytes <= settings.outputKeep) return seen;
  const cuts = await Promise.all(
    streamsOf(task).map((stream) => ports.output.trim(ref, stream, settings.outputKeep)),
  );
  return {
    ...seen,
    output: { ...seen.output, truncated: seen.output.truncated || cuts.some(Boolean) },
  };
}
