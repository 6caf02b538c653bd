import { describe, expect, test } from 'vitest';
import { askedOf, boardOf, NOW, pressed, taskOf, tasksOf } from './board-sample.ts';
import { update } from './board-update.ts';

const asking = taskOf({ state: 'awaiting_input' });
const review = taskOf({ id: 't-2', state: 'awaiting_review' });
const over = taskOf({ id: 't-3', state: 'failed', endedAt: '2026-11-26T11:59:00Z' });

test.each(['q', 'Q', 'ctrl-c', 'escape'])('%s leaves', (word) => {
  expect(pressed(boardOf(tasksOf(1)), word).effects).toEqual([{ do: 'leave' }]);
});

test('ctrl-z lays it aside, and ctrl-c leaves, whatever is typed', () => {
  const typing = pressed(boardOf([asking], [askedOf()]), 'a').model;
  expect(pressed(typing, 'ctrl-z').effects).toEqual([{ do: 'suspend' }]);
  expect(pressed(typing, 'ctrl-c').effects).toEqual([{ do: 'leave' }]);
});

describe('acts', () => {
  test.each([
    ['s', 'stop', taskOf()],
    ['K', 'kill', taskOf()],
    ['r', 'retry', over],
    ['A', 'accept', review],
  ])('%s: %s once it is confirmed', (key, act, task) => {
    const asked = pressed(boardOf([task]), key);
    expect(asked.effects).toEqual([]);
    expect(asked.model.confirm).toEqual({ act, id: task.id });
    expect(pressed(asked.model, 'y').effects).toEqual([{ do: 'act', act, id: task.id }]);
    for (const other of ['n', 'enter', 'escape', key])
      expect(pressed(asked.model, other)).toMatchObject({ effects: [], model: { confirm: null } });
  });

  test.each([
    ['s', over, 't-3 has ended'],
    ['r', taskOf(), 't-1 has not ended'],
    ['A', taskOf(), 't-1 waits for no review'],
    ['x', taskOf(), 't-1 has no work'],
    ['a', taskOf(), 'nothing is asked here'],
  ])('%s where it does not fit says why', (key, task, why) => {
    const { model, effects } = pressed(boardOf([task]), key);
    expect(effects).toEqual([]);
    expect(model.confirm).toBeNull();
    expect(model.note?.text).toContain(why);
  });

  test('what is ended leaves the selection to the next one', () => {
    expect(pressed(boardOf(tasksOf(3)), 's', 'y').model.selected).toBe('t-1');
    expect(pressed(boardOf(tasksOf(3)), 'G', 's', 'y').model.selected).toBe('t-1');
  });

  test('x sends work back with what is wrong, and not without', () => {
    const board = boardOf([review]);
    expect(pressed(board, 'x', 'enter').effects).toEqual([]);
    const { effects } = pressed(board, 'x', 'n', 'o', 'enter');
    expect(effects).toEqual([{ do: 'act', act: 'reject', id: 't-2', text: 'no' }]);
  });

  test('a paste is obeyed nowhere', () => {
    const board = boardOf(tasksOf(1));
    const paste = { is: 'key', key: { is: 'paste', text: 'sy' } } as const;
    expect(update(board, paste, NOW)[1]).toEqual([]);
    const confirming = pressed(board, 's').model;
    expect(update(confirming, paste, NOW)[1]).toEqual([]);
  });
});

describe('answers', () => {
  const board = boardOf([asking], [askedOf()]);
  const told = (...words: string[]): unknown => pressed(board, 'a', ...words).effects;
  const answer = (text: string) => [{ do: 'answer', id: 'q-t-1.a.1', text }];

  test.each([
    ['the first option', ['enter'], 'Postgres'],
    ['the next one', ['down', 'enter'], 'SQLite'],
    ['one by its number', ['2', 'enter'], 'SQLite'],
    ['round and round', ['up', 'up', 'enter'], 'SQLite'],
    ['own words', ['N', 'o', 'n', 'e', 'enter'], 'None'],
    ['own words that are a number', ['up', '2', 'enter'], '2'],
  ])('%s', (_, words, text) => expect(told(...words)).toEqual(answer(text)));

  test('escape answers nothing, and neither do empty words', () => {
    expect(told('escape')).toEqual([]);
    expect(told('up', 'enter')).toEqual([]);
    expect(told('up', ' ', 'enter')).toEqual([]);
  });

  test('of an agent that is drained, on the page of what needs somebody', () => {
    const drained = askedOf({
      id: 'q-drained:x',
      taskId: null,
      kind: 'drained',
      options: ['acknowledge'],
    });
    const { effects } = pressed(boardOf([], [drained]), 'n', 'enter', 'enter');
    expect(effects).toEqual([{ do: 'answer', id: 'q-drained:x', text: 'acknowledge' }]);
  });
});

describe('ways', () => {
  test('tab goes to what needs somebody, round and round', () => {
    const board = boardOf([...tasksOf(3), { ...asking, id: 'a1' }, { ...review, id: 'a2' }]);
    const first = pressed(board, 'tab').model.selected;
    const second = pressed(board, 'tab', 'tab').model.selected;
    expect(new Set([first, second])).toEqual(new Set(['a1', 'a2']));
    expect(pressed(board, 'tab', 'tab', 'tab').model.selected).toBe(first);
    expect(pressed(board, 'tab', 'tab', 'backTab').model.selected).toBe(first);
    expect(pressed(boardOf(tasksOf(2)), 'tab').model.note?.text).toBe('nothing needs you');
  });

  test('pages are opened and left in turn', () => {
    const deep = pressed(boardOf(tasksOf(2)), 'enter', 'l', '?').model;
    expect(deep.page).toBe('help');
    expect(pressed(deep, 'escape').model.page).toBe('logs');
    expect(pressed(deep, 'escape', 'escape').model.page).toBe('task');
    expect(pressed(deep, 'escape', 'escape', 'escape').model.page).toBe('list');
  });

  test('a filter acts as it is typed, stays on enter and goes on escape', () => {
    const board = boardOf([taskOf({ id: 'one' }), taskOf({ id: 'two' })]);
    expect(pressed(board, '/', 't', 'w').model).toMatchObject({ filter: 'tw', selected: 'two' });
    expect(pressed(board, '/', 't', 'w', 'enter').model).toMatchObject({
      filter: 'tw',
      entry: null,
    });
    expect(pressed(board, '/', 't', 'w', 'escape').model).toMatchObject({
      filter: '',
      entry: null,
    });
    expect(pressed(board, '/', 't', 'w', 'enter', 'c').model.filter).toBe('');
    const left = pressed(board, '/', 't', 'w', 'enter', 'escape');
    expect(left).toMatchObject({ effects: [], model: { filter: '' } });
  });

  test('u and o narrow to the group and the owner of the selected task', () => {
    const board = boardOf([taskOf({ group: 'night' }), taskOf({ id: 't-2', owner: 'me' })]);
    expect(pressed(board, 'o').model.filter).toMatch(/^owner:/);
    expect(pressed(boardOf([taskOf({ group: 'night' })]), 'u').model.filter).toBe('group:night');
    expect(pressed(boardOf([taskOf()]), 'u').model.note?.text).toBe('it has no group');
  });

  test('a click selects, a second one opens; the wheel moves', () => {
    const board = boardOf(tasksOf(10));
    const click = { is: 'key', key: { is: 'click', row: 4, column: 3 } } as const;
    const [once] = update(board, click, NOW);
    expect(once).toMatchObject({ selected: 't-2', page: 'list' });
    expect(update(once, click, NOW)[0].page).toBe('task');
    const wheel = { is: 'key', key: { is: 'wheel', by: 1, row: 4 } } as const;
    expect(update(board, wheel, NOW)[0].index).toBe(3);
    const beside = { is: 'key', key: { is: 'click', row: 0, column: 3 } } as const;
    expect(update(board, beside, NOW)[0].selected).toBe('t-0');
  });
});
