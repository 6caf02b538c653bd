import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AgentEvent, Usage } from '../domain/agent-event.ts';
import { EMPTY_REPORT } from '../domain/agent-report.ts';
import type { Agent, AgentReader, AgentStream } from '../ports/agent.ts';
import { AgentReading, type PlacedEvent } from './agent-reading.ts';
import { LONGEST_LINE } from './lines.ts';

const PLACE = { now: 0, timeZone: 'UTC' };
const STREAMS: readonly AgentStream[] = ['stdout', 'stderr', 'log'];
const text = (said: string): AgentEvent => ({ kind: 'text', text: said });
const bytes = (said: string): Buffer => Buffer.from(said);

/** An agent whose every word is an event, but for `?` lines, and whose events are numbered through. */
function wordy(end: readonly AgentEvent[] | null = null): Agent {
  const reader = (): AgentReader => {
    let told = 0;
    return {
      line: (line, stream) =>
        line.startsWith('?')
          ? null
          : line
              .split(/\s+/)
              .filter(Boolean)
              .map((word) => text(`${++told} ${stream} ${word}`)),
      ...(end !== null && { end: () => end }),
    };
  };
  return { reader } as Agent;
}

interface Piece {
  stream: AgentStream;
  chunk: Uint8Array;
}

function read(
  agent: Agent,
  pieces: readonly Piece[],
): { reading: AgentReading; events: PlacedEvent[] } {
  const reading = new AgentReading(agent, null);
  const events = pieces.flatMap(({ stream, chunk }) => reading.push(stream, chunk, PLACE));
  return { reading, events: [...events, ...reading.end(PLACE)] };
}

describe('events', () => {
  test('have the place of their line', () => {
    const { events, reading } = read(wordy(), [
      { stream: 'stdout', chunk: bytes('one two\n\n\r\n? what\nthree') },
      { stream: 'stderr', chunk: bytes('bad\n') },
    ]);
    expect(events).toEqual([
      { stream: 'stdout', offset: 0, nth: 0, event: text('1 stdout one') },
      { stream: 'stdout', offset: 0, nth: 1, event: text('2 stdout two') },
      { stream: 'stderr', offset: 0, nth: 0, event: text('3 stderr bad') },
      { stream: 'stdout', offset: 18, nth: 0, event: text('4 stdout three') },
    ]);
    expect(reading.report).toMatchObject({ events: 4, unknownLines: 1, text: '4 stdout three' });
    expect(reading.taken).toEqual({ stdout: 23, stderr: 4, log: 0 });
  });

  test('of an empty line are asked for, because it means something in a text', () => {
    const reader = () => ({ line: (line: string) => (line === '' ? null : [text(line)]) });
    const { reading } = read({ reader } as unknown as Agent, [
      { stream: 'stdout', chunk: bytes('one\n\n') },
    ]);
    expect(reading.report).toMatchObject({ events: 1, unknownLines: 0 });
  });

  test('of half a last line come at the end, once', () => {
    const reading = new AgentReading(wordy(), null);
    expect(reading.push('log', bytes('ha'), PLACE)).toEqual([]);
    expect(reading.push('log', bytes('lf'), PLACE)).toEqual([]);
    expect(reading.end(PLACE)).toEqual([
      { stream: 'log', offset: 0, nth: 0, event: text('1 log half') },
    ]);
    expect(reading.end(PLACE)).toEqual([]);
  });

  test('that the end itself tells stand after all that was written', () => {
    const { events, reading } = read(wordy([text('over')]), [
      { stream: 'stdout', chunk: bytes('one\ntwo') },
    ]);
    expect(events.at(-1)).toEqual({ stream: 'stdout', offset: 7, nth: 0, event: text('over') });
    expect(reading.report).toMatchObject({ events: 3, text: 'over' });
  });

  test('are the same in any pieces', () => {
    const written = fc.array(fc.constantFrom('a', 'bc', ' ', '\n', '\r\n', '?', 'é', '😀'), {
      maxLength: 40,
    });
    const streams = fc.record({ stdout: written, stderr: written, log: written });
    const size = fc.integer({ min: 1, max: 7 });
    fc.assert(
      fc.property(streams, size, (all, length) => {
        const whole = STREAMS.map((stream) => ({ stream, chunk: bytes(all[stream].join('')) }));
        const pieces = whole.flatMap(({ stream, chunk }) =>
          Array.from({ length: Math.ceil(chunk.length / length) }, (_, nth) => ({
            stream,
            chunk: chunk.subarray(nth * length, (nth + 1) * length),
          })),
        );
        const [one, other] = [read(wordy(), whole), read(wordy(), pieces)];
        expect(other.events).toEqual(one.events);
        expect(other.reading.report).toEqual(one.reading.report);
        expect(other.reading.taken).toEqual(one.reading.taken);
      }),
    );
  });
});

describe('lines that are not understood', () => {
  test('are counted on stdout only: anything may stand on the others', () => {
    const { reading, events } = read(
      wordy(),
      STREAMS.map((stream) => ({ stream, chunk: bytes('?\n?\n') })),
    );
    expect(events).toEqual([]);
    expect(reading.report).toEqual({ ...EMPTY_REPORT, unknownLines: 2 });
  });

  test('are those that are too long, too', () => {
    const chunk = Buffer.alloc(LONGEST_LINE + 2, 'x');
    chunk[LONGEST_LINE + 1] = 10;
    const { reading, events } = read(wordy(), [
      { stream: 'stdout', chunk },
      { stream: 'stdout', chunk: bytes('on\n') },
    ]);
    expect(reading.report.unknownLines).toBe(1);
    expect(events).toEqual([
      { stream: 'stdout', offset: LONGEST_LINE + 2, nth: 0, event: text('1 stdout on') },
    ]);
  });
});

test('what a session had used before is not this attempt’s', () => {
  const usage = (inputTokens: number): Usage => ({
    inputTokens,
    outputTokens: null,
    cachedTokens: null,
    costUsd: null,
  });
  const totals: AgentEvent = { kind: 'usage', scope: 'session', usage: usage(70), turns: null };
  const agent = { reader: () => ({ line: () => [totals] }) as AgentReader } as Agent;
  const reading = new AgentReading(agent, usage(50));
  reading.push('stdout', bytes('.\n'), PLACE);
  expect(reading.report).toMatchObject({ usage: usage(20), session: usage(70), events: 1 });
  // Another attempt's reading begins with nothing.
  expect(new AgentReading(agent, null).report).toEqual(EMPTY_REPORT);
});
