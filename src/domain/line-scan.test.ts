import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Hit, lineScan, type Place } from './line-scan.ts';
import { patternOf } from './pattern.ts';

const BEGIN: Place = { at: 0, told: false };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const PATTERNS = ['ab', '/a+b$/', '/^é/', '/b a?/', '/\\bab\\b/', '/�/'].map(patternOf);

/** Bytes that make lines, broken ones and characters of several bytes among them. */
const stream = fc
  .array(
    fc.oneof(
      fc.constantFrom('a', 'b', ' ', 'ab', '\n', '\r', '\r\n', 'é', '😀').map(bytes),
      fc.uint8Array({ minLength: 1, maxLength: 3 }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => Uint8Array.from(parts.flatMap((part) => [...part])));

test('however the stream is cut, the same lines are found', () => {
  fc.assert(
    fc.property(
      stream,
      fc.array(fc.nat(20)),
      fc.constantFrom(...PATTERNS),
      (data, sizes, pattern) => {
        const whole = lineScan(pattern, BEGIN);
        const expected = [...whole.push(data), ...whole.end()];
        const pieces = lineScan(pattern, BEGIN);
        const found: Hit[] = [];
        let at = 0;
        for (const size of sizes) {
          found.push(...pieces.push(data.subarray(at, at + size)));
          at += size;
        }
        found.push(...pieces.push(data.subarray(at)), ...pieces.end());
        expect(found).toEqual(expected);
      },
    ),
    { numRuns: 1_000 },
  );
});

test('gone on with from the place where it stood, nothing is found twice and nothing is missed', () => {
  fc.assert(
    fc.property(stream, fc.nat(60), fc.constantFrom(...PATTERNS), (data, cut, pattern) => {
      const whole = lineScan(pattern, BEGIN);
      const expected = [...whole.push(data), ...whole.end()].map(({ line }) => line);
      const first = lineScan(pattern, BEGIN);
      const found = first.push(data.subarray(0, cut));
      expect(first.taken()).toBe(Math.min(cut, data.length));
      // All that is kept of it: a process that dies loses the rest.
      const place = first.place();
      const second = lineScan(pattern, place);
      const rest = [...second.push(data.subarray(place.at)), ...second.end()];
      expect([...found, ...rest].map(({ line }) => line)).toEqual(expected);
    }),
    { numRuns: 1_000 },
  );
});

test('a line is told as soon as it can be, though it is not whole', () => {
  const scan = lineScan(patternOf('(y/n)'), BEGIN);
  expect(scan.push(bytes('one\nGo on? (y/n'))).toEqual([]);
  expect(scan.push(bytes(') '))).toEqual([{ line: 4, seen: 16 }]);
  expect(scan.place()).toEqual({ at: 17, told: true });
  expect(scan.push(bytes('(y/n)\nx (y/n)'))).toEqual([{ line: 23, seen: 30 }]);
  expect(scan.end()).toEqual([]);
});

test('an empty line is none, nor what stands between a return and a newline', () => {
  const scan = lineScan(patternOf('/^.?$/'), BEGIN);
  expect(scan.push(bytes('\n\r\nab\r\n\nx\r\n'))).toEqual([{ line: 8, seen: 9 }]);
  expect(scan.end()).toEqual([]);
});

test('bytes beyond the last character are no character', () => {
  const data = Uint8Array.of(0xf7, 0xbf, 0xbf, 0xbf, 10, 0xff, 10, 0xc3);
  const scan = lineScan(patternOf('/^\ufffd$/'), BEGIN);
  expect([...scan.push(data), ...scan.end()].map(({ line }) => line)).toEqual([0, 5, 7]);
});

test('what its end decides is told with the end', () => {
  const scan = lineScan(patternOf('/done$/'), BEGIN);
  expect(scan.push(bytes('done'))).toEqual([]);
  expect(scan.push(bytes('\ndone.\ndone'))).toEqual([{ line: 0, seen: 4 }]);
  expect(scan.end()).toEqual([{ line: 11, seen: 15 }]);
  expect(scan.end()).toEqual([]);
});
