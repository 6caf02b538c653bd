import { isLive, isTerminal } from '../domain/lifecycle.ts';
import { TendError } from '../domain/errors.ts';
import { PREVIEW_BYTES, type Attempt } from '../domain/attempt.ts';
import type { Task, TaskId } from '../domain/task.ts';
import type { Stream } from '../ports/output.ts';
import type { AgentWatch } from './agent-watch.ts';
import { listedChildren } from './children.ts';
import type { Ports } from './context.ts';
import type { Wait } from './explain.ts';
import type { Description, OutputRequest, OutputSlice } from './facade.ts';
import type { Feed } from './feed.ts';
import { attemptRef, streamsOf } from './observe.ts';
import { Signal } from './signal.ts';

/** Looks up what is not stored with the task itself. */
export async function describe(
  ports: Ports,
  task: Task,
  watch: AgentWatch,
  wait: Wait | null,
  hostId: string,
): Promise<Omit<Description, 'merge' | 'trashed' | 'inputs'>> {
  const { attempt } = task;
  return {
    task,
    attempts: await attemptsOf(ports, task),
    wait,
    children: await listedChildren(ports.store, task),
    hostId,
    now: ports.clock.now(),
    ...(attempt === null
      ? { output: NOTHING, lastActivityAt: null }
      : await outputOf(ports, watch, task, attempt)),
  };
}

const NOTHING = { path: null, stderrPath: null, bytes: 0, truncated: false, tail: '' };

async function attemptsOf({ store }: Ports, task: Task): Promise<Attempt[]> {
  const { attempt } = task;
  if (attempt === null) return [];
  if (attempt.number === 1) return [attempt];
  return (await store.attempts(task.id)).filter((given) => given !== null);
}

async function outputOf(
  ports: Ports,
  watch: AgentWatch,
  task: Task,
  attempt: Attempt,
): Promise<Pick<Description, 'output' | 'lastActivityAt'>> {
  const ref = attemptRef(task.id, attempt);
  const [first = 'output', second] = streamsOf(task);
  const paths = {
    path: ports.output.path(ref, first),
    stderrPath: second === undefined ? null : ports.output.path(ref, second),
  };
  if (attempt.outcome !== null) {
    const { bytes, truncated, preview } = attempt.output;
    return {
      output: { ...paths, bytes, truncated, tail: preview },
      lastActivityAt: attempt.endedAt,
    };
  }
  if (!isLive(task.state)) return { output: { ...paths, ...EMPTY }, lastActivityAt: null };
  const vitals = await ports.supervisor.vitals(
    task as Parameters<typeof ports.supervisor.vitals>[0],
  );
  const tail =
    task.spec.work.kind === 'agent'
      ? watch.said(task)
      : text((await ports.output.tail(ref, first, PREVIEW_BYTES)).data);
  return {
    output: { ...paths, bytes: vitals.bytes, truncated: false, tail },
    lastActivityAt: vitals.bytes > 0 ? vitals.lastActivityAt : attempt.startedAt,
  };
}

const EMPTY = { bytes: 0, truncated: false, tail: '' };
const decoder = new TextDecoder();
const text = (data: Uint8Array): string => decoder.decode(data);

/** Which attempt and stream a request means. */
function place(task: Task, request: OutputRequest): { number: number; stream: Stream } {
  const streams = streamsOf(task);
  const stream = request.stream ?? streams[0] ?? 'output';
  if (!streams.includes(stream))
    throw new TendError(
      'not_found',
      `${task.id} has no stream "${stream}"`,
      `It writes to: ${streams.join(', ')}. Start a task with --split to keep stdout and stderr apart.`,
    );
  const last = task.attempt?.number ?? 0;
  const number = request.attempt ?? last;
  if (number > last)
    throw new TendError('not_found', `${task.id} has no attempt ${number}`, `It has had ${last}.`);
  return { number, stream };
}

export async function read(ports: Ports, task: Task, request: OutputRequest): Promise<OutputSlice> {
  const { number, stream } = place(task, request);
  const last = task.attempt?.number === number ? task.attempt : null;
  const ended = last === null ? isTerminal(task.state) || number > 0 : last.outcome !== null;
  const truncated = last !== null && last.outcome !== null && last.output.truncated;
  if (number === 0)
    return { stream, offset: 0, nextOffset: 0, size: 0, truncated, ended, data: new Uint8Array() };
  const ref = { taskId: task.id, number };
  const chunk =
    request.tail !== null
      ? await ports.output.tail(ref, stream, request.tail)
      : await ports.output.read(ref, stream, request.offset ?? 0, request.limit);
  return { stream, truncated, ended, ...chunk };
}

/** Reads on from the last slice whenever the file may have grown, until the task has ended and all is read. */
export async function* follow(
  ports: Ports,
  feed: Feed,
  get: (id: TaskId) => Promise<Task>,
  id: TaskId,
  request: OutputRequest,
  signal: AbortSignal,
): AsyncIterable<OutputSlice> {
  const grown = new Signal(signal);
  const stopListening = feed.listen((task) => void (task.id === id && grown.raise()));
  let stopWatching: (() => void) | undefined;
  let watched = 0;
  let next: OutputRequest = request;
  try {
    while (!signal.aborted) {
      const task = await get(id);
      const number = request.attempt ?? task.attempt?.number ?? 0;
      if (number !== watched && number > 0) {
        // A further attempt writes a file of its own.
        if (watched > 0) next = { ...next, offset: 0, tail: null };
        stopWatching?.();
        const { stream } = place(task, request);
        stopWatching = ports.output.watch({ taskId: id, number }, stream, () => grown.raise());
        watched = number;
      }
      const slice = await read(ports, task, next);
      next = { ...next, offset: slice.nextOffset, tail: null };
      if (slice.data.length > 0) yield slice;
      else if (isTerminal(task.state)) return;
      else await grown.raised();
    }
  } finally {
    stopListening();
    stopWatching?.();
  }
}
