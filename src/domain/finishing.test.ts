import { describe, expect, test } from 'vitest';
import { apply } from './task.ts';
import type { EndedAttempt } from './attempt.ts';
import type { Checks } from './checks.ts';
import { decideAll } from './decide.ts';
import { type Children, type Evidence, NO_CHILDREN } from './evidence.ts';
import { NO_RETRY, type RetryPolicy } from './retry.ts';
import { stopFinishing } from './stop.ts';
import { attempt, CHECKS, finishing, run, saved, without, WORKSPACE } from './work-sample.ts';

const NOW = 1_000;
const FAILED = { kind: 'exited', code: 1 } as const;
const RETRY: RetryPolicy = { attempts: 1, backoff: [50] };
const FAILS = ['verify 1 failed', 'verify 2 failed', 'baseline 1 passed'];

interface Given {
  attempt?: EndedAttempt;
  checks?: Partial<Checks> | null;
  retry?: RetryPolicy;
  runs?: string[];
  children?: Partial<Children>;
}
const decided = ({
  attempt: of = attempt(),
  checks = {},
  retry = NO_RETRY,
  runs = [],
  children,
}: Given) => {
  const task = finishing(of, {
    checks: checks === null ? null : { ...CHECKS, ...checks },
    workspace: WORKSPACE,
  });
  const evidence: Evidence = {
    checks: runs.map(run),
    attempt: { kind: 'none' },
    agent: null,
    readiness: { kind: 'ready' },
    children: { ...NO_CHILDREN, ...children },
    earlier: [],
    vitals: null,
    outputLimit: 1,
    overBudget: false,
    orphaned: false,
    chance: 0,
  };
  const spec = { ...task.spec, retry };
  return { task: { ...task, spec }, evidence };
};
const after = (given: Given) => {
  const { task, evidence } = decided(given);
  return decideAll(task, evidence, NOW).reduce(apply, task);
};

/** The steps, the reason and the time of the end, and what was kept of the work. */
function told(given: Given): string {
  const { task, evidence } = decided(given);
  const steps = decideAll(task, evidence, NOW);
  const last = steps.reduce(apply, task);
  const { product } = last.attempt as EndedAttempt;
  return [
    steps.map(({ event }) => event).join(' ') || 'nothing',
    'reason' in last && last.reason,
    'endedAt' in last && `at ${last.endedAt}`,
    product?.verification?.result,
  ]
    .filter(Boolean)
    .join(' ');
}

describe('a finishing task', () => {
  test.each<[string, Given, string]>([
    ['waits for its work to be saved', { attempt: without({}) }, 'nothing'],
    ['whatever it came to', { attempt: without({ outcome: FAILED }), checks: null }, 'nothing'],
    ['waits for its check', { runs: ['verify 1 open'] }, 'nothing'],
    ['is done when its work is good', { runs: ['verify 1 passed'] }, 'complete at 1000 passed'],
    ['is done at once where nothing is asked', { checks: null }, 'complete at 36'],
    ['is done again', { checks: { fix: 1 }, runs: FAILS }, 'requeue failed'],
    ['fails when its work is bad', { runs: FAILS }, 'fail verify_failed at 1000 failed'],
    [
      'fails as its attempt did',
      { attempt: attempt({ outcome: FAILED }) },
      'fail exit_code at 1000',
    ],
    [
      'is tried again as its attempt allows',
      { attempt: attempt({ outcome: FAILED }), retry: RETRY },
      'requeue',
    ],
    [
      'waits for its children',
      { runs: ['verify 1 passed'], children: { open: 1 } },
      'awaitChildren passed',
    ],
    [
      'fails with its children',
      { runs: ['verify 1 passed'], children: { failed: 1, endedAt: 2_000 } },
      'fail child_failed at 2000 passed',
    ],
    ['waits for a person', { checks: { verify: null, review: true } }, 'awaitReview'],
    [
      'also because of what it did',
      { checks: { verify: null }, attempt: attempt({ product: saved({ outside: ['.env'] }) }) },
      'awaitReview',
    ],
  ])('%s', (_, given, expected) => {
    expect(told(given)).toBe(expected);
  });

  test('keeps what is known of its work while it waits for children and for a person', () => {
    const given: Given = { checks: { review: true }, runs: ['verify 1 missing'] };
    const parent = after({ ...given, children: { open: 1 } });
    expect(parent).toMatchObject({ state: 'awaiting_children' });
    const { evidence } = decided({});
    const [step] = decideAll(parent, evidence, NOW);
    expect(step).toMatchObject({
      event: 'awaitReview',
      next: { attempt: { product: { concerns: [expect.stringContaining('it is not verified')] } } },
    });
  });

  test('has ended when its children have, where it has waited for them', () => {
    const parent = after({ checks: null, children: { open: 1 } });
    const { evidence } = decided({});
    const ended = { ...evidence, children: { ...NO_CHILDREN, endedAt: 500 } };
    expect(decideAll(parent, ended, NOW)).toMatchObject([
      { event: 'complete', next: { endedAt: 500 } },
    ]);
  });
});

describe('a task that is stopped while it is finishing', () => {
  const stopped = (of: EndedAttempt): EndedAttempt => {
    const amended = stopFinishing(finishing(of, { checks: null }), 'user');
    return (amended?.next.attempt ?? of) as EndedAttempt;
  };

  test.each<[string, Given, string]>([
    ['is saved first', { attempt: stopped(without({})) }, 'nothing'],
    ['then it is cancelled', { attempt: stopped(attempt()) }, 'cancel user at 1000'],
    [
      'whatever its check says',
      { attempt: stopped(attempt()), runs: FAILS },
      'cancel user at 1000',
    ],
    [
      'whatever it came to',
      { attempt: stopped(attempt({ outcome: FAILED })) },
      'cancel user at 1000',
    ],
    [
      'and not tried again',
      { attempt: stopped(attempt({ outcome: FAILED })), checks: null, retry: RETRY },
      'cancel user at 36',
    ],
    [
      'but is done where nothing more was asked of it',
      { attempt: stopped(attempt()), checks: null },
      'complete at 36',
    ],
  ])('%s', (_, given, expected) => {
    expect(told(given)).toBe(expected);
  });

  test('is so once', () => {
    const task = (of: EndedAttempt) => finishing(of, { checks: null });
    expect(stopFinishing(task(attempt({ cancelled: 'user' })), 'policy')).toBeNull();
    const outcome = { kind: 'stopped', reason: 'user' } as const;
    expect(stopFinishing(task(attempt({ outcome })), 'policy')).toBeNull();
  });
});
