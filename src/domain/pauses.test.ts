import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NOT_PAUSED, type Pauses, paused, type PauseTarget, unpaused } from './pauses.ts';

const ALL: PauseTarget = { group: null, agent: null };
const group = (name: string): PauseTarget => ({ group: name, agent: null });
const agent = (name: string): PauseTarget => ({ group: null, agent: name });

describe('what is paused', () => {
  test.each<[string, PauseTarget[], Pauses]>([
    ['nothing', [], NOT_PAUSED],
    ['everything', [ALL], { all: true, groups: [], agents: [] }],
    ['a group', [group('night')], { all: false, groups: ['night'], agents: [] }],
    ['an agent', [agent('codex')], { all: false, groups: [], agents: ['codex'] }],
    ['both', [{ group: 'g', agent: 'a' }], { all: false, groups: ['g'], agents: ['a'] }],
    ['twice the same', [group('g'), group('g')], { all: false, groups: ['g'], agents: [] }],
    [
      'in the order of names',
      [agent('b'), agent('a')],
      { all: false, groups: [], agents: ['a', 'b'] },
    ],
    ['a group while everything is', [ALL, group('g')], { all: true, groups: ['g'], agents: [] }],
  ])('%s', (_, targets, expected) => {
    expect(targets.reduce(paused, NOT_PAUSED)).toEqual(expected);
  });
});

describe('what is left of a pause', () => {
  const given: Pauses = { all: true, groups: ['a', 'g'], agents: ['codex'] };
  test.each<[string, PauseTarget, Pauses]>([
    ['of a group', group('g'), { all: true, groups: ['a'], agents: ['codex'] }],
    ['of an agent', agent('codex'), { all: true, groups: ['a', 'g'], agents: [] }],
    ['of what is not paused', agent('none'), given],
    ['of a name that is a group and no agent', agent('g'), given],
    ['of everything: nothing at all', ALL, NOT_PAUSED],
  ])('%s', (_, target, expected) => {
    expect(unpaused(given, target)).toEqual(expected);
  });
});

const name = fc.constantFrom('a', 'b', 'c');
const target = fc.record({
  group: fc.option(name, { nil: null }),
  agent: fc.option(name, { nil: null }),
});

test('a pause that is taken back leaves what was before, unless that named it already', () => {
  fc.assert(
    fc.property(fc.array(target), target, (before, one) => {
      const given = before.reduce(paused, NOT_PAUSED);
      const back = unpaused(paused(given, one), one);
      if (one.group === null && one.agent === null) expect(back).toEqual(NOT_PAUSED);
      else expect(back).toEqual(unpaused(given, one));
    }),
  );
});

test('the order in which things are paused does not matter', () => {
  fc.assert(
    fc.property(fc.array(target), (targets) => {
      const forwards = targets.reduce(paused, NOT_PAUSED);
      expect(targets.toReversed().reduce(paused, NOT_PAUSED)).toEqual(forwards);
    }),
  );
});
