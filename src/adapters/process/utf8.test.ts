import fc from 'fast-check';
import { expect, test } from 'vitest';
import { strayEnd, strayFront, textFrom } from './utf8.ts';

test('a text cut anywhere loses at most the cut characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(), fc.nat(), (text, a, b) => {
      const bytes = Buffer.from(text);
      const from = bytes.length === 0 ? 0 : a % (bytes.length + 1);
      const to = from + (b % (bytes.length - from + 1));
      const part = textFrom(bytes.subarray(from, to), from > 0);
      expect(Buffer.from(text).toString()).toContain(part);
      expect(to - from - Buffer.byteLength(part)).toBeLessThanOrEqual(6);
    }),
  );
});

test('bytes that are no text are kept', () => {
  expect(strayFront(Buffer.from([0x80, 0x80, 0x80, 0x80]))).toBe(0);
  expect(strayFront(Buffer.from([0x80, 0x80, 0x80, 0x41]))).toBe(3);
  expect(strayEnd(Buffer.from([0x80, 0x80, 0x80, 0x80]))).toBe(0);
  expect(strayEnd(Buffer.from([]))).toBe(0);
  expect(strayEnd(Buffer.from('😀'))).toBe(0);
  expect(strayEnd(Buffer.from('😀').subarray(0, 3))).toBe(3);
});
