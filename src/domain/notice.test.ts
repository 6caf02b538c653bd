import { describe, expect, test } from 'vitest';
import { type EndedAttempt, NO_OUTPUT } from './attempt.ts';
import type { DeliveryKind } from './delivery.ts';
import { noticeOf, readable, type Told } from './notice.ts';
import { NO_RETRY } from './retry.ts';
import type { Task, TaskSpec } from './task.ts';

const spec: TaskSpec = {
  work: { kind: 'command', argv: ['true'] },
  title: 'make test',
  cwd: '/',
  environment: null,
  owner: 'me',
  group: null,
  parent: null,
  depth: 0,
  labels: {},
  priority: 0,
  streams: 'merged',
  timeout: 1,
  idleTimeout: null,
  queueTimeout: null,
  grace: 0,
  retry: NO_RETRY,
  after: [],
  notify: 'always',
  remind: 0,
  onDone: null,
  key: null,
  retryOf: null,
  resumeOf: null,
};
const attempt = (code: number): EndedAttempt => ({
  number: 1,
  node: 'n',
  claimedAt: 1,
  process: null,
  startedAt: 2,
  deadlineAt: 9,
  endedAt: 3,
  outcome: { kind: 'exited', code },
  exit: { code },
  output: NO_OUTPUT,
  survivors: [],
});
const core = { version: 1, node: 'n', createdAt: 1 };
const TASKS: Record<
  'completed' | 'failed' | 'cancelled' | 'skipped' | 'unverified' | 'killed',
  Task
> = {
  completed: { ...core, id: 't-1', spec, state: 'completed', attempt: attempt(0), endedAt: 3 },
  failed: {
    ...core,
    id: 't-2',
    spec,
    state: 'failed',
    attempt: attempt(2),
    endedAt: 3,
    reason: 'exit_code',
  },
  cancelled: {
    ...core,
    id: 't-3',
    spec,
    state: 'cancelled',
    attempt: null,
    endedAt: 3,
    reason: 'user',
  },
  skipped: {
    ...core,
    id: 't-4',
    spec,
    state: 'skipped',
    attempt: null,
    endedAt: 3,
    reason: 'dependency_failed',
  },
  unverified: {
    ...core,
    id: 't-5',
    spec: {
      ...spec,
      checks: {
        verify: { command: 'x', timeout: 1, from: 'saved' },
      } as NonNullable<TaskSpec['checks']>,
    },
    state: 'completed',
    attempt: attempt(0),
    endedAt: 3,
  },
  killed: {
    ...core,
    id: 't-6',
    spec,
    state: 'failed',
    attempt: { ...attempt(0), exit: { signal: 'SIGKILL' } },
    endedAt: 3,
    reason: 'signal',
  },
};
const told = (task: Task, kind: DeliveryKind = 'completion', preview = 'all green'): Told => ({
  delivery: { kind, preview },
  task,
});

describe('one delivery', () => {
  test.each<[keyof typeof TASKS, string, string]>([
    ['completed', 'Completed: make test', 'good'],
    ['failed', 'Failed (exit_code, code 2): make test', 'bad'],
    ['killed', 'Failed (signal): make test', 'bad'],
    ['cancelled', 'Cancelled (user): make test', 'news'],
    ['skipped', 'Skipped (dependency_failed): make test', 'bad'],
    ['unverified', 'Completed (unverified): make test', 'bad'],
  ])('of a task that is %s', (state, title, tone) => {
    const task = TASKS[state];
    expect(noticeOf([told(task)])).toEqual({
      title,
      lines: ['all green', `tend show ${task.id}`],
      tone,
    });
  });

  test.each<[DeliveryKind, string, string[], string]>([
    ['question', 'Waits for you: make test', ['Go on?'], 'ask'],
    ['reminder', 'Still running: make test', ['Go on?', 'tend show t-1'], 'news'],
    ['match', 'Matched: make test', ['Go on?', 'tend logs t-1'], 'news'],
    ['digest', 'Go on?', [], 'news'],
  ])('of kind %s', (kind, title, lines, tone) => {
    expect(noticeOf([told(TASKS.completed, kind, 'Go on?\n\n')])).toEqual({ title, lines, tone });
  });

  test('an empty digest has a name', () => {
    expect(noticeOf([told(TASKS.completed, 'digest', '')]).title).toBe('Digest');
  });

  test('a title is one line, however long it is', () => {
    const title = `a\u001b[31mb\u0007\u202ec\n\nd${'x'.repeat(200)}`;
    const named = noticeOf([told({ ...TASKS.completed, spec: { ...spec, title } } as Task)]).title;
    expect(named).toMatch(/^Completed: abc dx+$/);
    expect(named.length).toBeLessThan(150);
  });
});

describe('several together', () => {
  test('what went wrong stands first, and all is counted', () => {
    const notice = noticeOf([
      told(TASKS.completed),
      told(TASKS.cancelled),
      told(TASKS.completed, 'question', 'Which\none?'),
      told(TASKS.failed),
      told(TASKS.failed, 'digest'),
    ]);
    expect(notice).toEqual({
      title: '5 messages: 1 went wrong, 1 wait for you, 1 done, 2 to be known',
      lines: [
        'Failed (exit_code, code 2): make test – t-2',
        'Waits for you: make test – t-1: Which one?',
        'Completed: make test – t-1',
        'Cancelled (user): make test – t-3',
        'Digest – t-2',
      ],
      tone: 'bad',
    });
  });

  test('no more lines than anybody reads', () => {
    const [first, ...others] = Array.from({ length: 30 }, () => told(TASKS.completed));
    const { title, lines } = noticeOf([first as Told, ...others]);
    expect(title).toBe('30 messages: 30 done');
    expect(lines).toHaveLength(21);
    expect(lines[20]).toBe('… and 10 more: tend digest');
  });
});

test('text for a person has nothing in it that is obeyed', () => {
  expect(readable('a\tb\u0000c\u001b]0;title\u0007d\u200b\u2066e\r\nf')).toBe('a bcde\nf');
});
