import fc from 'fast-check';
import { expect, test } from 'vitest';
import { oneLine, padded, SafeText, shorten, width } from './text.ts';

const safe = (given: string | Uint8Array, colours = true): string => {
  const filter = new SafeText(colours);
  return filter.write(Buffer.from(given)) + filter.end();
};

test.each([
  ['plain', 'a\tb\n', 'a\tb\n'],
  ['colour', '\u001b[31mred\u001b[0m', '\u001b[31mred\u001b[0m'],
  ['colour left on', '\u001b[1;31mred', '\u001b[1;31mred\u001b[0m'],
  ['cursor movement', '\u001b[2J\u001b[Hx', '\\x1b[2J\\x1b[Hx'],
  ['window title', '\u001b]0;evil\u0007', '\\x1b]0;evil\\x07'],
  ['clipboard', '\u001b]52;c;ZXZpbA==\u001b\\', '\\x1b]52;c;ZXZpbA==\\x1b\\'],
  ['eight-bit control', '\u009b31m', '\\x9b31m'],
  ['bell and backspace', '\u0007\u0008', '\\x07\\x08'],
  ['carriage return and newline', 'a\r\nb', 'a\nb'],
  ['a line drawn again', '10%\r20%', '10%\n20%'],
  ['text turned around', 'a\u202eb', 'a\\u202eb'],
  ['unfinished escape', 'a\u001b[3', 'a\\x1b[3'],
])('%s', (_, given, shown) => expect(safe(given)).toBe(shown));

test('without colours, styling is dropped and nothing else', () => {
  expect(safe('\u001b[31mred\u001b[0m \u001b[2J', false)).toBe('red \\x1b[2J');
});

test('bytes that are no UTF-8 are replaced', () => {
  expect(safe(Uint8Array.of(0x61, 0xff, 0x62))).toBe('a\ufffdb');
});

test('it does not matter where the stream is cut', () => {
  const pieces = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '\u001b[31m',
      '\u001b[0m',
      '\u001b[2J',
      '\r\n',
      '\r',
      'é',
      '日本',
      '😀',
      '\u009b',
    ),
  );
  fc.assert(
    fc.property(fc.array(pieces), fc.integer({ min: 1, max: 5 }), (parts, step) => {
      const bytes = Buffer.from(parts.join(''));
      const filter = new SafeText(true);
      let shown = '';
      for (let at = 0; at < bytes.length; at += step)
        shown += filter.write(bytes.subarray(at, at + step));
      expect(shown + filter.end()).toBe(safe(bytes));
    }),
  );
});

test('no control byte but tab, newline and colour ever gets through', () => {
  const colour = new RegExp(`${String.fromCodePoint(27)}\\[[0-9;:]*m`, 'g');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(safe(bytes).replaceAll(colour, '')).not.toMatch(/[^\P{Cc}\t\n]/u);
    }),
  );
});

test('one line stays one line', () => {
  expect(oneLine('a\nb\tc \u001b[31mred\u001b[0m \u0007')).toBe('a b c red \\x07');
});

test.each([
  ['', 0],
  ['abc', 3],
  ['日本', 4],
  ['é', 1],
  ['e\u0301', 1],
  ['👩‍👩‍👧', 2],
  ['\u001b[31mab\u001b[0m', 2],
])('%j takes %d columns', (text, columns) => expect(width(text)).toBe(columns));

test('what is too long ends in an ellipsis, and fits', () => {
  expect(shorten('abcdef', 6)).toBe('abcdef');
  expect(shorten('abcdef', 4)).toBe('abc…');
  expect(shorten('日本語', 4)).toBe('日…');
  expect(shorten('abc', 0)).toBe('');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(20), (text, columns) => {
      const line = oneLine(text);
      expect(width(shorten(line, columns))).toBeLessThanOrEqual(columns);
    }),
  );
});

test('padding counts columns', () => expect(padded('日', 4)).toBe('日  '));
