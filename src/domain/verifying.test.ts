import { describe, expect, test } from 'vitest';
import { NO_CHANGE } from './product.ts';
import { type Asked, attempt, looked, saved, told, VERIFY, without } from './work-sample.ts';

const HONEST = { suspects: ['a.test.ts'], honest: 'h2' };

describe('the verification', () => {
  const OWN = 'it passes only with the checks that the task itself changed';
  const FAILS = ['verify 1 failed FAIL a', 'verify 2 failed FAIL a'];
  const suspect = attempt({ product: saved(HONEST) });
  const untried = attempt({ product: saved({ suspects: ['a.test.ts'] }) });
  const base = { verify: { ...VERIFY, from: 'base' as const } };
  const WITH_BASE = '(it was run with the checks as they were in the base)';
  test.each<[string, Asked, string]>([
    ['is run on what was saved', {}, 'verify 1 c2'],
    ['is waited for', { runs: ['verify 1 open'] }, 'wait t-c1'],
    ['passes', { runs: ['verify 1 passed'] }, 'good passed'],
    [
      'tells nothing of a task that changed nothing',
      { attempt: attempt({ product: saved({ change: NO_CHANGE }) }), runs: ['verify 1 passed'] },
      'good unobserved (it changed nothing, so what passes is the base)',
    ],
    ['is run again when it fails', { runs: ['verify 1 failed'] }, 'verify 2 c2'],
    ['is waited for again', { runs: ['verify 1 failed', 'verify 2 open'] }, 'wait t-c2'],
    ['may be flaky', { runs: ['verify 1 failed', 'verify 2 passed'] }, 'good passed flaky'],
    ['is run on the base when it fails twice', { runs: FAILS }, 'baseline 1 base'],
    [
      'also when the second run tells nothing',
      { runs: ['verify 1 failed FAIL a', 'verify 2 late'] },
      'baseline 1 base',
    ],
    ['waits for the base', { runs: [...FAILS, 'baseline 1 open'] }, 'wait t-c3'],
    [
      'fails where the base passes',
      { runs: [...FAILS, 'baseline 1 passed'] },
      'bad verify_failed failed',
    ],
    [
      'fails where the base cannot be tried',
      { runs: [...FAILS, 'baseline 1 missing'] },
      'bad verify_failed failed',
    ],
    [
      'fails where the base fails elsewhere',
      { runs: [...FAILS, 'baseline 1 failed FAIL b'] },
      'bad verify_failed failed',
    ],
    [
      'tells nothing where the base fails alike',
      { runs: [...FAILS, 'baseline 1 failed FAIL a'] },
      'good unobserved (the base fails in the same way)',
    ],
    [
      'is to be mended all the same where more attempts are asked for',
      { checks: { fix: 1 }, runs: [...FAILS, 'baseline 1 failed FAIL a'] },
      'again unobserved (the base fails in the same way)',
    ],
    [
      'also without names',
      { runs: ['verify 1 failed no', 'verify 2 failed no', 'baseline 1 failed no'] },
      'good unobserved (the base fails in the same way)',
    ],
    [
      'fails where it is not known what it began from',
      {
        runs: FAILS,
        attempt: attempt({ workspace: { path: '/w', cwd: '/w', branch: null, prepared: null } }),
      },
      'bad verify_failed failed',
    ],
    [
      'may take too long',
      { runs: ['verify 1 late'] },
      'good timed_out (it did not end within its time limit)',
    ],
    [
      'may be impossible',
      { runs: ['verify 1 missing'] },
      'good infrastructure (its command was not found (exit code 127))',
    ],
    [
      'may be stopped',
      { runs: ['verify 1 cancelled'] },
      'good unobserved (it was stopped before it had ended)',
    ],
    [
      'is run with the old checks where they were changed',
      { attempt: suspect, runs: ['verify 1 passed'] },
      'honest 1 h2',
    ],
    ['but not after a failure', { attempt: suspect, runs: FAILS }, 'baseline 1 base'],
    [
      'waits for that',
      { attempt: suspect, runs: ['verify 1 passed', 'honest 1 open'] },
      'wait t-c2',
    ],
    [
      'passes with both',
      { attempt: suspect, runs: ['verify 1 passed', 'honest 1 passed'] },
      'good passed',
    ],
    [
      'tries the old checks twice',
      { attempt: suspect, runs: ['verify 1 passed', 'honest 1 failed'] },
      'honest 2 h2',
    ],
    [
      'may be flaky with the old checks',
      { attempt: suspect, runs: ['verify 1 passed', 'honest 1 failed', 'honest 2 passed'] },
      'good passed flaky',
    ],
    [
      'believes no checks that were changed',
      { attempt: suspect, runs: ['verify 1 passed', 'honest 1 failed', 'honest 2 failed'] },
      `good unobserved (${OWN})`,
    ],
    [
      'nor where the old ones cannot be run',
      { attempt: suspect, runs: ['verify 1 passed', 'honest 1 missing'] },
      'good unobserved (the task changed its own checks, and those of the base could not be run: its command was not found (exit code 127))',
    ],
    [
      'nor where nothing else was changed',
      { attempt: untried, runs: ['verify 1 passed'] },
      'good unobserved (all that the task changed is what checks it)',
    ],
    ['may be one with the old checks alone', { attempt: suspect, checks: base }, 'honest 1 h2'],
    [
      'which passes',
      { attempt: suspect, checks: base, runs: ['honest 1 passed'] },
      `good passed ${WITH_BASE}`,
    ],
    [
      'or fails',
      {
        attempt: suspect,
        checks: base,
        runs: ['honest 1 failed', 'honest 2 failed', 'baseline 1 passed'],
      },
      `bad verify_failed failed ${WITH_BASE}`,
    ],
    ['where they were not changed it is the same', { checks: base }, 'verify 1 c2'],
  ])('%s', (_, asked, expected) => {
    expect(told(asked)).toBe(expected);
  });

  test('says what failed, and who saw it', () => {
    const failing = {
      runs: ['verify 1 failed not ok 1 - a', 'verify 2 failed not ok 1 - b', 'baseline 1 passed'],
    };
    expect(looked(failing).product.verification).toEqual({
      result: 'failed',
      tree: 'tree',
      flaky: false,
      detail: null,
      tail: 'not ok 1 - b',
      failing: ['b'],
      runs: ['t-c1', 't-c2'],
    });
    expect(looked({ runs: ['verify 1 passed fine'] }).product.verification).toEqual({
      result: 'passed',
      tree: 'tree',
      flaky: false,
      detail: null,
      tail: '',
      failing: [],
      runs: ['t-c1'],
    });
  });

  test('that is not asked for, or of what is not saved, is none', () => {
    expect(looked({ checks: { verify: null } })).toEqual({ kind: 'good', product: saved() });
    expect(told({ workspace: null, attempt: without({}) })).toBe('good');
  });
});
