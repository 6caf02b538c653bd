import { describe, expect, test } from 'vitest';
import { gapsIn, parks, type WorkerFacts, withWorker } from './worker.ts';
import { finishOf, QUESTION } from './worker-sample.ts';

const question = QUESTION;
const check = (requirement: string, met: boolean) => ({ requirement, met, evidence: '' });
const finish = finishOf({
  checks: [check('tests pass', true), check('docs', false), check('lint', false)],
});

describe('an attempt parks', () => {
  test.each([
    ['not when it told nothing', undefined, false],
    ['not when it asked nothing', { progress: { at: 1, text: 'half', percent: 50 } }, false],
    ['when it asked', { question }, true],
    ['not when it finished after it had asked', { question, finish }, false],
    ['not when it finished', { finish }, false],
  ])('%s', (_, worker, expected) => {
    expect(parks(worker)).toBe(expected);
  });
});

test('what is told now stands beside what was told before', () => {
  const plain: { number: number; worker?: WorkerFacts } = { number: 1 };
  expect(withWorker(plain, { question })).toEqual({ number: 1, worker: { question } });
  const asked = { number: 1, worker: { question, progress: { at: 1, text: 'a', percent: null } } };
  const progress = { at: 2, text: 'b', percent: 3 };
  expect(withWorker(asked, { progress })).toEqual({ number: 1, worker: { question, progress } });
});

test('gaps are what the worker says is not met', () => {
  expect(gapsIn({ finish }).map(({ requirement }) => requirement)).toEqual(['docs', 'lint']);
  expect(gapsIn({})).toEqual([]);
  expect(gapsIn(undefined)).toEqual([]);
});
