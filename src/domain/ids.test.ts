import fc from 'fast-check';
import { expect, test } from 'vitest';
import { groupId, ID_PATTERN, numberedId, scheduleId, taskId, uuid, watchId } from './ids.ts';

test('a task id is readable aloud and of one length', () => {
  expect(taskId(new Uint8Array(8))).toBe('t-00000000');
  expect(taskId(Uint8Array.of(1, 10, 18, 20, 22, 27, 31, 255, 99, 99))).toBe('t-1ajmpvzz');
});

test('the group of a batch is told from a task', () => {
  expect(groupId(new Uint8Array(8))).toBe('g-00000000');
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

test('a session id is a random UUID, made of its bytes in their order', () => {
  const counting = Uint8Array.from({ length: 20 }, (_, at) => at);
  expect(uuid(counting)).toBe('00010203-0405-4607-8809-0a0b0c0d0e0f');
  expect(uuid(new Uint8Array(16))).toBe('00000000-0000-4000-8000-000000000000');
  expect(uuid(new Uint8Array(16).fill(255))).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
});

const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 });

test('whatever the bytes, it says that it is one of version 4', () => {
  const version4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  fc.assert(
    fc.property(bytes, (random) => {
      expect(uuid(random)).toMatch(version4);
    }),
  );
});

test('no random bit is lost but the six that say so', () => {
  const free = (random: Uint8Array): number[] =>
    Array.from(random, (byte, at) => (at === 6 ? byte & 0x0f : at === 8 ? byte & 0x3f : byte));
  fc.assert(
    fc.property(bytes, (random) => {
      const digits = uuid(random).replaceAll('-', '');
      const back = Uint8Array.from({ length: 16 }, (_, at) =>
        Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16),
      );
      expect(free(back)).toEqual(free(random));
    }),
  );
});

test('the id of a schedule looks like that of a task', () => {
  expect(scheduleId(Uint8Array.of(1, 10, 18, 20, 22, 27, 31, 255))).toBe('s-1ajmpvzz');
  expect(watchId(new Uint8Array(8))).toBe('w-00000000');
});
