import type { AgentEvent, AgentEventKind } from '../domain/agent-event.ts';
import { seated } from '../domain/agent-work.ts';
import type { Attempt } from '../domain/attempt.ts';
import type { Automaton } from '../domain/automaton.ts';
import { type Hit, type LineScan, lineScan, type Place } from '../domain/line-scan.ts';
import { summary } from '../domain/agent-event.ts';
import type { Task } from '../domain/task.ts';
import { AFTER_MATCH, BEFORE_MATCH, type Found, type WatchedStream } from '../domain/watch.ts';
import type { AttemptRef } from '../ports/supervisor.ts';
import { AgentReading, type PlacedEvent } from './agent-reading.ts';
import { environmentOf, zoneOf } from './agent-source.ts';
import type { Ports } from './context.ts';

/** Read at a time, bytes: more would keep everything else waiting for too long. */
const PORTION = 64 * 1024;

/** New matches; of many the first and the last are known. */
export interface News {
  first: Found;
  last: Found;
  count: number;
}

/** One thing of an attempt that a watch looks through. One reader at a time. */
export interface WatchSource {
  /** The streams that are read, and how far, bytes. */
  taken(): Partial<Record<WatchedStream, number>>;
  places(): Partial<Record<WatchedStream, Place>>;
  /** Takes in the next portion; `grew` false = there was nothing new. */
  take(): Promise<{ news: News | null; grew: boolean }>;
  /** The attempt is over, and all of it was taken in. */
  end(): Promise<News | null>;
}

type Reader = Pick<Ports, 'output' | 'clock'>;

const LETTERS = { output: 'o', stdout: '1', stderr: '2' } as const;
const decoder = new TextDecoder();

/** The lines of one stream. */
export function lineSource(
  { output, clock }: Reader,
  ref: AttemptRef,
  stream: WatchedStream,
  pattern: Automaton,
  place: Place,
): WatchSource {
  const scan: LineScan = lineScan(pattern, place);
  const shown = async ({ line, seen }: Hit): Promise<Found> => {
    const from = Math.max(0, seen - BEFORE_MATCH);
    const { data } = await output.read(ref, stream, from, seen - from + AFTER_MATCH);
    const text = plain(decoder.decode(data));
    return { key: `${ref.number}${LETTERS[stream]}${line}`, at: clock.now(), text };
  };
  const newsOf = async (hits: readonly Hit[]): Promise<News | null> => {
    const [first, last] = [hits[0], hits.at(-1)];
    if (first === undefined || last === undefined) return null;
    const begins = await shown(first);
    return { first: begins, last: first === last ? begins : await shown(last), count: hits.length };
  };
  return {
    taken: () => ({ [stream]: scan.taken() }),
    places: () => ({ [stream]: scan.place() }),
    take: async () => {
      const { data, offset } = await output.read(ref, stream, scan.taken(), PORTION);
      // A stream that is shorter than what was read of it has been cut: nothing of it is new.
      if (offset !== scan.taken()) return { news: null, grew: false };
      return { news: await newsOf(scan.push(data)), grew: data.byteLength > 0 };
    },
    end: () => newsOf(scan.end()),
  };
}

/** Characters that break a line or steer a terminal are left out of what is shown. */
const plain = (text: string): string => text.replaceAll(/(?![\n\t])\p{Cc}/gu, ' ').trim();

/** How far the events of an agent were told: all before the line at `at`, and of that one so many. */
interface EventPlace extends Place {
  nth?: number;
}

/** The events of one kind, of an agent; read from the first byte on, because a reader remembers what it read. */
export async function eventSource(
  ports: Ports,
  task: Task,
  attempt: Attempt,
  on: AgentEventKind,
  pattern: Automaton | null,
  places: Partial<Record<WatchedStream, EventPlace>>,
): Promise<WatchSource | null> {
  const { work } = task.spec;
  if (work.kind !== 'agent') return null;
  const agent = ports.agents.get(seated(work, attempt.agent).agent);
  if (agent === null) return null;
  const timeZone = zoneOf(ports, await environmentOf(ports, agent, task.spec));
  const ref = { taskId: task.id, number: attempt.number };
  const reading = new AgentReading(agent, attempt.agent?.before ?? null);
  const told: Record<'stdout' | 'stderr', EventPlace> = {
    stdout: { at: 0, told: false, ...places.stdout },
    stderr: { at: 0, told: false, ...places.stderr },
  };
  const foundIn = (events: readonly PlacedEvent[]): Found[] =>
    events.flatMap(({ stream, offset, nth, event }) => {
      if (stream === 'log') return [];
      const place = told[stream];
      if (offset < place.at || (offset === place.at && nth < (place.nth ?? 0))) return [];
      told[stream] = { at: offset, told: false, nth: nth + 1 };
      const text = wordsOf(event);
      if (event.kind !== on || (pattern !== null && !isIn(pattern, text))) return [];
      const key = `${ref.number}${LETTERS[stream]}${offset}e${nth}`;
      return [{ key, at: ports.clock.now(), text }];
    });
  const newsOf = ([first, ...others]: readonly Found[]): News | null =>
    first === undefined ? null : { first, last: others.at(-1) ?? first, count: others.length + 1 };
  return {
    taken: () => ({ stdout: reading.taken.stdout, stderr: reading.taken.stderr }),
    places: () => told,
    take: async () => {
      const found: Found[] = [];
      let grew = false;
      for (const stream of ['stdout', 'stderr'] as const) {
        const { data } = await ports.output.read(ref, stream, reading.taken[stream], PORTION);
        grew ||= data.byteLength > 0;
        found.push(...foundIn(reading.push(stream, data, { now: ports.clock.now(), timeZone })));
      }
      return { news: newsOf(found), grew };
    },
    end: async () => newsOf(foundIn(reading.end({ now: ports.clock.now(), timeZone }))),
  };
}

/** Says nothing to a reader. */
const NAMES = ['kind', 'callId', 'id', 'sessionId'];

/** What is shown of an event, and what a pattern is looked for in. */
function wordsOf(event: AgentEvent): string {
  const said = Object.entries(event).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'string' && !NAMES.includes(name) ? [value] : [],
  );
  return summary(said.join(' '));
}

function isIn(pattern: Automaton, text: string): boolean {
  const scan = lineScan(pattern, { at: 0, told: false });
  return scan.push(new TextEncoder().encode(text)).length + scan.end().length > 0;
}
