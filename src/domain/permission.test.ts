import { describe, expect, test } from 'vitest';
import { LONGEST_SUBJECT } from './act.ts';
import {
  asking,
  type Decision,
  decisionOn,
  fits,
  grantedBefore,
  mayPass,
  type PermissionLayer,
  type PermissionRule,
} from './permission.ts';
import type { Act, Question } from './question.ts';

const rule = (tool: string, match: string | null, decision: Decision): PermissionRule => ({
  tool,
  match,
  decision,
});
const layer = (otherwise: Decision | null, ...rules: PermissionRule[]): PermissionLayer => ({
  from: 'person',
  otherwise,
  rules,
});
const bash = (subject: string): Act => ({ tool: 'Bash', subject });

test.each([
  ['*', '', true],
  ['*', 'anything\nat all', true],
  ['git *', 'git push', true],
  ['git *', 'gitk', false],
  ['*.ts', 'src/a.ts', true],
  ['a*b*c', 'aXbYc', true],
  ['a*b*c', 'aXc', false],
  ['ab*ba', 'aba', false],
  ['a', 'a', true],
  ['a', 'ab', false],
  ['?', 'a', false],
  ['(a+)+*', '(a+)+x', true],
])('the glob %s stands for %j: %s', (glob, text, is) => {
  expect(fits(glob, text)).toBe(is);
});

describe('a decision', () => {
  const RULES = layer(
    'ask',
    rule('Bash', 'git push --mirror*', 'deny'),
    rule('Bash', 'git *', 'allow'),
    rule('Bash', 'make', 'allow'),
    rule('Bash', 'rm *', 'deny'),
    rule('Bash', 'curl *', 'ask'),
    rule('Bash', 'date > now', 'allow'),
    rule('Write', 'docs/*', 'allow'),
    rule('Write', 'secrets/*', 'deny'),
    rule('mcp__x__*', null, 'allow'),
  );

  test.each<[tool: string, subject: string, decision: Decision]>([
    ['Bash', 'git status', 'allow'],
    ['Bash', 'git', 'allow'],
    ['Bash', 'git status && make', 'allow'],
    ['Bash', 'git push --mirror', 'deny'],
    ['Bash', 'git status; rm -rf /', 'deny'],
    ['Bash', 'git status $(rm -rf /)', 'deny'],
    ['Bash', 'FORCE=1 sudo rm -rf /', 'deny'],
    ['Bash', 'if true; then rm x; fi', 'deny'],
    ['Bash', 'LD_PRELOAD=x git status', 'ask'],
    ['Bash', 'git log > /etc/passwd', 'ask'],
    ['Bash', 'git log > /dev/null 2>&1', 'allow'],
    ['Bash', 'date > now', 'allow'],
    ['Bash', 'git status; curl x', 'ask'],
    ['Bash', 'ls', 'ask'],
    ['Bash', '', 'ask'],
    ['Write', 'docs/a.md', 'allow'],
    ['Write', 'src/a.ts', 'ask'],
    ['Write', 'secrets/a', 'deny'],
    ['mcp__x__y', '{"a":1}', 'allow'],
    ['mcp__y__x', '', 'ask'],
    ['Bash', `git ${'x'.repeat(LONGEST_SUBJECT)}`, 'deny'],
  ])('of %s %s is %s', (tool, subject, decision) => {
    expect(decisionOn({ tool, subject }, [RULES]).decision).toBe(decision);
  });

  test('names the rule', () => {
    expect(decisionOn(bash('make'), [RULES]).by).toBe('person: Bash "make" = allow');
    expect(decisionOn(bash('ls'), [RULES]).by).toBe('person: default');
    expect(decisionOn({ tool: 'mcp__x__y', subject: '' }, [RULES]).by).toBe(
      'person: mcp__x__* = allow',
    );
    expect(decisionOn(bash('ls'), [])).toEqual({ decision: 'deny', by: 'no rule' });
    expect(decisionOn(bash('ls'), [layer(null)])).toEqual({ decision: 'deny', by: 'no rule' });
  });

  test.each<[Decision, Decision | null, Decision]>([
    ['allow', 'ask', 'ask'],
    ['allow', 'deny', 'deny'],
    ['allow', null, 'allow'],
    ['ask', 'allow', 'ask'],
    ['deny', 'allow', 'deny'],
  ])('of %s by the person and %s by the project is %s', (person, project, decision) => {
    const layers = [layer(person), { ...layer(project), from: 'project' }];
    expect(decisionOn(bash('ls'), layers).decision).toBe(decision);
  });

  test('an allowed `*` writes files, too', () => {
    expect(decisionOn(bash('ls > x'), [layer('deny', rule('*', '*', 'allow'))]).decision).toBe(
      'allow',
    );
  });
});

describe('an earlier answer', () => {
  const question = (act: Act | undefined, answer: string | null, more = {}): Question => ({
    id: 'q-1',
    asker: 'permission',
    text: '',
    options: [],
    context: '',
    askedAt: 0,
    deadlineAt: null,
    fallback: null,
    ...(act !== undefined && { act }),
    answer: answer === null ? null : { text: answer, at: 1, by: 'cli:1' },
    ...more,
  });

  test.each<[answer: string, same: Decision | null, alike: Decision | null]>([
    ['allow', 'allow', null],
    [' Allow ', 'allow', null],
    ['yes', 'allow', null],
    ['allow always', 'allow', 'allow'],
    ['Always.', 'allow', 'allow'],
    ['deny', 'deny', null],
    ['use make instead', 'deny', null],
  ])('%j: the same act %s, one like it %s', (answer, same, alike) => {
    const asked = [question(bash('git push a'), answer)];
    expect(grantedBefore(bash('git push a'), asked)?.decision ?? null).toBe(same);
    expect(grantedBefore(bash('git push b'), asked)?.decision ?? null).toBe(alike);
  });

  test('says why it is refused', () => {
    expect(grantedBefore(bash('ls'), [question(bash('ls'), 'use make')])?.by).toBe(
      'answer to q-1: use make',
    );
  });

  test('is the last one', () => {
    const asked = [question(bash('ls'), 'allow'), question(bash('ls'), 'deny')];
    expect(grantedBefore(bash('ls'), asked)?.decision).toBe('deny');
  });

  test.each([
    question(bash('ls'), null),
    question(undefined, 'allow'),
    question(bash('ls'), 'allow', { asker: 'worker' }),
    question(bash('pwd'), 'deny'),
  ])('that is none to this act counts for nothing', (asked) => {
    expect(grantedBefore(bash('ls'), [asked])).toBeNull();
  });
});

test('a task that asks is asked for what would be refused', () => {
  expect(asking(layer('deny')).otherwise).toBe('ask');
  expect(asking(layer('allow')).otherwise).toBe('allow');
});

test.each([
  [[layer('deny')], false],
  [[layer('deny', rule('*', null, 'deny'))], false],
  [[layer('deny', rule('Bash', 'make', 'allow'))], true],
  [[layer('ask')], true],
  [[layer('ask'), layer(null)], true],
  [[layer('ask'), layer('deny')], false],
  [[], false],
])('the agent need not ask where all is refused', (layers, may) => {
  expect(mayPass(layers)).toBe(may);
});
