import { describe, expect, test } from 'vitest';
import { type Asked, attempt, looked, saved, told, without } from './work-sample.ts';

const FAILED = { kind: 'exited', code: 1 } as const;
const STOPPED = { kind: 'stopped', reason: 'user' } as const;

describe('first of all the work is saved', () => {
  test.each<[string, Asked, string]>([
    ['after success', { attempt: without({}) }, 'save'],
    ['after failure', { attempt: without({ outcome: FAILED }) }, 'save'],
    ['after a stop', { attempt: without({ outcome: STOPPED }) }, 'save'],
    ['when stopped while finishing', { attempt: without({ cancelled: 'user' }) }, 'save'],
    ['when nothing is asked of it', { attempt: without({}), checks: null }, 'save'],
    [
      'but not where nothing could start',
      { attempt: without({ prepared: { refusal: 'no' } }), checks: null },
      'over',
    ],
    [
      'nor where nothing was made ready',
      { attempt: without({ prepared: null }), checks: null },
      'over',
    ],
    [
      'nor in what is thrown away',
      { attempt: without({}), checks: null, workspace: { kind: 'checkout' } },
      'over',
    ],
    [
      'nor where there is no workspace',
      { attempt: without({}), checks: null, workspace: null },
      'over',
    ],
    ['nor a second time', { checks: null }, 'over'],
    [
      'nor when it cannot be',
      { attempt: attempt({ product: { saved: null, unsaved: 'gone' } }), checks: null },
      'over',
    ],
  ])('%s', (_, asked, expected) => {
    expect(told(asked)).toBe(expected);
  });
});

describe('nothing is asked of the work', () => {
  test.each<[string, Asked]>([
    ['of an attempt that failed', { attempt: attempt({ outcome: FAILED }) }],
    ['of one that was stopped', { attempt: attempt({ outcome: STOPPED }) }],
    ['once the task was stopped', { attempt: attempt({ cancelled: 'user' }) }],
  ])('%s', (_, asked) => {
    expect(told(asked)).toBe('over');
  });
});

describe('work that could not be saved whole', () => {
  const unsaved = attempt({ product: { saved: null, unsaved: 'the folder is gone' } });
  const unfinished = attempt({ product: saved({ on: 'unfinished' }) });
  const LEFT = '! it left a merge, a rebase or the like in the middle, or conflicts';
  test.each<[string, Asked, string]>([
    [
      'is no good',
      { attempt: unsaved },
      'bad uncommitted_changes ! its work could not be saved: the folder is gone',
    ],
    [
      'nor where it never had a place',
      { attempt: without({ prepared: null }) },
      'bad uncommitted_changes ! its work could not be saved: it had no work tree',
    ],
    [
      'is done again while that may be',
      { attempt: unfinished, checks: { fix: 1 } },
      `again ${LEFT}`,
    ],
    [
      'and not more often',
      { attempt: unfinished, checks: { fix: 1 }, earlier: [attempt({ number: 1 })] },
      `bad uncommitted_changes ${LEFT}`,
    ],
  ])('%s', (_, asked, expected) => {
    expect(told(asked)).toBe(expected);
  });
});

describe('the checklist', () => {
  const checklist = ['it is documented'];
  const MET = attempt({ says: 'CHECK 1: met — see README line 7' });
  const OPEN = '! points of the checklist are open: it is documented';
  test.each<[string, Asked, string]>([
    ['is answered', { checks: { verify: null, checklist }, attempt: MET }, 'good'],
    [
      'is asked for again',
      { checks: { verify: null, checklist, fix: 1 }, attempt: attempt({ says: 'done' }) },
      'again',
    ],
    ['is for a person in the end', { checks: { verify: null, checklist } }, `good ${OPEN}`],
    [
      'may be very long',
      { checks: { verify: null, checklist: Array(20).fill('x') } },
      `good ! points of the checklist are open: ${Array(20).fill('x').join(', ')} …`,
    ],
  ])('%s', (_, asked, expected) => {
    expect(told(asked)).toBe(expected);
  });

  test('is recorded as it was answered', () => {
    expect(looked({ checks: { verify: null, checklist }, attempt: MET }).product.checklist).toEqual(
      [{ item: 'it is documented', met: true, evidence: 'see README line 7' }],
    );
  });
});

describe('a person has to look', () => {
  test.each<[string, Asked, string]>([
    [
      'at what is out of the scope',
      {
        runs: ['verify 1 passed'],
        attempt: attempt({ product: saved({ outside: ['.env', 'a'] }) }),
      },
      'good passed ! it changed what needs a person: .env, a',
    ],
    [
      'at what is not verified, where a review is asked for',
      { runs: ['verify 1 missing'], checks: { review: true } },
      'good infrastructure (its command was not found (exit code 127)) ! it is not verified: its command was not found (exit code 127)',
    ],
    [
      'or is not even saved',
      { checks: { review: true }, workspace: null, attempt: without({}) },
      'good ! it is not verified: no work is saved',
    ],
    [
      'but says nothing of what is',
      { runs: ['verify 1 passed'], checks: { review: true } },
      'good passed',
    ],
    ['or needs not be', { checks: { review: true, verify: null } }, 'good'],
  ])('%s', (_, asked, expected) => {
    expect(told(asked)).toBe(expected);
  });
});
