import { TendError } from '../domain/errors.ts';
import { seated } from '../domain/agent-work.ts';
import type { Task, TaskId } from '../domain/task.ts';
import type { Agent } from '../ports/agent.ts';
import type { Mark } from '../ports/output.ts';
import type { AttemptRef } from '../ports/supervisor.ts';
import type { AgentMoment } from './agent-facade.ts';
import { AgentReading, type PlacedEvent } from './agent-reading.ts';
import { agentNamed } from './agent-ask.ts';
import { environmentOf, zoneOf } from './agent-source.ts';
import { timed } from './agent-times.ts';
import type { Ports } from './context.ts';
import type { Feed } from './feed.ts';
import { Signal } from './signal.ts';

const PORTION = 256 * 1024;
const STREAMS = ['stderr', 'stdout'] as const;
type Told = Record<(typeof STREAMS)[number], readonly [offset: number, nth: number]>;

/** Nothing was told of an attempt yet. */
const NOTHING: Told = { stdout: [-1, -1], stderr: [-1, -1] };

interface Place {
  attempt: number;
  told: Told;
}

const ID = /^(\d+)-(-?\d+)\.(-?\d+)-(-?\d+)\.(-?\d+)$/;

const idOf = ({ attempt, told: { stdout, stderr } }: Place): string =>
  `${attempt}-${stdout.join('.')}-${stderr.join('.')}`;

/** Throws TendError `invalid_input` for what is no id of an event. */
function placeOf(id: string): Place {
  const [, ...parts] = ID.exec(id) ?? [];
  const [attempt, offset, nth, errorOffset, errorNth] = parts.map(Number);
  if (attempt === undefined || offset === undefined || nth === undefined)
    throw new TendError(
      'invalid_input',
      `${JSON.stringify(id)} is no id of an agent's event`,
      'Give the id of the last event you were told, or none to begin at the first.',
    );
  return {
    attempt,
    told: { stdout: [offset, nth], stderr: [errorOffset ?? -1, errorNth ?? -1] },
  };
}

export interface EventOptions {
  after: string | null;
  /** Of this attempt alone. */
  attempt: number | null;
  follow: boolean;
}

/**
 * What an agent told, read from its output: the output is where events are kept, and their place in it tells one
 * from another, however often they are read.
 */
export async function* agentEvents(
  ports: Ports,
  feed: Feed,
  get: (id: TaskId) => Promise<Task>,
  id: TaskId,
  options: EventOptions,
  signal: AbortSignal,
): AsyncIterable<AgentMoment> {
  const from: Place =
    options.after === null
      ? { attempt: options.attempt ?? 1, told: NOTHING }
      : placeOf(options.after);
  const changed = new Signal(signal);
  const stopListening = feed.listen((task) => void (task.id === id && changed.raise()));
  try {
    for (let place = from; ; place = { attempt: place.attempt + 1, told: NOTHING }) {
      const { spec } = await get(id);
      if (spec.work.kind !== 'agent') return;
      if (options.follow) await claimed(get, id, place.attempt, changed, signal);
      const attempts = await ports.store.attempts(id);
      const facts = attempts.find((one) => one?.number === place.attempt)?.agent;
      const agent = agentNamed(ports, seated(spec.work, facts).agent);
      const zone = zoneOf(ports, await environmentOf(ports, agent, spec));
      const source = new AttemptEvents(ports, agent, { taskId: id, number: place.attempt }, zone);
      yield* source.tell(get, place, options.follow, changed, signal);
      const task = await get(id);
      const last = task.attempt?.number ?? 0;
      if (signal.aborted || options.attempt !== null) return;
      if (place.attempt >= last && (!options.follow || 'endedAt' in task)) return;
    }
  } finally {
    stopListening();
  }
}

/** Which agent's words an attempt will write is known once it is claimed. */
async function claimed(
  get: (id: TaskId) => Promise<Task>,
  id: TaskId,
  number: number,
  changed: Signal,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const task = await get(id);
    if ((task.attempt?.number ?? 0) >= number || 'endedAt' in task) return;
    await changed.raised();
  }
}

/** The events of one attempt. */
class AttemptEvents {
  readonly #ports: Ports;
  readonly #ref: AttemptRef;
  readonly #reading: AgentReading;
  readonly #timeZone: string;
  #marks: readonly Mark[] = [];
  /** Marks that the events of a stream, which come in its order, are past. */
  readonly #past = { stdout: 0, stderr: 0 };

  constructor(ports: Ports, agent: Agent, ref: AttemptRef, timeZone: string) {
    this.#ports = ports;
    this.#ref = ref;
    this.#timeZone = timeZone;
    this.#reading = new AgentReading(agent, null);
  }

  async *tell(
    get: (id: TaskId) => Promise<Task>,
    from: Place,
    follow: boolean,
    changed: Signal,
    signal: AbortSignal,
  ): AsyncIterable<AgentMoment> {
    const { taskId, number } = this.#ref;
    this.#marks = await this.#ports.output.marks(this.#ref);
    let told = from.told;
    const unwatch = follow
      ? STREAMS.map((stream) => this.#ports.output.watch(this.#ref, stream, () => changed.raise()))
      : [];
    try {
      while (!signal.aborted) {
        // Asked before it is read: what is read after its end is all there will be.
        const { attempt, ...task } = await get(taskId);
        const current = attempt?.number ?? 0;
        const isOver =
          current > number ||
          (current === number && (attempt?.outcome ?? null) !== null) ||
          (current < number && 'endedAt' in task);
        const now = this.#ports.clock.now();
        const events = await this.#next(now);
        if (events === null && isOver) {
          yield* this.#moments(this.#reading.end(this.#place(this.#lastSeen())), told, null);
          return;
        }
        if (events === null && !follow) return;
        if (events === null) await changed.raised();
        else
          for (const moment of this.#moments(events, told, follow ? now : null)) {
            told = placeOf(moment.id).told;
            yield moment;
          }
      }
    } finally {
      for (const stop of unwatch) stop();
    }
  }

  #place(now: number) {
    return { now, timeZone: this.#timeZone };
  }

  #lastSeen(): number {
    return this.#marks.at(-1)?.at ?? this.#ports.clock.now();
  }

  /** The events of the next portions; null = nothing more is there now. */
  async #next(now: number): Promise<PlacedEvent[] | null> {
    const events: PlacedEvent[] = [];
    let grew = false;
    for (const stream of STREAMS) {
      const offset = this.#reading.taken[stream];
      const { data } = await this.#ports.output.read(this.#ref, stream, offset, PORTION);
      if (data.byteLength === 0) continue;
      grew = true;
      for (const piece of timed(this.#marks, stream, offset, data, now))
        events.push(...this.#reading.push(stream, piece.data, this.#place(piece.at)));
    }
    return grew ? events : null;
  }

  /** Those that were not told yet, in the order in which they were seen; `otherwise` = when, if no mark tells. */
  *#moments(
    events: readonly PlacedEvent[],
    before: Told,
    otherwise: number | null,
  ): Iterable<AgentMoment> {
    const { number } = this.#ref;
    let told = before;
    const seen = events.map((placed) => ({ placed, at: this.#seenAt(placed) ?? otherwise }));
    for (const { placed, at } of merged(seen)) {
      const { stream, offset, nth, event } = placed;
      if (stream === 'log' || !isAfter([offset, nth], told[stream])) continue;
      told = { ...told, [stream]: [offset, nth] };
      yield { id: idOf({ attempt: number, told }), attempt: number, stream, offset, at, event };
    }
  }

  #seenAt({ stream, offset }: PlacedEvent): number | null {
    if (stream === 'log') return null;
    const isPast = (mark: Mark | undefined): boolean =>
      mark !== undefined && mark[stream] <= offset;
    while (isPast(this.#marks[this.#past[stream]])) this.#past[stream] += 1;
    return this.#marks[this.#past[stream]]?.at ?? null;
  }
}

interface Seen {
  placed: PlacedEvent;
  at: number | null;
}

/** Of two streams what was seen first; each keeps its own order, even where the clock was set back. */
function merged(seen: readonly Seen[]): Seen[] {
  const [errors, others] = [true, false].map((isError) =>
    seen.filter(({ placed }) => (placed.stream === 'stderr') === isError),
  );
  const all: Seen[] = [];
  const timeOf = (one: Seen | undefined): number => one?.at ?? Infinity;
  for (let [e, o] = [0, 0]; ;) {
    const [error, other] = [errors?.[e], others?.[o]];
    if (error === undefined && other === undefined) return all;
    const isErrors = other === undefined || (error !== undefined && timeOf(error) <= timeOf(other));
    all.push(...(isErrors ? [error] : [other]).filter((one) => one !== undefined));
    if (isErrors) e += 1;
    else o += 1;
  }
}

const isAfter = (a: readonly [number, number], b: readonly [number, number]): boolean =>
  a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]);
