import { expect, test } from 'vitest';
import { pairs, table } from './table.ts';
import { width } from './text.ts';

const plain = { paint: (_: unknown, text: string) => text };
const columns = [
  { title: 'ID' },
  { title: 'N', align: 'right' },
  { title: 'TITLE', flexible: true },
] as const;
const row = (id: string, n: string, title: string) => [
  [{ text: id }],
  [{ text: n }],
  [{ text: title }],
];

test('columns line up, numbers to the right', () => {
  expect(table(columns, [row('t-1', '5', 'make'), row('t-22', '10', 'ls')], plain, null)).toEqual([
    'ID     N  TITLE',
    't-1    5  make',
    't-22  10  ls',
  ]);
});

test('the flexible column gives way, wide characters counted', () => {
  const lines = table(columns, [row('t-1', '5', '日本'.repeat(30))], plain, 40);
  expect(lines.every((line) => width(line) <= 40)).toBe(true);
  expect(lines[1]?.endsWith('…')).toBe(true);
});

test('a cell never moves the cursor or starts a line', () => {
  const [, line] = table(columns, [row('t-1', '5', 'a\nb\u001b[2J\u0007')], plain, 80);
  expect(line).toBe('t-1  5  a b\\x07');
});

test('values stand under each other', () => {
  expect(
    pairs(
      [
        ['a', '1'],
        ['long', '2'],
      ],
      plain,
    ),
  ).toEqual(['a     1', 'long  2']);
});
