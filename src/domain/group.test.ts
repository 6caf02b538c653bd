import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bareGroup,
  findingId,
  findingKey,
  findingSeq,
  foremost,
  type GroupFinding,
  newGroup,
} from './group.ts';

const found = (seq: number, changes: Partial<GroupFinding> = {}): GroupFinding => ({
  seq,
  group: 'g-1',
  kind: 'finding',
  text: `finding ${seq}`,
  important: false,
  taskId: 't-1',
  by: 'cli:1000',
  at: seq,
  ...changes,
});

test('a group has the name that was asked for, or an id', () => {
  const given = { title: null, context: 'c' };
  const times = { createdAt: 5, updatedAt: 5 };
  const bytes = Uint8Array.from({ length: 8 }, (_, at) => at);
  expect(newGroup({ name: 'parser', ...given }, bytes, 5)).toEqual({
    name: 'parser',
    ...given,
    ...times,
  });
  expect(newGroup({ name: null, ...given }, bytes, 5).name).toBe('g-01234567');
  expect(bareGroup('x', 5)).toEqual({ name: 'x', title: null, context: '', ...times });
});

test('the id of a finding names its number', () => {
  expect(findingSeq(findingId(12))).toBe(12);
  for (const wrong of ['f-', 'f-x', '12', 'f-1 ', 'f-1234567890123456'])
    expect(findingSeq(wrong)).toBeNull();
});

describe('what says the same', () => {
  const key = (text: string): string => findingKey({ kind: 'finding', text });

  test('differs in case, spaces and the marks at its end alone', () => {
    expect(key(' The  Lexer\nis slow. ')).toBe(key('the lexer is slow'));
    expect(key('ｓｌｏｗ!')).toBe(key('slow'));
    for (const other of ['the lexer is not slow', 'the-lexer is slow', 'c++', 'c', '-1', '1'])
      expect(key(other)).not.toBe(key('the lexer is slow'));
    expect(key('c++')).not.toBe(key('c'));
    expect(findingKey({ kind: 'milestone', text: 'x' })).not.toBe(key('x'));
  });

  test('stays the same when it is looked at again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const once = key(text).slice('finding:'.length);
        expect(key(once)).toBe(`finding:${once}`);
        expect(key(`  ${text}\n.`)).toBe(key(text));
      }),
    );
  });
});

test('the important ones come first, then the newest', () => {
  const all = [found(1, { important: true }), found(2), found(4), found(3, { important: true })];
  expect(foremost(all).map(({ seq }) => seq)).toEqual([3, 1, 4, 2]);
});
