import { expect, test } from 'vitest';
import type { State } from './lifecycle.ts';
import { assertSameContent, chooseId, contentHash } from './submission.ts';

const known = (states: Record<string, State>, uncleared: string[] = []) => ({
  stateOf: (id: string) => states[id],
  isUncleared: (id: string) => uncleared.includes(id),
});

test('an id that nobody has is taken as it is', () => {
  expect(chooseId('build', 't-1', known({}))).toBe('build');
  expect(chooseId(null, 't-1', known({ build: 'running' }))).toBe('t-1');
});

test('a live task keeps its id', () => {
  const choose = (): string => chooseId('build', 't-1', known({ build: 'waiting' }));
  expect(choose).toThrow(expect.objectContaining({ code: 'id_taken' }));
});

test('an ended id gets the next free number', () => {
  const states = known({ build: 'failed', 'build-2': 'running', 'build-4': 'completed' });
  expect(chooseId('build', 't-1', states)).toBe('build-3');
});

test('an id whose files are still being deleted is not given to another task', () => {
  expect(chooseId('build', 't-1', known({}, ['build', 'build-2']))).toBe('build-3');
});

test('a random id that exists is numbered, whatever its state', () => {
  expect(chooseId(null, 't-1', known({ 't-1': 'running' }))).toBe('t-1-2');
});

test('a key belongs to its content', () => {
  assertSameContent('k', 't-1', 'same', 'same');
  expect(() => assertSameContent('k', 't-1', 'one', 'other')).toThrow(
    expect.objectContaining({ code: 'key_conflict' }),
  );
});

test('a hash is 16 digits, the same for the same content only', () => {
  expect(contentHash('')).toMatch(/^[0-9a-f]{16}$/);
  expect(contentHash('make test')).toBe(contentHash('make test'));
  const contents = Array.from({ length: 20_000 }, (_, index) => `{"command":"task ${index}"}`);
  expect(new Set(contents.map(contentHash)).size).toBe(contents.length);
});
