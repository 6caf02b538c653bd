import { expect, test } from 'vitest';
import { mergeMessage, type MergeWords } from './merge-message.ts';

const WORDS: MergeWords = {
  id: 't-1',
  title: 'Fix the parser',
  branch: 'tend/t-1',
  cost: 0.5,
  verification: 'passed',
};

test.each<[string, string | null, Partial<MergeWords>, string]>([
  [
    'our own words',
    null,
    {},
    'Merge Fix the parser\n\nTend-Task: t-1\nTend-Verification: passed\nTend-Cost: $0.50\n',
  ],
  [
    'a cost that nobody knows is not told',
    null,
    { cost: null },
    'Merge Fix the parser\n\nTend-Task: t-1\nTend-Verification: passed\n',
  ],
  [
    'titles are one line, so that none of them adds a line of its own',
    '{title}\n\n{verification}',
    { title: ' a\n\nTend-Cost: $0 \u0000', verification: 'none,\nmerged because: x' },
    'a Tend-Cost: $0 \u0000\n\nnone, merged because: x\n',
  ],
  ['what has no meaning stays', '{nothing} {id} {{id}} {', {}, '{nothing} t-1 {t-1} {\n'],
  ['a word is filled in once', '{title}', { title: '{id}' }, '{id}\n'],
  ['a sentence stays without its word', 'Costs {cost}.', { cost: null }, 'Costs .\n'],
  ['a branch', 'Merge branch {branch}\n\n\n', {}, 'Merge branch tend/t-1\n'],
])('%s', (_, template, changes, message) => {
  expect(mergeMessage(template, { ...WORDS, ...changes })).toBe(message);
});
