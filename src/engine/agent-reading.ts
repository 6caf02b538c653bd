import type { AgentEvent, Usage } from '../domain/agent-event.ts';
import { type AgentReport, EMPTY_REPORT, fold } from '../domain/agent-report.ts';
import type { Agent, AgentReader, AgentStream, ReadingPlace } from '../ports/agent.ts';
import { type Line, Lines } from './lines.ts';

/** An event and where it stands: the nth of the line at `offset`. */
export interface PlacedEvent {
  stream: AgentStream;
  offset: number;
  nth: number;
  event: AgentEvent;
}

/** Understands one attempt's output from its first byte on, as it arrives. */
export class AgentReading {
  /** What is known so far. */
  readonly report: AgentReport = { ...EMPTY_REPORT };
  readonly #reader: AgentReader;
  readonly #before: Usage | null;
  readonly #lines: Record<AgentStream, Lines> = {
    stdout: new Lines(),
    stderr: new Lines(),
    log: new Lines(),
  };

  /** `before` = the totals of the session that the attempt resumes. */
  constructor(agent: Agent, before: Usage | null) {
    this.#reader = agent.reader();
    this.#before = before;
  }

  /** How far the stream was taken in, bytes. */
  readonly taken: Record<AgentStream, number> = { stdout: 0, stderr: 0, log: 0 };

  /** The events of the lines that the next bytes of a stream complete. */
  push(stream: AgentStream, chunk: Uint8Array, place: ReadingPlace): PlacedEvent[] {
    this.taken[stream] += chunk.byteLength;
    return this.#lines[stream].push(chunk).flatMap((line) => this.#read(stream, line, place));
  }

  /** The attempt is over: what stands after the last newline is a line, too. */
  end(place: ReadingPlace): PlacedEvent[] {
    const rest = (['stdout', 'stderr', 'log'] as const).flatMap((stream) => {
      const line = this.#lines[stream].end();
      return line === null ? [] : this.#read(stream, line, place);
    });
    return [...rest, ...this.#placed('stdout', this.taken.stdout, this.#reader.end?.() ?? [])];
  }

  #read(stream: AgentStream, { offset, text }: Line, place: ReadingPlace): PlacedEvent[] {
    const events = text === null ? null : this.#reader.line(text, stream, place);
    if (events === null) {
      // An empty line means something in a text alone.
      const isEmpty = text === '' || text === '\r';
      if (stream === 'stdout' && !isEmpty) this.report.unknownLines += 1;
      return [];
    }
    return this.#placed(stream, offset, events);
  }

  #placed(stream: AgentStream, offset: number, events: readonly AgentEvent[]): PlacedEvent[] {
    for (const event of events) fold(this.report, event, this.#before);
    return events.map((event, nth) => ({ stream, offset, nth, event }));
  }
}
