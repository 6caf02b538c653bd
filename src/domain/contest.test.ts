import { describe, expect, test } from 'vitest';
import type { AgentWork } from './agent-work.ts';
import type { EndedAttempt, Outcome } from './attempt.ts';
import type { Verification } from './verdict.ts';
import { NO_CHANGE, type Product, resultIn, type Saved } from './product.ts';
import {
  type Asked,
  attempt,
  CHECKS,
  finishing,
  JUDGE,
  looked,
  saved,
  told,
  WORKSPACE,
} from './work-sample.ts';
import { look } from './pipeline.ts';

const EXIT_1: Outcome = { kind: 'exited', code: 1 };
const limit = { class: 'until', until: null, message: 'no' } as const;
const REFUSED: Outcome = { kind: 'rate_limited', limit, message: 'no' };
const SILENT: Outcome = { kind: 'stopped', reason: 'no_first_output' };

interface Made extends Partial<Saved> {
  result?: Exclude<Verification, 'none'>;
  metric?: number | null;
  outcome?: Outcome;
}
const rival = (number: number, made: Made | null = {}): EndedAttempt => {
  const { result, metric, outcome, ...given } = made ?? {};
  const product: Product = {
    ...saved({ commit: `r${number}`, ...given }),
    ...(metric !== undefined && { metric }),
    ...(result && {
      verification: {
        result,
        tree: 'tree',
        flaky: false,
        detail: null,
        tail: '',
        failing: [],
        runs: [],
      },
    }),
  };
  return attempt({ number, ...(outcome && { outcome }), product });
};
const lines = (insertions: number) => ({ change: { ...NO_CHANGE, files: 1, insertions } });

/** What the look came to, and who won. */
function won(asked: Asked): string {
  const seen = looked(asked);
  return [told(asked), seen.product.best && `#${seen.product.best.number}`]
    .filter(Boolean)
    .join(' ');
}

describe('attempts that compete', () => {
  const two = { bestOf: 2, verify: null };
  const passed = ['verify 1 passed'];
  const bad = ['verify 1 failed', 'verify 2 failed', 'baseline 1 passed'];
  test.each<[string, Asked, string]>([
    ['are followed by another', { checks: two }, 'again'],
    ['also when they fail', { checks: two, attempt: attempt({ outcome: EXIT_1 }) }, 'again'],
    ['are verified first', { checks: { bestOf: 2 } }, 'verify 1 c2'],
    ['whatever comes of it', { checks: { bestOf: 2 }, runs: bad }, 'again failed'],
    ['end with the last', { checks: two, earlier: [rival(1)] }, 'good #1'],
    [
      'do not count when they never began',
      { checks: two, earlier: [rival(1, { outcome: { kind: 'voided' } })] },
      'again',
    ],
    [
      'nor without their session',
      {
        checks: two,
        earlier: [rival(1, { outcome: { kind: 'resume_unavailable', message: 'no' } })],
      },
      'again',
    ],
    [
      'nor when they were refused',
      { checks: two, earlier: [rival(1, { outcome: REFUSED })] },
      'again',
    ],
    [
      'nor when they were silent at first',
      { checks: two, earlier: [rival(1, { outcome: SILENT })] },
      'again',
    ],
    [
      'but when they were so again',
      {
        checks: { ...two, bestOf: 3 },
        earlier: [rival(0, { outcome: SILENT }), rival(1, { outcome: SILENT })],
        attempt: attempt({ outcome: EXIT_1 }),
      },
      'again',
    ],
    [
      'are no good when none of them is',
      {
        checks: two,
        earlier: [rival(1, { outcome: EXIT_1 })],
        attempt: attempt({ outcome: EXIT_1 }),
      },
      'bad exit_code',
    ],
    [
      'nor when none is verified',
      { checks: { bestOf: 2 }, earlier: [rival(1, { result: 'failed' })], runs: bad },
      'bad verify_failed failed',
    ],
    [
      'nor when nothing is whole',
      {
        checks: two,
        earlier: [rival(1, { on: 'unfinished' })],
        attempt: attempt({ product: { saved: null, unsaved: 'gone' } }),
      },
      'bad uncommitted_changes ! its work could not be saved: gone',
    ],
    [
      'are over when the task is stopped',
      { checks: two, attempt: attempt({ cancelled: 'user' }) },
      'over',
    ],
    [
      'or one of them was',
      { checks: two, attempt: attempt({ outcome: { kind: 'stopped', reason: 'user' } }) },
      'over',
    ],
    [
      'are won by an earlier one when the last fails',
      { checks: two, earlier: [rival(1)], attempt: attempt({ outcome: EXIT_1 }) },
      'good #1',
    ],
    [
      'are won by what is verified',
      {
        checks: { bestOf: 2 },
        earlier: [rival(1, { result: 'timed_out', metric: 9 })],
        runs: passed,
      },
      'good passed #2',
    ],
    [
      'then by the higher number',
      {
        checks: { ...two, metric: 'm' },
        earlier: [rival(1, { metric: 3 })],
        runs: ['metric 1 passed 4'],
      },
      'good #2',
    ],
    [
      'however low it is',
      {
        checks: { ...two, metric: 'm' },
        earlier: [rival(1, { metric: -3 })],
        runs: ['metric 1 passed none'],
      },
      'good #1',
    ],
    ['then by the smaller change', { checks: two, earlier: [rival(1, lines(9))] }, 'good #2'],
    ['then by the earlier one', { checks: two, earlier: [rival(1, lines(2))] }, 'good #1'],
  ])('%s', (_, asked, expected) => {
    expect(won(asked)).toBe(expected);
  });

  test('are measured, where they are good', () => {
    const measured = { bestOf: 2, metric: 'm' };
    expect(told({ checks: measured, runs: passed })).toBe('metric 1 c2');
    expect(told({ checks: measured, runs: [...passed, 'metric 1 open'] })).toBe('wait t-c2');
    expect(told({ checks: measured, runs: bad })).toBe('again failed');
    const metric = (line: string) =>
      looked({ checks: measured, runs: [...passed, line] }).product.metric;
    expect(metric('metric 1 passed score 7')).toBe(7);
    expect(metric('metric 1 passed none')).toBeNull();
    expect(metric('metric 1 failed 7')).toBeNull();
    expect(
      told({
        checks: { ...measured, verify: null },
        attempt: attempt({ product: { saved: null, unsaved: null } }),
        workspace: null,
      }),
    ).toBe('again');
  });

  test('the best of those without a place is the first', () => {
    const nothing: Product = { saved: null, unsaved: null };
    const asked = { checks: two, earlier: [rival(1, { outcome: EXIT_1 })], workspace: null };
    expect(won({ ...asked, attempt: attempt({ product: nothing }) })).toBe('good #2');
    const other = { ...asked, earlier: [rival(1)] };
    expect(won({ ...other, attempt: attempt({ product: nothing }) })).toBe('good #2');
  });
});

describe('an attempt of an agent that competes', () => {
  const work = { kind: 'agent', agent: 'claude', account: 'a', onQuota: 'wait' } as AgentWork;
  const seen = (given: Partial<AgentWork>, outcome: Outcome, earlier: EndedAttempt[]) => {
    const task = finishing(attempt({ outcome }), {
      checks: { ...CHECKS, bestOf: 3 },
      workspace: WORKSPACE,
    });
    const { spec } = task;
    return look(
      { ...task, spec: { ...spec, work: { ...work, ...given } } },
      { checks: [], earlier },
    );
  };

  test('that was refused waits, and does not count', () => {
    expect(seen({}, REFUSED, []).kind).toBe('over');
  });

  test('that is refused for good is the last', () => {
    expect(seen({ onQuota: 'fail' }, REFUSED, [])).toMatchObject({
      kind: 'bad',
      reason: 'rate_limited',
    });
    expect(seen({ onQuota: 'fail' }, REFUSED, [rival(1)])).toMatchObject({
      kind: 'good',
      product: { best: { number: 1 } },
    });
  });
});

describe('what won', () => {
  const two = { bestOf: 2, verify: null, judge: JUDGE };
  const open = rival(1, { ...lines(1), outside: ['.env'] });

  test('is judged, as any work is, and stands beside what the last attempt made', () => {
    const mine = rival(1, { ...lines(1), commit: 'c2', outside: ['.env'] });
    expect(told({ checks: two, earlier: [open] })).toBe('judge 1 r1');
    expect(looked({ checks: two, earlier: [open] }).product).toEqual(open.product);
    const { product, kind } = looked({ checks: two, earlier: [mine], runs: ['judge 1 escalate'] });
    expect(kind).toBe('good');
    expect(product.saved?.ref).toBe('refs/tend/attempts/t-1/2');
    expect(product.concerns).toBeUndefined();
    expect(resultIn(product)).toMatchObject({
      judged: { decision: 'escalate' },
      concerns: [
        'it changed what needs a person: .env',
        'the judge leaves it to a person: why escalate',
      ],
    });
  });

  test('may be sent back, and then nothing competes any more', () => {
    const asked = {
      checks: { ...two, fix: 1 },
      earlier: [rival(1, lines(9))],
      runs: ['judge 1 revise'],
    };
    const { product, kind } = looked(asked);
    expect(kind).toBe('again');
    const earlier = [rival(0), attempt({ number: 1, product })];
    expect(told({ checks: two, earlier })).toBe('judge 1 c2');
    expect(told({ checks: two, earlier, runs: ['judge 1 revise'] })).toBe('bad judge_rejected');
    const fails = ['verify 1 failed', 'verify 2 failed', 'baseline 1 passed'];
    expect(told({ checks: { bestOf: 2, fix: 1 }, earlier, runs: fails })).toBe('again failed');
  });

  test('is what a person looked at: what follows competes with nothing', () => {
    const review = { decision: 'rejected', at: 1, feedback: null } as const;
    const earlier = [rival(0), attempt({ number: 1, product: { ...saved(), review } })];
    expect(told({ checks: { bestOf: 2, verify: null }, earlier })).toBe('good');
  });
});
