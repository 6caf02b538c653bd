import { expect, test } from 'vitest';
import { parseStat } from './identity.ts';
import { shown } from './members.ts';

test('a command line is shown without anything that steers a terminal', () => {
  expect(shown(['a', '\u001b[31m', 'b\n\u009b', '\u202e'])).toBe('a \\x1b[31m b\\x0a\\x9b \\x202e');
  expect(shown(['x'.repeat(500)])).toHaveLength(200);
  expect(shown([])).toBe('');
});

test('a program may be called anything', () => {
  const rest = Array.from({ length: 30 }, (_, at) => String(at + 1)).join(' ');
  expect(parseStat(7, `7 (a) R 1 (b) S ${rest}`)).toEqual({
    pid: 7,
    state: 'S',
    parent: 1,
    group: 2,
    session: 3,
    startTime: '19',
  });
  expect(parseStat(7, '7 (a) S 1 2')).toBe(null);
});
