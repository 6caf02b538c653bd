import fc from 'fast-check';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { fit, untabbed, wrap } from './styled.ts';
import { width } from './text.ts';

const RED = '\u001b[31m';
const RESET = '\u001b[0m';

test.each([
  ['short', 'abc', 3, 'abc'],
  ['long', 'abcd', 3, 'ab…'],
  ['colours take no room', `${RED}abc${RESET}`, 3, `${RED}abc${RESET}`],
  ['colours end with the line', `${RED}abcd`, 3, `${RED}ab…${RESET}`],
  ['wide characters', '日本語', 4, '日…'],
  ['no room', 'abc', 0, ''],
])('fit: %s', (_, given, columns, wanted) => expect(fit(given, columns)).toBe(wanted));

test.each([
  ['short', 'abc', 5, ['abc']],
  ['empty', '', 5, ['']],
  ['between words', 'hello big world', 10, ['hello big', 'world']],
  ['a long word', 'abcdefgh', 3, ['abc', 'def', 'gh']],
  ['wide characters', '日本語', 5, ['日本', '語']],
  ['colours go on', `${RED}abcdef${RESET}`, 3, [`${RED}abc${RESET}`, `${RED}def${RESET}${RESET}`]],
])('wrap: %s', (_, given, columns, wanted) => expect(wrap(given, columns)).toEqual(wanted));

const words = fc.array(fc.constantFrom('a', 'word', '日本', ' ', RED, RESET, '😀', 'é'), {
  maxLength: 40,
});

test('nothing is wider than its room, and nothing but spaces is lost', () => {
  fc.assert(
    fc.property(words, fc.integer({ min: 2, max: 12 }), (parts, columns) => {
      const text = parts.join('');
      const lines = wrap(text, columns);
      for (const line of [...lines, fit(text, columns)])
        expect(width(line)).toBeLessThanOrEqual(columns);
      const letters = (given: string) => stripVTControlCharacters(given).replaceAll(' ', '');
      expect(letters(lines.join(''))).toBe(letters(text));
    }),
  );
});

test('tabs become spaces', () => {
  expect(untabbed('a\tb')).toBe('a       b');
  expect(untabbed('日本\tx')).toBe('日本    x');
  expect(untabbed('ab')).toBe('ab');
});
