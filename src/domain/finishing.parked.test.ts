import { describe, expect, test } from 'vitest';
import type { EndedAttempt } from './attempt.ts';
import { decideAll } from './decide.ts';
import { type Evidence, NO_CHILDREN } from './evidence.ts';
import type { Question } from './question.ts';
import { apply, type TaskIn } from './task.ts';
import { attempt, CHECKS, finishing, WORKSPACE, without } from './work-sample.ts';
import { ANSWER, QUESTION } from './worker-sample.ts';

const NOW = 1_000;
const EVIDENCE: Evidence = {
  checks: [],
  attempt: { kind: 'none' },
  agent: null,
  readiness: { kind: 'ready' },
  children: NO_CHILDREN,
  earlier: [],
  vitals: null,
  outputLimit: 1,
  overBudget: false,
  orphaned: false,
  chance: 0,
};
const PLAIN = { checks: null, workspace: null };
const asked = (of: Partial<Question> = {}, more: Partial<EndedAttempt> = {}): EndedAttempt =>
  attempt({ outcome: { kind: 'parked' }, worker: { question: { ...QUESTION, ...of } }, ...more });

function story(task: TaskIn<'finishing'>, of: Partial<Evidence> = {}): string {
  const steps = decideAll(task, { ...EVIDENCE, ...of }, NOW);
  const last = steps.reduce(apply, task);
  const reason = 'reason' in last ? ` ${last.reason}` : '';
  return steps.length === 0
    ? '-'
    : `${steps.map(({ event }) => event).join(' ')} > ${last.state}${reason}`;
}

describe('a parked attempt', () => {
  test.each<[string, EndedAttempt, string]>([
    ['waits for a person', asked(), 'ask > awaiting_input'],
    ['waits until its deadline', asked({ deadlineAt: NOW + 1 }), 'ask > awaiting_input'],
    ['goes on when it is answered already', asked({ answer: ANSWER }), 'requeue > queued'],
    [
      'fails when it is too late already',
      asked({ deadlineAt: NOW }),
      'fail > failed question_expired',
    ],
    ['goes on with its fallback', asked({ deadlineAt: NOW, fallback: 'b' }), 'requeue > queued'],
    [
      'is stopped when a stop came late',
      asked({}, { cancelled: 'user' }),
      'cancel > cancelled user',
    ],
    [
      'is stopped though it is answered',
      asked({ answer: ANSWER }, { cancelled: 'parent' }),
      'cancel > cancelled parent',
    ],
  ])('%s', (_, of, expected) => {
    for (const checks of [null, CHECKS, { ...CHECKS, bestOf: 3, fix: 2, review: true }])
      expect(story(finishing(of, { checks, workspace: null }))).toBe(expected);
  });

  test('is saved before it waits', () => {
    const unsaved = {
      ...without({}),
      outcome: { kind: 'parked' } as const,
      worker: { question: QUESTION },
    };
    expect(story(finishing(unsaved, { checks: null, workspace: WORKSPACE }))).toBe('-');
  });

  test('waits for its children later', () => {
    const children = { open: 2, failed: 1, endedAt: null };
    expect(story(finishing(asked(), PLAIN), { children })).toBe('ask > awaiting_input');
  });

  test('costs no retry, and takes none away', () => {
    const policy = { attempts: 1, backoff: [50] };
    const broken = finishing(attempt({ outcome: { kind: 'exited', code: 1 } }), PLAIN);
    const spec = { ...broken.spec, retry: policy };
    const earlier = [asked({ answer: ANSWER }), asked({ answer: ANSWER })];
    expect(story({ ...broken, spec }, { earlier })).toBe('requeue > waiting');
    const failed = attempt({ outcome: { kind: 'exited', code: 1 } });
    expect(story({ ...broken, spec }, { earlier: [failed, ...earlier] })).toBe(
      'fail > failed exit_code',
    );
  });
});

test('attempts that parked take the place of no rival', () => {
  const checks = { ...CHECKS, verify: null, bestOf: 2 };
  const rival = finishing(attempt(), { checks, workspace: WORKSPACE });
  expect(story(rival, { earlier: [asked({ answer: ANSWER })] })).toBe('requeue > queued');
  expect(story(rival, { earlier: [attempt({ number: 1 })] })).toBe('complete > completed');
});
