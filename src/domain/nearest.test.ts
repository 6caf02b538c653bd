import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';

const VERBS = ['run', 'retry', 'ls', 'show', 'logs', 'wait', 'stop', 'status', 'doctor'];

test.each([
  ['stop', 'stop'],
  ['stpo', 'stop'], // neighbours swapped
  ['sttop', 'stop'], // one too many
  ['sop', 'stop'], // one too few
  ['shop', 'show'], // one replaced; `stop` is as near and comes later
  ['docter', 'doctor'],
  ['sattsu', 'status'],
  ['l', 'ls'],
  ['', null],
  ['x', null],
  ['delete', null],
  ['stopstop', null],
])('%j means %j', (word, expected) => {
  expect(nearest(word, VERBS)).toBe(expected);
});

test('the nearest wins, the first of equals', () => {
  expect(nearest('abcdef', ['abcdxx', 'abcdex', 'abcdez'])).toBe('abcdex');
  expect(nearest('any', [])).toBeNull();
});

test('what is very long is no typing mistake', () => {
  const long = 'a'.repeat(65);
  expect(nearest(long, [long])).toBeNull();
  expect(nearest('a'.repeat(64), [long])).toBeNull();
});
