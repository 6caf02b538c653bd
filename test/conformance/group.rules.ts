import { expect, test } from 'vitest';
import type { Group, NewFinding } from '../../src/domain/group.ts';
import type { Store } from '../../src/ports/store.ts';
import { NOON } from './sample.ts';

export const group = (name: string, changes: Partial<Group> = {}): Group => ({
  name,
  title: null,
  context: 'We speak of the parser.',
  createdAt: NOON,
  updatedAt: NOON,
  ...changes,
});

export const finding = (text: string, changes: Partial<NewFinding> = {}): NewFinding => ({
  group: 'g-1',
  kind: 'finding',
  text,
  important: false,
  taskId: 't-1',
  by: 'cli:1000',
  at: NOON,
  ...changes,
});

const ROOM = { group: 99, task: 99 };

export function groupRules(store: () => Store): void {
  const add = (text: string, changes: Partial<NewFinding> = {}) =>
    store().addFinding(finding(text, changes), ROOM);
  const textsOf = async (name: string): Promise<string[]> =>
    (await store().findings(name)).map(({ text }) => text);

  test('a group is kept as it is, until it is dropped', async () => {
    expect([await store().groups(), await store().group('g-1')]).toEqual([[], null]);
    const one = group('g-1', { title: 'The parser — ü' });
    expect(await store().addGroup(one)).toBe(true);
    expect(await store().addGroup(group('g-1', { context: 'other' }))).toBe(false);
    expect(await store().group('g-1')).toEqual(one);
    expect(await store().dropGroup('g-1')).toBe(true);
    expect(await store().dropGroup('g-1')).toBe(false);
    expect([await store().groups(), await store().group('g-1')]).toEqual([[], null]);
  });

  test('they are told of by name, with the number of their findings', async () => {
    await store().addGroup(group('b'));
    await store().addGroup(group('a b/ü'));
    await add('one', { group: 'b' });
    await add('two', { group: 'b' });
    expect(await store().groups()).toEqual([
      { group: group('a b/ü'), findings: 0 },
      { group: group('b'), findings: 2 },
    ]);
  });

  test('a change leaves its findings', async () => {
    await store().putGroup(group('g-1'));
    await add('one');
    await store().putGroup(group('g-1', { context: 'changed' }));
    expect(await store().group('g-1')).toMatchObject({ context: 'changed' });
    expect(await textsOf('g-1')).toEqual(['one']);
  });

  test('the first finding makes the row of its group, a later one leaves it', async () => {
    const added = await add('The lexer is slow.');
    expect(added).toMatchObject({ repeated: false, finding: finding('The lexer is slow.') });
    expect(await store().group('g-1')).toEqual(group('g-1', { context: '' }));
    await store().putGroup(group('g-1'));
    await add('Another one');
    expect(await store().group('g-1')).toEqual(group('g-1'));
    const seq = added?.finding.seq ?? 0;
    expect(await store().finding(seq)).toEqual(added?.finding);
    expect(await store().finding(seq + 99)).toBeNull();
  });

  test('the same told again is the one that is there; elsewhere, or of another kind, it is new', async () => {
    const first = await add('The lexer is slow.');
    const again = await add(' the  LEXER is slow ', { taskId: 't-2', at: NOON + 1 });
    expect(again).toEqual({ finding: first?.finding, repeated: true });
    expect((await add('The lexer is slow.', { group: 'g-2' }))?.repeated).toBe(false);
    expect((await add('The lexer is slow.', { kind: 'milestone' }))?.repeated).toBe(false);
    expect(await textsOf('g-1')).toHaveLength(2);
  });

  test('they come newest first, under numbers never used again', async () => {
    await add('one');
    const two = await add('two');
    expect(await store().dropFinding(two?.finding.seq ?? 0)).toBe(true);
    expect(await store().dropFinding(two?.finding.seq ?? 0)).toBe(false);
    const three = await add('three');
    expect(three?.finding.seq).toBeGreaterThan(two?.finding.seq ?? Infinity);
    expect(await textsOf('g-1')).toEqual(['three', 'one']);
    expect(await textsOf('g-none')).toEqual([]);
  });

  test('there is room for so many of a group, and of a task; a person counts as no task', async () => {
    const limits = { group: 3, task: 1 };
    const tell = (text: string, taskId: string | null) =>
      store().addFinding(finding(text, { taskId }), limits);
    expect(await tell('one', 't-1')).not.toBeNull();
    expect(await tell('two', 't-1')).toBeNull();
    expect((await tell('one', 't-1'))?.repeated).toBe(true);
    expect(await tell('two', null)).not.toBeNull();
    expect(await tell('three', null)).not.toBeNull();
    expect(await tell('four', null)).toBeNull();
    expect(await store().addFinding(finding('x', { group: 'g-2' }), { group: 0, task: 1 })).toBe(
      null,
    );
    expect(await store().group('g-2')).toBeNull();
  });

  test('findings go with their group', async () => {
    const one = await add('one');
    await add('kept', { group: 'g-2' });
    await store().dropGroup('g-1');
    expect(await textsOf('g-1')).toEqual([]);
    expect(await store().finding(one?.finding.seq ?? 0)).toBeNull();
    expect(await textsOf('g-2')).toEqual(['kept']);
  });
}
