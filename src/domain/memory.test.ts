import { describe, expect, test } from 'vitest';
import {
  byConcern,
  foldersAround,
  isCurrent,
  matches,
  type Memory,
  memoryId,
  wordsIn,
} from './memory.ts';

const memory = (id: string, changes: Partial<Memory> = {}): Memory => ({
  id,
  kind: 'fact',
  text: 'The parser lives in src/parse.',
  folder: '/a',
  pinned: false,
  by: 'cli:1000',
  createdAt: 10,
  expiresAt: null,
  endedAt: null,
  from: null,
  ...changes,
});

test('an id is made of random bytes', () => {
  expect(memoryId(Uint8Array.from({ length: 8 }, (_, at) => at))).toBe('m-01234567');
});

test('it holds until it is over or taken away', () => {
  expect(isCurrent(memory('m'), 99)).toBe(true);
  expect(isCurrent(memory('m', { expiresAt: 99 }), 98)).toBe(true);
  expect(isCurrent(memory('m', { expiresAt: 99 }), 99)).toBe(false);
  expect(isCurrent(memory('m', { endedAt: 5 }), 4)).toBe(false);
});

test('words are told apart by everything that is no letter, digit or accent', () => {
  expect(wordsIn('The the/Naïve_x2 — 日本!')).toEqual(['the', 'naïve', 'x2', '日本']);
  expect(wordsIn(' — ')).toEqual([]);
});

test('a text is found by the beginnings of its words', () => {
  expect(matches('The parser lives', ['pars', 'the'])).toBe(true);
  expect(matches('The parser lives', ['arser'])).toBe(false);
  expect(matches('', [])).toBe(true);
});

test('around a folder are those that hold it', () => {
  expect(foldersAround('/a/b c/d')).toEqual(['/a/b c/d', '/a/b c', '/a', '/']);
  expect(foldersAround('/a//b/')).toEqual(['/a/b', '/a', '/']);
  expect(foldersAround('/')).toEqual(['/']);
});

describe('the order in which they are told', () => {
  const order = (brief: string, ...all: Memory[]): string[] =>
    byConcern(all, brief).map(({ id }) => id);

  test('the pinned first, then those that share words with the brief, then the newest', () => {
    const all = [
      memory('m-new', { text: 'Something else', createdAt: 50 }),
      memory('m-match', { text: 'Parser tests are slow' }),
      memory('m-pinned', { text: 'Be polite', pinned: true, createdAt: 1 }),
      memory('m-both', { text: 'The parser has a fix', createdAt: 2 }),
    ];
    expect(order('Fix the parser', ...all)).toEqual(['m-pinned', 'm-both', 'm-match', 'm-new']);
  });

  test('short words tell nothing, and equals come by id', () => {
    const all = [memory('m-b', { text: 'it is so' }), memory('m-a', { text: 'x' })];
    expect(order('it is', ...all)).toEqual(['m-a', 'm-b']);
    expect(order('it is', ...all.toReversed())).toEqual(['m-a', 'm-b']);
  });
});
