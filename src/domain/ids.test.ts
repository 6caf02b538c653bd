import { expect, test } from 'vitest';
import { ID_PATTERN, numberedId, taskId } from './ids.ts';

test('a task id is readable aloud and of one length', () => {
  expect(taskId(new Uint8Array(8))).toBe('t-00000000');
  expect(taskId(Uint8Array.of(1, 10, 18, 20, 22, 27, 31, 255, 99, 99))).toBe('t-1ajmpvzz');
});

test('every byte gives a letter that may be in an id', () => {
  for (let byte = 0; byte < 256; byte++) {
    const id = taskId(new Uint8Array(8).fill(byte));
    expect(id).toMatch(/^t-[0-9a-hjkmnp-tv-z]{8}$/);
    expect(id).toMatch(ID_PATTERN);
  }
});

test.each(['a', 'Build_2-x', 'a'.repeat(64)])('%s may be chosen', (id) => {
  expect(id).toMatch(ID_PATTERN);
});

test.each(['', 'a'.repeat(65), '../up', 'a/b', '.', 'a b', 'ü', 'a\n', '\na', 'a\0'])(
  '%j may not: it would not be a plain folder name',
  (id) => {
    expect(id).not.toMatch(ID_PATTERN);
  },
);

test('an id that is taken by an ended task gets a number', () => {
  expect([1, 2, 3].map((nth) => numberedId('build', nth))).toEqual(['build', 'build-2', 'build-3']);
});

test.each([2, 10, 1_234])('a numbered id is still an id, however long it was: %i', (nth) => {
  const long = 'a'.repeat(64);
  const id = numberedId(long, nth);
  expect(id).toMatch(ID_PATTERN);
  expect(id).toHaveLength(64);
  expect(id.endsWith(`a-${nth}`)).toBe(true);
});
