import { expect, test } from 'vitest';
import { change, type Frame } from './screen-frame.ts';

const OPTIONS = { columns: 10, atOnce: false };
const frame = (lines: string[], cursor: Frame['cursor'] = null): Frame => ({ lines, cursor });

test('only what changed is written, in one piece', () => {
  const bytes = change(frame(['a', 'b', 'c']), frame(['a', 'x', 'c']), OPTIONS);
  expect(bytes).toBe('\u001b[?25l\u001b[2;1Hx\u001b[K\u001b[?25l');
});

test('nothing changed: nothing is written', () => {
  expect(change(frame(['a']), frame(['a']), OPTIONS)).toBe('');
  const cursor = { row: 0, column: 1 };
  expect(change(frame(['a'], cursor), frame(['a'], { ...cursor }), OPTIONS)).toBe('');
});

test('where anything may be shown, all is cleared once', () => {
  const bytes = change(null, frame(['a', 'b']), OPTIONS);
  expect(bytes.split('\u001b[2J')).toHaveLength(2);
  expect(bytes).toContain('\u001b[1;1Ha');
  expect(bytes).toContain('\u001b[2;1Hb');
});

test('a line in the last column is not followed by a clearing', () => {
  expect(change(frame(['']), frame(['0123456789']), OPTIONS)).not.toContain('\u001b[K');
  expect(change(frame(['']), frame(['日本語日本']), OPTIONS)).not.toContain('\u001b[K');
});

test('lines that are gone are cleared, and the cursor is put where something is typed', () => {
  const bytes = change(frame(['a', 'b']), frame(['a'], { row: 0, column: 1 }), OPTIONS);
  expect(bytes).toBe('\u001b[?25l\u001b[2;1H\u001b[K\u001b[1;2H\u001b[?25h');
});

test('a terminal that can is told to show it at once', () => {
  const bytes = change(frame(['a']), frame(['b']), { ...OPTIONS, atOnce: true });
  expect(bytes.startsWith('\u001b[?2026h')).toBe(true);
  expect(bytes.endsWith('\u001b[?2026l')).toBe(true);
});
