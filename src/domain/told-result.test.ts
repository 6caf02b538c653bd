import { describe, expect, test } from 'vitest';
import { EMPTY_REPORT } from './agent-report.ts';
import { gapsTold, previewOf, resultTold, toldIn, wordsTold } from './told-result.ts';
import { attempt } from './work-sample.ts';
import type { WorkerFacts } from './worker.ts';
import { finishOf } from './worker-sample.ts';

const report = { ...EMPTY_REPORT, text: 'I am done.' };
const failed = { ...EMPTY_REPORT, error: { message: 'boom', failure: null } };
const unmet = (...names: string[]): WorkerFacts => ({
  finish: finishOf({ checks: names.map(gap) }),
});
const gap = (requirement: string) => ({ requirement, met: false, evidence: '' });

describe('what is told of an attempt', () => {
  test.each([
    ['nothing', { report: null }, '', ''],
    ['its last words', { report }, 'I am done.', 'I am done.'],
    ['what went wrong', { report: failed }, '', 'boom'],
    ['its result', { report, worker: { finish: finishOf() } }, 'The result.', 'The result.'],
    [
      'its result alone',
      { report: null, worker: { finish: finishOf() } },
      'The result.',
      'The result.',
    ],
  ])('is %s', (_, told, result, words) => {
    expect([resultTold(told), wordsTold(told)]).toEqual([result, words]);
  });

  test('is found in it', () => {
    const worker = { finish: finishOf() };
    const agent = { sessionId: null, resumed: null, before: null, report, settledAt: null };
    expect(toldIn(attempt({ worker, agent }))).toEqual({ worker, report });
    expect(toldIn(attempt()).worker).toBeUndefined();
  });
});

describe('gaps', () => {
  test('are named in a line', () => {
    expect(gapsTold(unmet('tests\npass', 'docs'), 99)).toBe('not met: tests pass; docs');
    expect(gapsTold({ finish: finishOf() }, 99)).toBeNull();
    expect(gapsTold(undefined, 99)).toBeNull();
  });

  test('are cut at their end', () => {
    expect(gapsTold(unmet('a long requirement'), 15)).toBe('not met: a lon…');
    expect(gapsTold(unmet('a long requirement'), 27)).toBe('not met: a long requirement');
  });

  test('stand at the end of a preview, where nothing cuts them off', () => {
    const told = { report: null, worker: unmet('docs') };
    expect(previewOf(told, 300)).toBe('The result.\n(not met: docs)');
    const long = {
      report: null,
      worker: { finish: finishOf({ result: 'x'.repeat(999), checks: [gap('docs')] }) },
    };
    expect(previewOf(long, 300)).toMatch(/^x+\n\(not met: docs\)$/);
    expect(previewOf(long, 300)).toHaveLength(300);
    expect(previewOf({ report }, 300)).toBe('I am done.');
  });
});
