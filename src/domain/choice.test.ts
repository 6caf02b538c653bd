import { describe, expect, test } from 'vitest';
import {
  ANYBODY,
  choiceInWords,
  type ChoiceRule,
  type Chooser,
  isAuto,
  isBelow,
  leftOutInWords,
  ruleFor,
  ruleInWords,
} from './choice.ts';

const RULE: ChoiceRule = {
  labels: {},
  paths: [],
  longerThan: null,
  shorterThan: null,
  agents: null,
  model: null,
  tier: null,
};
const rule = (of: Partial<ChoiceRule>): ChoiceRule => ({ ...RULE, ...of });
const TASK: Chooser = { prompt: '12345', labels: {}, cwd: '/home/me/web/docs/guides' };
const fits = (of: Partial<ChoiceRule>, task: Partial<Chooser> = {}): boolean =>
  ruleFor([rule(of)], { ...TASK, ...task }) !== null;

describe('a folder and a pattern', () => {
  test.each([
    ['/home/me/web', 'web', true],
    ['/home/me/web', 'me/web', true],
    ['/home/me/web', 'me', false],
    ['/home/me/web', 'me/**', true],
    ['/home/me', 'me/**', true],
    ['/home/me/web/docs', 'docs/**', true],
    ['/home/me/web/docs/a/b', 'docs/**', true],
    ['/home/me/web/docs/a/b', 'docs/*', false],
    ['/home/me/web/docs/a', 'docs/*', true],
    ['/home/me/web/docsets', 'docs/**', false],
    ['/home/me/web', '/home/me/web', true],
    ['/home/me/web/', '/home/me/web', true],
    ['/home/me/web/a', '/home/me/web', false],
    ['/home/me/web/a', '/home/me/web/**', true],
    ['/srv/home/me/web', '/home/me/web/**', false],
    ['/a/b/c/d', '/a/**/d', true],
    ['/a/d', '/a/**/d', true],
    ['/a/b/c/d', '/a/*/d', false],
    ['/a/web-1', 'web-?', true],
    ['/a/web-12', 'web-?', false],
    ['/a/web.old', 'web.*', true],
    ['/a/webxold', 'web.*', false],
    ['/a/(x)[y]', '(x)[y]', true],
    ['/a/a**b', 'a*b', true],
    ['/', '**', true],
    ['/', '/', true],
    ['/a', '/', false],
    ['/a/ü😀', '*?', true],
  ])('%s, %s: %s', (path, pattern, expected) => {
    expect(isBelow(path, pattern)).toBe(expected);
  });
});

describe('a rule', () => {
  test('without conditions fits everything', () => {
    expect(fits({})).toBe(true);
  });

  test.each<[Record<string, string>, Record<string, string>, boolean]>([
    [{ kind: 'docs' }, { kind: 'docs', more: 'x' }, true],
    [{ kind: 'docs' }, { kind: 'code' }, false],
    [{ kind: 'docs' }, {}, false],
    [{ kind: '*' }, { kind: 'anything' }, true],
    [{ kind: '*' }, {}, false],
    [{ kind: 'docs', size: 's' }, { kind: 'docs' }, false],
    [{ kind: 'docs', size: 's' }, { kind: 'docs', size: 's' }, true],
    [{ toString: '*' }, {}, false],
  ])('of the labels %j, labels %j: %s', (labels, given, expected) => {
    expect(fits({ labels }, { labels: given })).toBe(expected);
  });

  test('of paths fits with one of them', () => {
    expect(fits({ paths: ['src/**', 'docs/**'] })).toBe(true);
    expect(fits({ paths: ['src/**'] })).toBe(false);
  });

  test.each<[number | null, number | null, boolean]>([
    [4, null, true],
    [5, null, false],
    [null, 6, true],
    [null, 5, false],
    [4, 6, true],
    [0, 3, false],
  ])('of a prompt longer than %s and shorter than %s, of 5: %s', (longerThan, shorterThan, fit) => {
    expect(fits({ longerThan, shorterThan })).toBe(fit);
  });

  test('needs all of its conditions', () => {
    const whole = { labels: { kind: 'docs' }, paths: ['docs/**'], longerThan: 2 };
    expect(fits(whole, { labels: { kind: 'docs' } })).toBe(true);
    expect(fits(whole, { labels: { kind: 'docs' }, cwd: '/' })).toBe(false);
    expect(fits(whole, { labels: { kind: 'docs' }, prompt: '12' })).toBe(false);
    expect(fits(whole)).toBe(false);
  });

  test('is the first one that fits', () => {
    const rules = [rule({ longerThan: 99 }), rule({ tier: 'lite' }), rule({ tier: 'high' })];
    expect(ruleFor(rules, TASK)).toEqual({ rule: rules[1], number: 2 });
    expect(ruleFor([], TASK)).toBeNull();
    expect(ruleFor([rule({ longerThan: 99 })], TASK)).toBeNull();
  });

  test('in words', () => {
    const whole = {
      labels: { kind: 'docs' },
      paths: ['docs/**', 'web/**'],
      longerThan: 2,
      shorterThan: 9,
    };
    expect(ruleInWords(rule(whole))).toBe(
      'kind=docs, docs/** or web/**, longer than 2, shorter than 9',
    );
    expect(ruleInWords(RULE)).toBe('for everything');
  });
});

describe('a choice in words', () => {
  const RULED = { rule: rule({ labels: { kind: 'docs' } }), number: 2 };
  const NOTHING = { agent: null, model: null, tier: null, reason: null };

  test.each([
    [['claude', 'codex'], null, null, 'claude, codex can do it; the least busy one is taken'],
    [['claude'], null, null, 'claude is the only one that can do it'],
    [
      ['claude', 'codex'],
      RULED,
      null,
      'claude, codex can do it by rule 2 (kind=docs); the least busy one is taken',
    ],
    [['claude'], RULED, null, 'claude is the only one that can do it by rule 2 (kind=docs)'],
    [
      ['codex', 'claude'],
      null,
      { advice: { ...NOTHING, agent: 'codex', reason: 'small' } },
      'the classifier chose codex: small',
    ],
    [
      ['codex'],
      RULED,
      { advice: { ...NOTHING, agent: 'codex', model: 'mini' } },
      'the classifier chose codex with mini by rule 2 (kind=docs)',
    ],
    [
      ['claude'],
      null,
      { advice: { ...NOTHING, tier: 'lite', reason: 'small' } },
      'the classifier chose the tier lite and no agent (small); claude is the only one that can do it',
    ],
    [
      ['claude'],
      null,
      { advice: NOTHING },
      'the classifier chose no agent; claude is the only one that can do it',
    ],
    [
      ['claude', 'codex'],
      null,
      { failure: 'took longer than 20 s' },
      'the classifier took longer than 20 s; claude, codex can do it; the least busy one is taken',
    ],
  ] as const)('%j', (agents, ruled, heard, words) => {
    const chosen = choiceInWords(agents, ruled, heard);
    expect(chosen).toBe(`auto: ${words}`);
    expect(isAuto(chosen)).toBe(true);
  });

  test('nobody', () => {
    expect(choiceInWords([], null, null)).toBe('auto: nobody can do it');
    expect(choiceInWords([], RULED, null)).toBe('auto: nobody can do it by rule 2 (kind=docs)');
  });

  test('other words are of no such choice', () => {
    expect(isAuto(null)).toBe(false);
    expect(isAuto('fallback: gemini is not installed')).toBe(false);
  });

  test('who is left out', () => {
    const leftOut = [
      { agent: 'amp', why: 'amp is not installed' },
      { agent: 'kilo', why: 'kilo is not logged in' },
    ];
    expect(leftOutInWords(leftOut)).toBe('amp is not installed; kilo is not logged in');
    expect(ANYBODY.rules).toEqual([]);
  });
});
