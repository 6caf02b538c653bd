import { expect, test } from 'vitest';
import { inOrder, type Planned } from '../../domain/plan.ts';
import { lineage } from './batch-tree.ts';

/** `c: a, b` waits for a and b. */
function tree(...lines: string[]): string[] {
  const planned = lines.map((line, index) => {
    const [name = '', on = ''] = line.split(': ');
    const names = on === '' ? [] : on.split(', ');
    return {
      name,
      index,
      after: names.map((other) => ({ name: other, when: 'success' as const })),
    };
  });
  const placed = inOrder<Planned & { index: number }>(planned);
  return lineage(placed.map(({ task, level }) => ({ ...task, level }))).map(
    ({ task, branch, others }) =>
      `${branch}${task.name}${others.length === 0 ? '' : ` (${others.join(', ')})`}`,
  );
}

test.each<[string, string[], string[]]>([
  ['tasks that wait for nobody stand as they are written', ['b', 'a'], ['b', 'a']],
  ['a chain', ['c: b', 'b: a', 'a'], ['a', '└ b', '  └ c']],
  ['brothers', ['a', 'b: a', 'c: a', 'd: b'], ['a', '├ b', '│ └ d', '└ c']],
  ['under the last that it waits for', ['a', 'b: a', 'c: a, b'], ['a', '└ b', '  └ c (a)']],
  ['under the first of equals', ['a', 'b', 'c: a, b'], ['a', '└ c (b)', 'b']],
])('%s', (_, lines, expected) => {
  expect(tree(...lines)).toEqual(expected);
});

test('a chain that is too deep for a terminal goes on', () => {
  const lines = Array.from({ length: 5_000 }, (_, at) => (at === 0 ? 't0' : `t${at}: t${at - 1}`));
  const last = tree(...lines).at(-1) ?? '';
  expect(last).toMatch(/^… .*└ t4999$/);
  expect(last.length).toBeLessThan(40);
});
