import { describe, expect, test } from 'vitest';
import { type Model, selectedTask, visible } from './board-model.ts';
import { askedOf, boardOf, keyOf, NOW, pressed, taskOf, tasksOf } from './board-sample.ts';
import { type Message, MOST_ENDED, update } from './board-update.ts';

const after = (model: Model, message: Message, now = NOW): Model => update(model, message, now)[0];
const ended = (id: string): ReturnType<typeof taskOf> =>
  taskOf({ id, state: 'completed', endedAt: '2026-11-26T11:59:59Z' });

describe('the list', () => {
  test('what needs somebody stands above what runs, what will, what is over', () => {
    const model = boardOf([
      ended('over'),
      taskOf({ id: 'waits', state: 'waiting' }),
      taskOf({ id: 'queued', state: 'queued' }),
      taskOf({ id: 'runs' }),
      taskOf({ id: 'asks', state: 'awaiting_input' }),
    ]);
    expect(visible(model).map(({ id }) => id)).toEqual(['asks', 'runs', 'queued', 'waits', 'over']);
  });

  test('only what changed is replaced, and the selection stays with its task', () => {
    const before = pressed(boardOf(tasksOf(3)), 'down').model;
    expect(before.selected).toBe('t-1');
    const changed = ended('t-1');
    const [model, effects] = update(before, { is: 'changed', tasks: [changed], gone: [] }, NOW);
    expect(model.tasks.get('t-0')).toBe(before.tasks.get('t-0'));
    expect(selectedTask(model)).toBe(changed);
    expect(effects).toEqual([{ do: 'look', id: 't-1' }]);
    const without = after(model, { is: 'changed', tasks: [], gone: ['t-1'] });
    expect(without.tasks.size).toBe(2);
    expect(without.selected).toBe('t-2');
  });

  test('of the ended ones, the newest are kept', () => {
    const many = Array.from({ length: MOST_ENDED + 30 }, (_, index) =>
      taskOf({
        id: `e-${index}`,
        state: 'completed',
        endedAt: new Date(NOW - index).toISOString(),
      }),
    );
    const model = after(boardOf([taskOf()]), { is: 'changed', tasks: many, gone: [] });
    expect(model.tasks.size).toBe(MOST_ENDED + 1);
    expect(model.tasks.has('e-0')).toBe(true);
    expect(model.tasks.has(`e-${MOST_ENDED}`)).toBe(false);
  });

  test('moves by lines, pages and to the ends, and scrolls with the selection', () => {
    const board = boardOf(tasksOf(100));
    expect(pressed(board, 'down', 'j').model.index).toBe(2);
    expect(pressed(board, 'down', 'k', 'up').model.index).toBe(0);
    expect(pressed(board, 'pageDown').model).toMatchObject({ index: 20, top: 0 });
    expect(pressed(board, 'G').model).toMatchObject({ index: 99, top: 79 });
    expect(pressed(board, 'G', 'g').model).toMatchObject({ index: 0, top: 0 });
  });

  test('a smaller terminal keeps the selection on the screen', () => {
    const low = after(pressed(boardOf(tasksOf(100)), 'pageDown').model, {
      is: 'size',
      columns: 80,
      rows: 10,
    });
    expect(low.index - low.top).toBeLessThan(7);
  });
});

describe('the link', () => {
  test('a daemon that comes back is told, with what is known kept meanwhile', () => {
    const lost = after(boardOf([taskOf()]), { is: 'link', live: false });
    expect(lost.link.is).toBe('lost');
    expect(lost.tasks.size).toBe(1);
    const back = after(lost, { is: 'link', live: true });
    expect(back.note).toMatchObject({ text: 'the daemon is back', kind: 'good' });
  });

  test('a note goes by itself, or with a key once it can have been read', () => {
    const noted = after(boardOf([]), { is: 'note', text: 'done', kind: 'good' });
    expect(after(noted, { is: 'clock' }, NOW + 1_000).note).not.toBeNull();
    expect(after(noted, { is: 'clock' }, NOW + 5_000).note).toBeNull();
    expect(after(noted, keyOf('j'), NOW + 500).note).not.toBeNull();
    expect(after(noted, keyOf('j'), NOW + 2_000).note).toBeNull();
  });
});

describe('logs', () => {
  const lines = (...given: string[]): Message => ({
    is: 'log',
    id: 't-1',
    lines: given,
    open: '',
    ended: false,
  });

  test('are followed, or stay where one looks', () => {
    const { model, effects } = pressed(boardOf([taskOf()]), 'l');
    expect(effects).toEqual([{ do: 'logs', id: 't-1' }]);
    const following = after(model, lines('a', 'b'));
    expect(following.logs).toMatchObject({ lines: ['a', 'b'], up: 0 });
    const up = pressed(following, 'up').model;
    expect(after(up, lines('c', 'x'.repeat(100))).logs?.up).toBe(1 + 1 + 2);
    expect(pressed(up, 'G').model.logs?.up).toBe(0);
  });

  test('of another task are not mixed in, and leaving ends the following', () => {
    const { model } = pressed(boardOf([taskOf()]), 'l');
    expect(after(model, { ...lines('a'), id: 'other' } as Message).logs?.lines).toEqual([]);
    const left = pressed(model, 'escape');
    expect(left.effects).toEqual([{ do: 'logs', id: null }]);
    expect(left.model).toMatchObject({ page: 'list', logs: null });
  });
});

test('a question that somebody else answered is not asked on', () => {
  const asked = askedOf();
  const typing = pressed(boardOf([taskOf({ state: 'awaiting_input' })], [asked]), 'a').model;
  expect(typing.entry?.for).toBe('answer');
  const gone = after(typing, { is: 'asked', asked: [] });
  expect(gone.entry).toBeNull();
  expect(gone.note?.text).toContain('not open any more');
  expect(after(typing, { is: 'asked', asked: [asked] }).entry).toBe(typing.entry);
});
