import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Line, Lines, LONGEST_LINE } from './lines.ts';

const bytes = (text: string): Buffer => Buffer.from(text);

/** All lines of a stream that arrives in pieces cut at `cuts`. */
function linesOf(stream: Uint8Array, cuts: readonly number[], offset = 0): Line[] {
  const lines = new Lines(offset);
  const found: Line[] = [];
  const at = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
  for (const [nth, from] of at.slice(0, -1).entries())
    found.push(...lines.push(stream.subarray(from, at[nth + 1])));
  const last = lines.end();
  return last === null ? found : [...found, last];
}

describe('lines', () => {
  test.each<[string, Line[]]>([
    ['', []],
    ['a', [{ offset: 0, text: 'a' }]],
    ['a\n', [{ offset: 0, text: 'a' }]],
    [
      'a\nb',
      [
        { offset: 0, text: 'a' },
        { offset: 2, text: 'b' },
      ],
    ],
    [
      '\n\nb\r\n',
      [
        { offset: 0, text: '' },
        { offset: 1, text: '' },
        { offset: 2, text: 'b\r' },
      ],
    ],
    [
      'é\u2028\n😀',
      [
        { offset: 0, text: 'é\u2028' },
        { offset: 6, text: '😀' },
      ],
    ],
  ])('of %j', (text, expected) => {
    expect(linesOf(bytes(text), [])).toEqual(expected);
  });

  test('begin where the stream does', () => {
    expect(linesOf(bytes('a\nb'), [], 100)).toEqual([
      { offset: 100, text: 'a' },
      { offset: 102, text: 'b' },
    ]);
    const lines = new Lines(7);
    expect(lines.offset).toBe(7);
    lines.push(bytes('ab\ncd'));
    expect(lines.offset).toBe(10);
    expect(lines.end()).toEqual({ offset: 10, text: 'cd' });
    expect(lines.offset).toBe(12);
    expect(lines.end()).toBeNull();
  });

  test('of invalid bytes are read as far as they can be', () => {
    const stream = Buffer.concat([Buffer.from([0xff, 0x61, 0xe2, 0x82, 0x0a]), bytes('ok\n')]);
    expect(linesOf(stream, [])).toEqual([
      { offset: 0, text: '\ufffda\ufffd' },
      { offset: 5, text: 'ok' },
    ]);
  });

  test('are the same however the bytes arrive', () => {
    const byte = fc.constantFrom(0x0a, 0x0d, 0x61, 0x00, 0xe2, 0x82, 0xac, 0xff);
    const stream = fc.array(byte, { maxLength: 60 }).map((all) => Buffer.from(all));
    fc.assert(
      fc.property(stream, fc.array(fc.nat(60), { maxLength: 20 }), (given, cuts) => {
        const pieces = linesOf(
          given,
          cuts.map((cut) => Math.min(cut, given.length)),
        );
        expect(pieces).toEqual(linesOf(given, []));
        // Byte by byte, and put together again.
        expect(linesOf(given, [...given.keys()])).toEqual(pieces);
        const ends = pieces.map(({ offset }) => offset).slice(1);
        for (const end of ends) expect(given[end - 1]).toBe(0x0a);
        expect(pieces.length).toBe(
          given.filter((one) => one === 0x0a).length +
            (given.length === 0 || given.at(-1) === 0x0a ? 0 : 1),
        );
      }),
    );
  });

  test('do not change with a chunk that is used again', () => {
    const lines = new Lines();
    const chunk = bytes('abc');
    lines.push(chunk);
    chunk.fill('x');
    expect(lines.push(bytes('d\n'))).toEqual([{ offset: 0, text: 'abcd' }]);
  });

  test('are read from a part of a larger buffer', () => {
    const whole = new Uint8Array(bytes('--a\nb--'));
    expect(linesOf(whole.subarray(2, 5), [])).toEqual([
      { offset: 0, text: 'a' },
      { offset: 2, text: 'b' },
    ]);
  });
});

describe('lines that are too long', () => {
  const long = (length: number): Buffer => Buffer.alloc(length, 'x');
  test.each([
    ['at once', []],
    ['in two pieces', [LONGEST_LINE / 2]],
    ['with their last byte alone', [LONGEST_LINE]],
    ['with their newline alone', [LONGEST_LINE + 1]],
  ])('are not looked into: %s', (_, cuts) => {
    const stream = Buffer.concat([long(LONGEST_LINE + 1), bytes('\nnext\n')]);
    expect(linesOf(stream, cuts)).toEqual([
      { offset: 0, text: null },
      { offset: LONGEST_LINE + 2, text: 'next' },
    ]);
  });

  test('begin with one byte more', () => {
    const [line] = linesOf(Buffer.concat([long(LONGEST_LINE), bytes('\n')]), [1_000_000]);
    expect(line?.text?.length).toBe(LONGEST_LINE);
    expect(linesOf(long(LONGEST_LINE + 1), [5])).toEqual([{ offset: 0, text: null }]);
  });

  test('take no more memory than one that is not', () => {
    const chunk = long(1024 * 1024);
    const lines = new Lines();
    const before = process.memoryUsage().arrayBuffers;
    for (let nth = 0; nth < 256; nth++) lines.push(chunk);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * LONGEST_LINE);
    expect(lines.push(bytes('\n'))).toEqual([{ offset: 0, text: null }]);
    expect(lines.offset).toBe(256 * chunk.length + 1);
  });
});
