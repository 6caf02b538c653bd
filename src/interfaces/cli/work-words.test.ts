import { expect, test } from 'vitest';
import { standing } from './batch-work.ts';
import { DiffLines } from './diff-lines.ts';
import { workIn, type WorkOptions } from './work-options.ts';

test.each<[WorkOptions, object]>([
  [{}, {}],
  [{ worktree: true }, { workspace: { kind: 'worktree' } }],
  [{ worktree: '' }, { workspace: { kind: 'worktree' } }],
  [
    { worktree: 'fix/login', base: 'main', setup: 'npm ci' },
    { workspace: { kind: 'worktree', branch: 'fix/login', base: 'main', setup: 'npm ci' } },
  ],
  [{ base: 'v1' }, { workspace: { kind: 'worktree', base: 'v1' } }],
  [{ inPlace: true }, { workspace: { kind: 'in_place' } }],
  [
    { verify: 'make', verifyTimeout: 90_000, fix: 2, fixPrompt: 'See {output}' },
    { verify: 'make', verifyTimeout: '90000ms', fix: 2, fixPrompt: 'See {output}' },
  ],
  [
    { iterate: 3, eval: './score' },
    { verify: './score', fix: 2 },
  ],
  [
    { iterate: 1, eval: './score', fixPrompt: 'x' },
    { verify: './score', fix: 0 },
  ],
  [{ judge: 'claude' }, { judge: { agent: 'claude' } }],
  [{ judge: 'opencode:a/b:c' }, { judge: { agent: 'opencode', model: 'a/b:c' } }],
  [
    { review: true, scope: ['src/**'], check: ['tests'], bestOf: 3, metric: './n' },
    { review: true, scope: ['src/**'], checklist: ['tests'], bestOf: 3, metric: './n' },
  ],
])('%j is submitted as %j', (given, wire) => {
  expect(workIn(given, '/')).toEqual(wire);
});

test.each<[WorkOptions, string]>([
  [{ worktree: true, inPlace: true }, '--worktree and --in-place contradict each other'],
  [{ inPlace: true, base: 'main' }, '--in-place and --base contradict each other'],
  [{ iterate: 3, eval: 'x', verify: 'y' }, '--iterate and --verify contradict each other'],
  [{ iterate: 3, eval: 'x', fix: 1 }, '--iterate and --fix contradict each other'],
  [{ iterate: 3 }, '--iterate says nothing without --eval'],
  [{ eval: 'x' }, '--eval says nothing without --iterate'],
  [{ fixPrompt: 'x' }, '--fix-prompt says nothing without --fix or --iterate'],
  [{ verifyTimeout: 5 }, '--verify-timeout says nothing without --verify or --eval'],
  [{ judgeRounds: 2 }, '--judge-rounds says nothing without --judge'],
  [{ metric: 'x' }, '--metric says nothing without --best-of'],
  [{ judge: ':opus' }, '--judge ":opus" is neither an agent nor agent:model'],
  [{ judge: 'claude:' }, '--judge "claude:" is neither an agent nor agent:model'],
  [{ fix: 1, fixPrompt: '@/none/such' }, '--fix-prompt: there is no file /none/such'],
])('%j is refused', (given, message) => {
  expect(() => workIn(given, '/')).toThrow(message);
});

test('of the defaults of a batch, what a task says itself takes the place of what contradicts it', () => {
  const defaults = { worktree: true, base: 'main', verify: 'make', fix: 2, review: true };
  expect(standing(defaults, { in_place: true })).toEqual({ verify: 'make', fix: 2, review: true });
  expect(standing(defaults, { iterate: 2, eval: 'x' })).toEqual({
    worktree: true,
    base: 'main',
    review: true,
  });
  expect(standing({ in_place: true }, { worktree: 'mine' })).toEqual({});
  expect(standing({ iterate: 2, eval: 'x' }, { fix: 1 })).toEqual({});
  expect(standing(defaults, { worktree: false })).toEqual(defaults);
});

const PAINTED: Record<string, string> = { bold: 'b', cyan: 'c', green: 'g', red: 'r' };
const lines = (): DiffLines =>
  new DiffLines({ paint: (style, text) => `${PAINTED[String(style)]}(${text})` });

test('a patch is coloured line by line, however it is cut into parts', () => {
  const patch = [
    'diff --git a/x b/x',
    '--- a/x',
    '+++ b/x',
    '@@ -1,2 +1,2 @@',
    ' same',
    '--- gone',
    '+++ new',
    'diff --git a/y b/y',
    'Binary files differ',
    '',
  ].join('\n');
  const whole = lines();
  const expected = whole.write(patch) + whole.end();
  expect(expected.split('\n')).toEqual([
    'b(diff --git a/x b/x)',
    'b(--- a/x)',
    'b(+++ b/x)',
    'c(@@ -1,2 +1,2 @@)',
    ' same',
    'r(--- gone)',
    'g(+++ new)',
    'b(diff --git a/y b/y)',
    'b(Binary files differ)',
    '',
  ]);
  const parts = lines();
  expect(
    patch
      .split('')
      .map((one) => parts.write(one))
      .join('') + parts.end(),
  ).toBe(expected);
});

test('nothing in a patch is obeyed by the terminal', () => {
  const one = lines();
  const hostile = '@@\n+\u001b]0;owned\u0007\u001b[2J red\u001b[31m\rover\r\n+\ttab';
  expect(one.write(hostile) + one.end()).toBe(
    'c(@@)\ng(+\\x1b]0;owned\\x07\\x1b[2J red\\x0dover)\ng(+\ttab)\n',
  );
});
