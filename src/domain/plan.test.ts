import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DependencyCondition, readiness } from './dependencies.ts';
import { isTerminal, STATES, type State } from './lifecycle.ts';
import {
  batchKey,
  ceilingOf,
  faultIn,
  inOrder,
  NAME_PATTERN,
  type Planned,
  resumption,
  withContext,
} from './plan.ts';

/** `c: a, b!failure` waits for the success of a and for the failure of b. */
function plan(...lines: string[]): Planned[] {
  return lines.map((line) => {
    const [name = '', on = ''] = line.split(/\s*:\s*/);
    const after = on.split(/\s*,\s*/).filter((part) => part !== '');
    return {
      name,
      after: after.map((part) => {
        const [other = '', when = 'success'] = part.split('!');
        return { name: other, when: when as DependencyCondition };
      }),
    };
  });
}

describe('faults', () => {
  test.each<[string, string[], object | null]>([
    ['nothing at all', [], null],
    ['a chain', ['a', 'b: a', 'c: b'], null],
    ['written before what it waits for', ['b: a', 'a'], null],
    ['a diamond', ['a', 'b: a', 'c: a', 'd: b, c'], null],
    ['named twice in one list', ['a', 'b: a, a!failure'], null],
    ['a name twice', ['a', 'b', 'a'], { kind: 'duplicate', index: 2, name: 'a', first: 0 }],
    ['an unknown name', ['a', 'b: a, c'], { kind: 'unknown', index: 1, name: 'c' }],
    ['itself', ['a: a'], { kind: 'cycle', path: ['a', 'a'] }],
    ['each other', ['a: b', 'b: a'], { kind: 'cycle', path: ['a', 'b', 'a'] }],
    [
      'a cycle behind others',
      ['x: c', 'a', 'b: d, a', 'c: b', 'd: c'],
      { kind: 'cycle', path: ['c', 'b', 'd', 'c'] },
    ],
  ])('%s', (_, lines, fault) => {
    expect(faultIn(plan(...lines))).toEqual(fault);
  });
});

describe('order', () => {
  test.each<[string, string[], string]>([
    ['as written', ['b', 'a', 'c'], 'b0 a0 c0'],
    ['level by level', ['d: b, c', 'c: a', 'b: a', 'a'], 'a0 c1 b1 d2'],
    ['above the highest', ['a', 'b: a', 'c: a, b'], 'a0 b1 c2'],
    ['whatever the condition', ['b: a!failure', 'a', 'c: a!always'], 'a0 b1 c1'],
  ])('%s', (_, lines, expected) => {
    const placed = inOrder(plan(...lines));
    expect(placed.map(({ task, level }) => `${task.name}${level}`).join(' ')).toBe(expected);
  });

  test('a chain may be as long as it likes', () => {
    const tasks = Array.from({ length: 50_000 }, (_, at) => ({
      name: `t${at}`,
      after: at === 0 ? [] : [{ name: `t${at - 1}`, when: 'success' as const }],
    }));
    expect(faultIn(tasks)).toBeNull();
    expect(inOrder(tasks.toReversed()).at(-1)).toMatchObject({ level: 49_999 });
  });
});

const condition = fc.constantFrom<DependencyCondition>('success', 'failure', 'always');
/** Tasks that wait for none that comes later, in any order. */
const acyclic = fc
  .array(fc.array(fc.tuple(fc.nat(), condition), { maxLength: 3 }), { maxLength: 12 })
  .chain((rows) => {
    const tasks: Planned[] = rows.map((row, at) => ({
      name: `t${at}`,
      after: at === 0 ? [] : row.map(([on, when]) => ({ name: `t${on % at}`, when })),
    }));
    return fc.shuffledSubarray(tasks, { minLength: tasks.length });
  });

test('property: an order has every task, after all that it waits for', () => {
  fc.assert(
    fc.property(acyclic, (tasks) => {
      expect(faultIn(tasks)).toBeNull();
      const placed = inOrder(tasks);
      expect(placed.map(({ task }) => task).toSorted(byName)).toEqual(tasks.toSorted(byName));
      const seen = new Map<string, number>();
      for (const { task, level } of placed) {
        const below = task.after.map(({ name }) => seen.get(name) ?? Infinity);
        expect(level).toBe(1 + Math.max(-1, ...below));
        seen.set(task.name, level);
      }
    }),
  );
});

test('property: a cycle that is told is one', () => {
  const anyhow = fc
    .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 8 })
    .map((rows) =>
      rows.map((row, at) => ({
        name: `t${at}`,
        after: row.map((on) => ({ name: `t${on % rows.length}`, when: 'success' as const })),
      })),
    );
  fc.assert(
    fc.property(anyhow, (tasks) => {
      const fault = faultIn(tasks);
      if (fault === null) {
        expect(inOrder(tasks)).toHaveLength(tasks.length);
        return;
      }
      if (fault.kind !== 'cycle') throw new Error(`unexpected: ${fault.kind}`);
      const { path } = fault;
      expect(path.at(-1)).toBe(path[0]);
      for (const [at, name] of path.slice(0, -1).entries()) {
        const task = tasks.find((one) => one.name === name);
        expect(task?.after.map((on) => on.name)).toContain(path[at + 1]);
      }
    }),
  );
});

const byName = (a: Planned, b: Planned): number => (a.name < b.name ? -1 : 1);

describe('resume', () => {
  // prettier-ignore
  const ALONE: Record<State | 'none', string> = {
    none: 'new', waiting: 'keep', queued: 'keep', claimed: 'keep', running: 'keep', stopping: 'keep',
    finishing: 'keep', awaiting_input: 'keep', awaiting_children: 'keep', awaiting_review: 'keep',
    completed: 'keep', failed: 'again', cancelled: 'again', skipped: 'again',
  };
  test.each(['none', ...STATES] as const)('a task alone that is %s', (state) => {
    const states = new Map<string, State>(state === 'none' ? [] : [['a', state]]);
    expect(resumption(plan('a'), states)).toEqual(new Map([['a', ALONE[state]]]));
  });

  test.each<[string, string[], string, string]>([
    [
      'a failure with those behind it',
      ['a', 'b: a', 'c: b'],
      'a=failed b=skipped c=skipped',
      'again again again',
    ],
    ['behind what completed', ['a', 'b: a'], 'a=completed b=failed', 'keep again'],
    [
      'what would be skipped again',
      ['a', 'b: a!failure', 'c: b'],
      'a=completed b=skipped c=skipped',
      'keep keep keep',
    ],
    ['what was skipped may run now', ['a', 'b: a'], 'a=completed b=skipped', 'keep again'],
    [
      'what followed a failure and completed',
      ['a', 'b: a!failure'],
      'a=failed b=completed',
      'again keep',
    ],
    ['behind what goes on', ['a', 'b: a'], 'a=running b=skipped', 'keep again'],
    ['what was never stored', ['a', 'b: a', 'c: b'], 'a=running b=waiting', 'keep keep new'],
    ['in a later part', ['c: b'], 'b=queued c=skipped', 'again'],
  ])('%s', (_, lines, known, expected) => {
    const states = new Map(known.split(' ').map((one) => one.split('=') as [string, State]));
    const answer = resumption(plan(...lines), states);
    expect([...answer.values()].join(' ')).toBe(expected);
  });

  test('property: twice in a row changes nothing the second time', () => {
    const state = fc.option(fc.constantFrom(...STATES), { nil: undefined });
    fc.assert(
      fc.property(acyclic, fc.array(state, { minLength: 12, maxLength: 12 }), (tasks, states) => {
        const order = inOrder(tasks).map(({ task }) => task);
        const newest = new Map<string, State>();
        for (const [at, one] of states.entries()) if (one) newest.set(`t${at}`, one);
        for (const [name, redo] of resumption(order, newest))
          if (redo !== 'keep') newest.set(name, 'queued');
        expect([...resumption(order, newest).values()].every((redo) => redo === 'keep')).toBe(true);
        for (const { name, after } of order) {
          const is = newest.get(name) as State;
          if (!isTerminal(is) || is === 'completed') continue;
          const on = after.map((one) => ({ task: one.name, when: one.when }));
          expect([is, readiness(on, newest).kind]).toEqual(['skipped', 'never']);
        }
      }),
    );
  });
});

test('a source of context is waited for, unless it is anyway', () => {
  expect(withContext(plan('x: a!always')[0]?.after ?? [], ['a', 'b'])).toEqual([
    { name: 'a', when: 'always' },
    { name: 'b', when: 'success' },
  ]);
});

test('a ceiling counts every attempt', () => {
  expect(ceilingOf(2, 0)).toBe(2);
  expect(ceilingOf(0.5, 3)).toBe(2);
});

test.each<[string, string, string | null, number, string]>([
  ['g-1', 'build', null, 1, 'batch:g-1:build'],
  ['g-1', 'build', null, 3, 'batch:g-1:build:3'],
  ['a:b', '2', null, 1, 'batch:a%3Ab:2'],
  ['a%3Ab', '2', null, 1, 'batch:a%253Ab:2'],
  ['g-1', 'build', 'mine', 1, 'mine'],
  ['g-1', 'build', 'mine', 2, 'mine:2'],
])('the key in %s of %s (own: %s), number %i', (group, name, own, nth, key) => {
  expect(batchKey(group, name, own, nth)).toBe(key);
});

test.each([
  ['build', true],
  ['a.b-c_1', true],
  ['a b', false],
  ['-x', false],
  ['', false],
  ['a:b', false],
  ['x'.repeat(65), false],
])('the name %j', (name, isOne) => {
  expect(NAME_PATTERN.test(name)).toBe(isOne);
});
