import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Model } from './board-model.ts';
import { askedOf, boardOf, NOW, pressed, printerOf, taskOf, tasksOf } from './board-sample.ts';
import { update } from './board-update.ts';
import { view } from './board-view.ts';
import { width } from './text.ts';

const shownOn = (model: Model, colours = false): string[] => [
  ...view(model, printerOf(model.columns, model.rows, colours)).lines,
];
const text = (model: Model): string => shownOn(model).join('\n');

const COLOUR = new RegExp(`${'\u001b'}\\[[0-9;]*m`, 'g');
const HOSTILE = '\u001b]0;evil\u0007\u001b[2J\u202eabc\r\n日本語😀👨‍👩‍👧é';
const tasks = [
  taskOf({ id: 'asks', state: 'awaiting_input', title: HOSTILE }),
  taskOf({
    id: 'x'.repeat(64),
    title: '漢字'.repeat(100),
    group: 'g',
    progress: { text: HOSTILE, percent: 40, at: '2026-11-26T11:59:00Z' },
  }),
  ...tasksOf(60),
];
const asked = [
  askedOf({
    taskId: 'asks',
    question: HOSTILE.repeat(20),
    context: HOSTILE,
    options: [HOSTILE, 'b'],
  }),
  askedOf({ id: 'q-drained:x', taskId: null, kind: 'drained' }),
];

const WAYS = [
  [],
  ['enter'],
  ['n'],
  ['?'],
  ['l'],
  ['a'],
  ['tab', 'a'],
  ['/', 'x'],
  ['s'],
  ['tab', 'a', 'up', '日', '本'],
  ['G'],
  ['p'],
];

test('on every terminal the frame fits, and obeys no title', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 210 }),
      fc.integer({ min: 1, max: 60 }),
      fc.constantFrom(...WAYS),
      fc.boolean(),
      (columns, rows, way, colours) => {
        const board = pressed(boardOf(tasks, asked, { columns, rows }), ...way).model;
        const [model] = update(
          board,
          {
            is: 'log',
            id: board.logs?.id ?? '',
            lines: ['日本'.repeat(200), 'b'],
            open: 'c',
            ended: false,
          },
          NOW,
        );
        const { lines, cursor } = view(model, printerOf(columns, rows, colours));
        expect(lines).toHaveLength(rows);
        for (const line of lines) {
          expect(width(line)).toBeLessThanOrEqual(columns);
          // Colours only.
          expect(line.replaceAll(COLOUR, '')).not.toMatch(/[\p{Cc}\u202e]/u);
          if (!colours) expect(line).not.toContain('\u001b');
        }
        if (cursor !== null) {
          expect(cursor.row).toBeLessThan(rows);
          expect(cursor.column).toBeLessThan(Math.max(1, columns));
        }
      },
    ),
    { numRuns: 300 },
  );
});

describe('80×24', () => {
  test('an empty board says so, and how to leave', () => {
    expect(text(boardOf([]))).toContain('no tasks yet');
    expect(shownOn(boardOf([])).at(-1)).toContain('q leave');
  });

  test('counts, what needs somebody, and what is selected without colours', () => {
    const lines = shownOn(
      boardOf(
        [taskOf({ id: 'asks', state: 'awaiting_input' }), taskOf({ id: 'runs' })],
        [askedOf({ taskId: 'asks' })],
      ),
    );
    expect(lines[0]).toBe('tend  1 needs you (n)  1 running, 1 awaiting input');
    expect(lines[2]).toMatch(/^> asks +\? awaiting input/);
    expect(lines[3]).toMatch(/^ {2}runs +● running +50s +1m {2}make/);
    expect(lines.at(-1)).toMatch(/a answer.*\? keys {3}q leave$/);
  });

  test('how far a task is, by its own word', () => {
    const progress = { text: 'compiling', percent: 40, at: '2026-11-26T11:59:00Z' };
    expect(text(boardOf([taskOf({ progress })]))).toContain('make  40%  compiling');
  });

  test('a question with its options, and the cursor where own words go', () => {
    const board = boardOf([taskOf({ state: 'awaiting_input' })], [askedOf()]);
    const asking = pressed(board, 'a').model;
    expect(text(asking)).toContain('Which database?');
    expect(text(asking)).toContain('> 1 Postgres');
    expect(view(asking, printerOf(80, 24)).cursor).toBeNull();
    const typing = pressed(asking, 'N', 'o').model;
    expect(text(typing)).toContain('> or in own words: No');
    expect(view(typing, printerOf(80, 24)).cursor).toEqual({ row: 22, column: 21 });
  });

  test('a long question is scrolled, its options stay', () => {
    const question = Array.from({ length: 40 }, (_, index) => `line ${index}.`).join('\n');
    const asking = pressed(boardOf([taskOf()], [askedOf({ question })]), 'a').model;
    expect(text(asking)).toContain('more lines');
    const down = pressed(asking, ...Array.from({ length: 20 }, () => 'pageDown')).model;
    expect(text(down)).toContain('line 39.');
    expect(text(down)).toContain('> 1 Postgres');
  });

  test('a confirmation, a note, a lost daemon: in the last line', () => {
    const board = boardOf([taskOf()]);
    expect(shownOn(pressed(board, 's').model).at(-1)).toBe('stop t-1? y / n');
    const [noted] = update(board, { is: 'note', text: 'a\u001b[2Jb', kind: 'bad' }, NOW);
    expect(shownOn(noted).at(-1)).toBe('ab');
    const [lost] = update(board, { is: 'link', live: false }, NOW);
    expect(shownOn(lost).at(-1)).toContain('the daemon is gone (0s)');
  });

  test('all keys have room, but for a page', () => {
    const help = text(pressed(boardOf([]), '?').model);
    for (const key of ['tab', '/', 'ctrl-z', 'q  ']) expect(help).toContain(`  ${key}`);
  });

  test('the end of the output, or what one looks at further up', () => {
    const lines = Array.from({ length: 50 }, (_, index) => `out ${index}`);
    const board = pressed(boardOf([taskOf()]), 'l').model;
    const [model] = update(board, { is: 'log', id: 't-1', lines, open: 'op', ended: false }, NOW);
    expect(shownOn(model).slice(-3, -1)).toEqual(['out 49', 'op']);
    expect(shownOn(pressed(model, 'g').model)[1]).toBe('out 0');
    expect(shownOn(pressed(model, 'up', 'up').model).at(-2)).toBe('out 48');
  });
});

test('200×50 has a pane beside the list, 100×45 one below it', () => {
  const wide = text(boardOf(tasks, asked, { columns: 200, rows: 50 }));
  expect(wide).toMatch(/│ state +awaiting input/);
  const high = text(boardOf(tasks, asked, { columns: 100, rows: 45 }));
  expect(high).toMatch(/^state +awaiting input/m);
  expect(text(pressed(boardOf(tasks, asked, { columns: 200, rows: 50 }), 'p').model)).not.toContain(
    '│ state',
  );
});

test('a task that did not change is not drawn anew', () => {
  const model = boardOf(tasksOf(200), [], { columns: 80, rows: 50 });
  const before = shownOn(model);
  const [next] = update(
    model,
    { is: 'changed', tasks: tasksOf(4, { state: 'stopping' }).slice(3), gone: [] },
    NOW,
  );
  const after = shownOn(next);
  expect(after.filter((line, index) => line !== before[index]).length).toBeLessThan(8);
});
