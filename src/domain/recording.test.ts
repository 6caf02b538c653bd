import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chunksOf,
  formatRecording,
  parseRecording,
  RECORDING_START,
  type Recording,
  streamsOf,
} from './recording.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const RUN: Recording = {
  agent: 'claude',
  argv: ['claude', '-p', 'say "hello"'],
  cwd: '/home/me/project',
  startedAt: 1_795_222_800_000,
  exit: { code: 0 },
  chunks: [
    { at: 0, stream: 'stdout', bytes: bytes('{"type":"system"}\n') },
    { at: 12, stream: 'stderr', bytes: Uint8Array.of(0xff, 0x00, 0x80) },
    { at: 40, stream: 'stdout', bytes: bytes('\ufeffgrüße ✓\n') },
  ],
};

const HEADER =
  '{"tend":"recording","schema":1,"agent":"claude","argv":["claude","-p","say \\"hello\\""],' +
  '"cwd":"/home/me/project","startedAt":1795222800000,"exit":{"code":0}}';

describe('a recording', () => {
  test('is a header and a line for each piece, as text where it is text', () => {
    const text = formatRecording(RUN);
    expect(text.split('\n')).toEqual([
      HEADER,
      '{"at":0,"stream":"stdout","data":"{\\"type\\":\\"system\\"}\\n"}',
      '{"at":12,"stream":"stderr","base64":"/wCA"}',
      '{"at":40,"stream":"stdout","data":"\ufeffgrüße ✓\\n"}',
      '',
    ]);
    expect(text.startsWith(RECORDING_START)).toBe(true);
    expect(parseRecording(text)).toEqual(RUN);
  });

  test.each([{ signal: 'SIGKILL' }, { code: 137 }, null])('keeps the end %j', (exit) => {
    expect(parseRecording(formatRecording({ ...RUN, exit })).exit).toEqual(exit);
  });

  test('is read with keys that are not known, and empty lines', () => {
    const text = `${HEADER.slice(0, -1)},"note":"new"}\n\n{"at":1,"stream":"stdout","data":"a","more":1}`;
    expect(parseRecording(text).chunks).toEqual([{ at: 1, stream: 'stdout', bytes: bytes('a') }]);
  });

  test('comes back as it was, whatever its bytes are', () => {
    const chunk = fc.record({
      at: fc.nat(100_000),
      stream: fc.constantFrom('stdout' as const, 'stderr' as const),
      bytes: fc.uint8Array({ maxLength: 40 }),
    });
    fc.assert(
      fc.property(fc.array(chunk), (chunks) => {
        expect(parseRecording(formatRecording({ ...RUN, chunks })).chunks).toEqual(chunks);
      }),
    );
  });
});

describe('what is no recording is refused', () => {
  const without = (name: string, value?: unknown): string =>
    JSON.stringify({ ...(JSON.parse(HEADER) as object), [name]: value });

  test.each([
    ['', 'line 1 of the recording is no JSON object'],
    ['[]', 'line 1 of the recording is no JSON object'],
    ['null', 'line 1 of the recording is no JSON object'],
    ['{}', 'line 1 of the recording is no header of a recording'],
    [without('schema', 2), 'the recording has schema 2, known is 1'],
    [without('schema'), 'the recording has schema undefined, known is 1'],
    [without('agent'), 'line 1 of the recording names no agent'],
    [without('argv', 'claude'), 'line 1 of the recording has no list of arguments'],
    [without('argv', [1]), 'line 1 of the recording has no list of arguments'],
    [without('cwd', null), 'line 1 of the recording names no working directory'],
    [without('startedAt', '2026'), 'line 1 of the recording has no time of the start'],
    [without('startedAt', -1), 'line 1 of the recording has no time of the start'],
    [without('exit'), 'line 1 of the recording has no exit'],
    [without('exit', {}), 'line 1 of the recording has no exit'],
    [`${HEADER}\n{"at":`, 'line 2 of the recording is no JSON object'],
    [`${HEADER}\n{"stream":"stdout","data":""}`, 'line 2 of the recording has no time'],
    [`${HEADER}\n\n{"at":1,"stream":"log"}`, 'line 3 of the recording names no stream'],
    [`${HEADER}\n{"at":1,"stream":"stdout"}`, 'line 2 of the recording has no data'],
    [`${HEADER}\n{"at":1,"stream":"stdout","base64":"?"}`, 'line 2 of the recording has no data'],
  ])('%j', (text, message) => {
    expect(() => parseRecording(text)).toThrow(
      expect.objectContaining({ code: 'invalid_input', message }),
    );
  });
});

describe('streams and pieces', () => {
  const stdout = bytes('abcdef');
  const stderr = bytes('xy');

  test('are cut where the timing says', () => {
    const timing = [
      { at: 5, stdout: 2, stderr: 0 },
      { at: 9, stdout: 2, stderr: 1 },
      { at: 9, stdout: 6, stderr: 2 },
    ];
    expect(chunksOf({ stdout, stderr, timing })).toEqual([
      { at: 5, stream: 'stdout', bytes: bytes('ab') },
      { at: 9, stream: 'stderr', bytes: bytes('x') },
      { at: 9, stream: 'stdout', bytes: bytes('cdef') },
      { at: 9, stream: 'stderr', bytes: bytes('y') },
    ]);
  });

  test('lose nothing that the timing does not cover', () => {
    expect(chunksOf({ stdout, stderr, timing: [] })).toEqual([
      { at: 0, stream: 'stdout', bytes: stdout },
      { at: 0, stream: 'stderr', bytes: stderr },
    ]);
    const timing = [
      { at: 7, stdout: 3, stderr: 9 },
      { at: 4, stdout: 1, stderr: 0 },
    ];
    expect(chunksOf({ stdout, stderr, timing })).toEqual([
      { at: 7, stream: 'stdout', bytes: bytes('abc') },
      { at: 7, stream: 'stderr', bytes: stderr },
      { at: 7, stream: 'stdout', bytes: bytes('def') },
    ]);
  });

  test('are put together again, with a point for each moment', () => {
    expect(streamsOf(RUN.chunks)).toEqual({
      stdout: bytes('{"type":"system"}\n\ufeffgrüße ✓\n'),
      stderr: Uint8Array.of(0xff, 0x00, 0x80),
      timing: [
        { at: 0, stdout: 18, stderr: 0 },
        { at: 12, stdout: 18, stderr: 3 },
        { at: 40, stdout: 33, stderr: 3 },
      ],
    });
    expect(streamsOf([])).toEqual({
      stdout: new Uint8Array(),
      stderr: new Uint8Array(),
      timing: [],
    });
  });

  test('have the same bytes after the way there and back', () => {
    const point = fc.record({ at: fc.nat(100), stdout: fc.nat(30), stderr: fc.nat(30) });
    const stream = fc.uint8Array({ maxLength: 20 });
    fc.assert(
      fc.property(stream, stream, fc.array(point), (out, err, timing) => {
        const chunks = chunksOf({ stdout: out, stderr: err, timing });
        const again = streamsOf(chunks);
        expect([again.stdout, again.stderr]).toEqual([out, err]);
        expect(
          chunksOf(again)
            .map(({ at }) => at)
            .toSorted((a, b) => a - b),
        ).toEqual(chunksOf(again).map(({ at }) => at));
        expect(streamsOf(chunksOf(again))).toEqual(again);
      }),
    );
  });
});
