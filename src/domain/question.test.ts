import { describe, expect, test } from 'vitest';
import type { Attempt, Outcome } from './attempt.ts';
import {
  drainedId,
  namedBy,
  type Question,
  questionDueAt,
  questionId,
  questionPlace,
  questionState,
  reviewId,
} from './question.ts';
import type { StopReason } from './lifecycle.ts';
import type { Task, TaskIn } from './task.ts';
import { attempt as sample, finishing } from './work-sample.ts';
import { ANSWER, QUESTION } from './worker-sample.ts';

const NOW = 60;
const DUE: Question = { ...QUESTION, deadlineAt: 100 };

const {
  state: _state,
  attempt: _attempt,
  ...core
} = finishing(sample(), { checks: null, workspace: null });
const running: TaskIn<'running'> = {
  ...core,
  state: 'running',
  attempt: {
    number: 2,
    node: 'n',
    claimedAt: 10,
    process: { pid: 1, startTime: '1', bootId: 'b' },
    startedAt: 20,
    deadlineAt: 90,
    idleFrom: 20,
    endedAt: null,
    outcome: null,
  },
};
const ended = (outcome: Outcome) => sample({ outcome });
const parked = ended({ kind: 'parked' });
const failed = ended({ kind: 'exited', code: 1 });
const late = { ...parked, cancelled: 'user' } as const;
const stopping = (reason: StopReason): Task => ({
  ...running,
  state: 'stopping',
  stop: { reason, requestedAt: 55, killAt: 65 },
});
const FIRST = { number: 1, outcome: { kind: 'parked' } } as const;

describe('a question is', () => {
  test.each<[string, Task, Pick<Attempt, 'number' | 'outcome'>, Partial<Question>, string]>([
    ['open while its process runs', running, running.attempt, {}, 'open'],
    ['open while it ends', { ...core, state: 'finishing', attempt: parked }, parked, {}, 'open'],
    [
      'open while it is parked',
      { ...core, state: 'awaiting_input', attempt: parked },
      parked,
      {},
      'open',
    ],
    ['open while its process has to be ended', stopping('settled'), running.attempt, {}, 'open'],
    ['closed when it is being stopped', stopping('user'), running.attempt, {}, 'closed'],
    [
      'closed when it was stopped at its end',
      { ...core, state: 'finishing', attempt: late },
      late,
      {},
      'closed',
    ],
    ['open for ever', running, running.attempt, { deadlineAt: null }, 'open'],
    ['open until its deadline', running, running.attempt, { deadlineAt: 61 }, 'open'],
    ['expired from its deadline on', running, running.attempt, { deadlineAt: 60 }, 'expired'],
    [
      'expired once its task has failed for it',
      { ...core, state: 'failed', attempt: parked, reason: 'question_expired', endedAt: 101 },
      parked,
      { deadlineAt: 900 },
      'expired',
    ],
    [
      'closed when its task was stopped',
      { ...core, state: 'cancelled', attempt: parked, reason: 'user', endedAt: 55 },
      parked,
      {},
      'closed',
    ],
    [
      'closed when its attempt came to something else',
      { ...core, state: 'waiting', attempt: failed, runAt: 99 },
      failed,
      {},
      'closed',
    ],
    ['closed when another attempt runs', running, FIRST, {}, 'closed'],
    ['answered whatever became of its task', running, FIRST, { answer: ANSWER }, 'answered'],
  ])('%s', (_, task, attempt, of, expected) => {
    expect(questionState(task, attempt, { ...DUE, ...of }, NOW)).toBe(expected);
  });
});

describe('a parked task is looked at', () => {
  test.each<[string, Partial<Question> | null, number | null]>([
    ['at the deadline', {}, 100],
    ['never without one', { deadlineAt: null }, null],
    ['at once when it is answered', { answer: ANSWER }, 36],
    ['at once when it has asked nothing', null, 36],
  ])('%s', (_, of, expected) => {
    const worker = of === null ? {} : { worker: { question: { ...DUE, ...of } } };
    expect(questionDueAt({ ...parked, ...worker })).toBe(expected);
  });
});

describe('ids', () => {
  const task = { id: 't-a_b-1', createdAt: 1_700_000_000_000.7 };
  test('of a question name its attempt', () => {
    expect(questionPlace(questionId(task, 3))).toEqual({ taskId: 't-a_b-1', attempt: 3 });
    expect(questionId(task, 3)).toBe(`q-t-a_b-1.${(1_700_000_000_000).toString(36)}.3`);
    expect(questionPlace('t-a_b-1')).toBeNull();
  });
  test.each([
    [questionId(task, 3), { kind: 'question', taskId: 't-a_b-1', attempt: 3 }],
    [reviewId(task, 12), { kind: 'review', taskId: 't-a_b-1', attempt: 12 }],
    [drainedId('my.agent'), { kind: 'drained', agent: 'my.agent' }],
    ['q-custom', { kind: 'task', prefix: 'q-custom' }],
    ['t-1w', { kind: 'task', prefix: 't-1w' }],
  ])('%s', (id, expected) => {
    expect(namedBy(id)).toEqual(expected);
  });
});
