import { describe, expect, test } from 'vitest';
import { criteriaText, isSignificant, namedCriteria } from './significance.ts';
import type { Finish } from './worker.ts';

const finish = (given: Partial<Finish> = {}): Finish => ({
  at: 1,
  result: 'done',
  summary: 'done',
  checks: [],
  significance: '',
  notify: false,
  ...given,
});

describe('the criteria that a significance names', () => {
  test.each<[string, number[]]>([
    ['2: the interface changed', [2]],
    ['2', [2]],
    ['2.', [2]],
    ['(3) it is slower', [3]],
    ['1, 3: both', [1, 3]],
    ['1 and 3: both', [1, 3]],
    ['#1 & #2 – both', [1, 2]],
    ['it meets criterion 2 and criterion 1', [1, 2]],
    ['Criteria 3', [3]],
    ['criterion no. 2', [2]],
    ['see #3', [3]],
    ['4: there is no such', []],
    ['0: nor such', []],
    ['2 tests were repaired', []],
    ['it took 3 minutes', []],
    ['because it matters', []],
    ['', []],
  ])('%j names %j', (significance, named) => {
    expect(namedCriteria(significance, 3)).toEqual(named);
  });
});

describe('what a worker told at its end is worth a push', () => {
  const met = { requirement: 'tests', met: true, evidence: 'ran' };
  const CRITERIA = ['the interface changed', 'data was lost'];

  test.each<[string, Finish | undefined, string[] | undefined, boolean]>([
    ['told nothing', undefined, CRITERIA, true],
    ['did not ask for it', finish({ significance: '1: it did' }), CRITERIA, false],
    [
      'asked and named a criterion',
      finish({ notify: true, significance: '1: it did' }),
      CRITERIA,
      true,
    ],
    ['asked and named none', finish({ notify: true, significance: 'important!' }), CRITERIA, false],
    [
      'asked and named one that is not there',
      finish({ notify: true, significance: '3: so' }),
      CRITERIA,
      false,
    ],
    ['asked, and there are none', finish({ notify: true }), [], true],
    ['asked, and nobody set any', finish({ notify: true }), undefined, true],
    ['did not ask, and there are none', finish(), [], false],
    ['left a requirement open', finish({ checks: [met, { ...met, met: false }] }), CRITERIA, true],
    ['met all requirements', finish({ checks: [met] }), CRITERIA, false],
  ])('%s', (_, told, criteria, expected) => {
    expect(isSignificant(told, criteria)).toBe(expected);
  });
});

describe('what a worker is told', () => {
  test('the criteria with their numbers, each in a line', () => {
    const text = criteriaText({
      notify: 'if_significant',
      criteria: ['the interface\nchanged', 'data was lost'],
    });
    expect(text).toContain('\n1. the interface changed\n2. data was lost\n');
    expect(text).toContain('`significance`');
  });

  test('that it decides, where there are none', () => {
    expect(criteriaText({ notify: 'if_significant' })).toContain('set `notify` only if');
  });

  test('nothing under another policy', () => {
    expect(criteriaText({ notify: 'always', criteria: ['x'] })).toBe('');
  });
});
