import { expect, test } from 'vitest';
import { matches, parseFilter, toggled } from './board-filter.ts';
import { taskOf } from './board-sample.ts';

const task = taskOf({
  id: 't-1',
  title: 'Fix the Parser',
  group: 'night',
  owner: 'cli:1',
  state: 'running',
});

test.each([
  ['', true],
  ['parser', true],
  ['fix PARSER', true],
  ['fix lexer', false],
  ['group:night', true],
  ['group:ni', true],
  ['group:day', false],
  ['owner:cli:1', true],
  ['state:run fix', true],
  ['state:failed', false],
  ['agent:codex', false],
  ['is:open', true],
  ['is:ended', false],
  ['group:', true],
])('%j matches: %s', (text, wanted) => {
  expect(matches(parseFilter(text), task, true)).toBe(wanted);
});

test('a field is set, replaced and taken away', () => {
  expect(toggled('', 'group', 'night')).toBe('group:night');
  expect(toggled('fix group:day', 'group', 'night')).toBe('fix group:night');
  expect(toggled('fix group:night', 'group', 'night')).toBe('fix');
});
