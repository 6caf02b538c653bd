import { describe, expect, test } from 'vitest';
import { afterQuestion, answering, type Asking } from './answering.ts';
import type { RunningAttempt } from './attempt.ts';
import type { Question } from './question.ts';
import { apply, type Amendment, type Step, type TaskIn } from './task.ts';
import { attempt, finishing } from './work-sample.ts';
import { ANSWER, QUESTION } from './worker-sample.ts';

const NOW = 1_000;
const worker = { question: QUESTION };
const parked = attempt({ outcome: { kind: 'parked' }, worker });
const {
  state: _state,
  attempt: _attempt,
  ...core
} = finishing(parked, { checks: null, workspace: null });
const started: RunningAttempt = {
  number: 2,
  node: 'n',
  claimedAt: 10,
  process: { pid: 1, startTime: '1', bootId: 'b' },
  startedAt: 20,
  deadlineAt: 90,
  idleFrom: 20,
  endedAt: null,
  outcome: null,
  worker,
};
const open = { ...started, process: null, startedAt: null, deadlineAt: null };
const stop = { reason: 'settled', requestedAt: 40, killAt: 50 } as const;
const awaiting: TaskIn<'awaiting_input'> = { ...core, state: 'awaiting_input', attempt: parked };

describe('an answer', () => {
  test.each<[Asking, string]>([
    [{ ...core, state: 'claimed', attempt: open } as TaskIn<'claimed'>, 'kept in claimed'],
    [{ ...core, state: 'running', attempt: started }, 'kept in running'],
    [{ ...core, state: 'stopping', attempt: started, stop }, 'kept in stopping'],
    [{ ...core, state: 'finishing', attempt: parked }, 'kept in finishing'],
    [awaiting, 'requeue to queued'],
  ])('in $0.state', (task, expected) => {
    const what: Step | Amendment = answering(task, QUESTION, ANSWER);
    const said = 'event' in what ? `${what.event} to` : 'kept in';
    expect(`${said} ${what.next.state}`).toBe(expected);
    expect(what.version).toBe(task.version);
    expect(what.next.attempt?.worker?.question).toEqual({ ...QUESTION, answer: ANSWER });
    if ('stop' in task) expect(what.next).toMatchObject({ stop: task.stop });
  });

  test('lets a parked task go on at that time', () => {
    const next = apply(awaiting, answering(awaiting, QUESTION, ANSWER) as Step);
    expect(next).toMatchObject({ state: 'queued', queuedAt: 50 });
  });
});

describe('a parked task', () => {
  test.each<[string, Partial<Question> | null, string]>([
    ['waits', {}, 'waits'],
    ['waits until the deadline', { deadlineAt: NOW + 1 }, 'waits'],
    ['goes on when it is answered', { answer: ANSWER }, 'requeue queued: this'],
    ['goes on with a late answer', { answer: ANSWER, deadlineAt: NOW }, 'requeue queued: this'],
    ['fails at the deadline', { deadlineAt: NOW }, 'fail failed question_expired'],
    [
      'takes the fallback at the deadline',
      { deadlineAt: NOW, fallback: 'that' },
      'requeue queued: that by deadline',
    ],
    ['goes on when nothing is known of its question', null, 'requeue queued'],
  ])('%s', (_, of, expected) => {
    const told = of === null ? {} : { question: { ...QUESTION, ...of } };
    for (const state of ['finishing', 'awaiting_input'] as const) {
      const task = { ...core, state, attempt: { ...parked, worker: told } };
      const step = afterQuestion(task, NOW);
      if (step === null) {
        expect(expected).toBe('waits');
        continue;
      }
      const { next, event } = step;
      const answer = next.attempt?.worker?.question?.answer ?? null;
      const reason = 'reason' in next ? ` ${next.reason}` : '';
      const by = answer?.by === 'deadline' ? ' by deadline' : '';
      const said = answer === null ? '' : `: ${answer.text}${by}`;
      expect(`${event} ${next.state}${reason}${said}`).toBe(expected);
    }
  });
});
