import { expect, test } from 'vitest';
import type { Key, KeyName } from './keys.ts';
import { edited, lineOf, shown, textOf } from './line-entry.ts';

const press = (name: KeyName): Key => ({ is: 'key', name });
const type = (text: string): Key => ({ is: 'text', text });

const after = (given: string, ...keys: readonly Key[]): string =>
  textOf(keys.reduce((line, key) => edited(line, key, 20) ?? line, lineOf(given)));

test.each<[string, string, Key[], string]>([
  ['typing', 'a', [type('b')], 'ab'],
  ['typing inside', 'ac', [press('left'), type('b')], 'abc'],
  ['backspace takes a whole character', 'a👨‍👩‍👧', [press('backspace')], 'a'],
  ['backspace at the front', 'a', [press('home'), press('backspace')], 'a'],
  ['delete', 'ab', [press('home'), press('delete')], 'b'],
  ['left and right', 'ab', [press('left'), press('right'), type('c')], 'abc'],
  ['home and end', 'b', [press('home'), type('a'), press('end'), type('c')], 'abc'],
  ['the line to the front', 'abc', [press('left'), press('ctrl-u')], 'c'],
  ['the last word', 'one two ', [press('ctrl-w')], 'one '],
  [
    'a paste is one line, and obeyed by nobody',
    '',
    [{ is: 'paste', text: 'a\nb\u001b[2J' }],
    'a b',
  ],
  ['no more than fits', 'x'.repeat(19), [type('a'), type('b')], `${'x'.repeat(19)}a`],
])('%s', (_, given, keys, wanted) => expect(after(given, ...keys)).toBe(wanted));

test('other keys edit nothing', () => {
  expect(edited(lineOf('a'), press('pageUp'), 20)).toBeNull();
  expect(edited(lineOf('a'), { is: 'wheel', by: 1, row: 0 }, 20)).toBeNull();
});

test('the cursor is always in what is shown', () => {
  expect(shown(lineOf('hello'), 10)).toEqual({ text: 'hello', cursor: 5 });
  expect(shown(lineOf('hello'), 4)).toEqual({ text: 'llo', cursor: 3 });
  expect(shown(lineOf('日本語'), 6)).toEqual({ text: '本語', cursor: 4 });
  expect(shown({ before: 'ab', after: 'cdef' }, 5)).toEqual({ text: 'abcd', cursor: 2 });
});
