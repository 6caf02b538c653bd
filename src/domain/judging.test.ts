import { describe, expect, test } from 'vitest';
import { NO_CHANGE, type Saved } from './product.ts';
import { type Asked, attempt, JUDGE, looked, saved, told, without } from './work-sample.ts';

describe('the judge', () => {
  const judged = { verify: null, judge: JUDGE };
  const revised = (given: Partial<Saved> = {}) =>
    attempt({
      number: 1,
      product: { ...saved(given), judged: { decision: 'revise', reasons: [], run: 't-c9' } },
    });
  const idle = { since: NO_CHANGE };
  test.each<[string, Asked, string]>([
    [
      'is asked after the verification',
      { checks: { judge: JUDGE }, runs: ['verify 1 passed'] },
      'judge 1 c2',
    ],
    ['also where there is none', { checks: judged }, 'judge 1 c2'],
    [
      'not after a failed one',
      {
        checks: { judge: JUDGE },
        runs: ['verify 1 failed', 'verify 2 failed', 'baseline 1 passed'],
      },
      'bad verify_failed failed',
    ],
    ['is waited for', { checks: judged, runs: ['judge 1 open'] }, 'wait t-c1'],
    ['approves', { checks: judged, runs: ['judge 1 approve'] }, 'good'],
    [
      'leaves it to a person',
      { checks: judged, runs: ['judge 1 escalate'] },
      'good ! the judge leaves it to a person: why escalate',
    ],
    ['sends it back', { checks: judged, runs: ['judge 1 revise'] }, 'again'],
    [
      'as often as it may',
      { checks: judged, runs: ['judge 1 revise'], earlier: [revised()] },
      'bad judge_rejected',
    ],
    [
      'while something changes',
      {
        checks: { ...judged, judge: { ...JUDGE, rounds: 3 } },
        runs: ['judge 1 revise'],
        earlier: [revised(idle)],
        attempt: attempt({ product: saved(idle) }),
      },
      'bad judge_rejected ! 2 attempts in a row changed nothing',
    ],
    [
      'may be lost',
      { checks: judged, runs: ['judge 1 lost'] },
      'good ! the judge could not be asked: its task t-c1 was lost: its process is gone',
    ],
    [
      'may be stopped',
      { checks: judged, runs: ['judge 1 cancelled'] },
      'good ! the judge could not be asked: its task t-c1 was stopped',
    ],
    [
      'has to have something',
      { checks: judged, workspace: null, attempt: without({}) },
      'good ! the judge could not be asked: no work is saved',
    ],
  ])('%s', (_, asked, expected) => {
    expect(told(asked)).toBe(expected);
  });

  test('counts apart from fixes', () => {
    const runs = ['verify 1 failed FAIL a', 'verify 2 failed FAIL a', 'baseline 1 passed'];
    expect(told({ checks: { judge: JUDGE, fix: 1 }, runs, earlier: [revised()] })).toBe(
      'again failed',
    );
  });

  test('is recorded', () => {
    expect(looked({ checks: judged, runs: ['judge 1 revise'] }).product.judged).toEqual({
      decision: 'revise',
      reasons: ['why revise'],
      run: 't-c1',
    });
  });
});
