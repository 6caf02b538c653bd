import { describe, expect, test } from 'vitest';
import { EMPTY_REPORT } from './agent-report.ts';
import { type EndedAttempt, NO_OUTPUT } from './attempt.ts';
import {
  completions,
  NOTIFY_POLICIES,
  type NotifyPolicy,
  PUSH_TRIES,
  pushDelay,
  reasonOf,
  reminder,
  reviewRequests,
} from './delivery.ts';
import { NO_PRODUCT, type Product } from './product.ts';
import { NO_RETRY } from './retry.ts';
import type { EndedTask, Task, TaskIn, TaskSpec } from './task.ts';

const spec: TaskSpec = {
  work: { kind: 'command', argv: ['true'] },
  title: 'true',
  cwd: '/',
  environment: null,
  owner: 'parent:42',
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
  remind: 600_000,
  onDone: null,
  key: null,
  retryOf: null,
  resumeOf: null,
};
const core = { id: 't-1', version: 4, node: 'n', createdAt: 10, spec };
const started = {
  number: 2,
  node: 'n',
  claimedAt: 20,
  process: { pid: 7, startTime: '42', bootId: 'boot' },
  startedAt: 1_000,
  deadlineAt: 90_000,
  idleFrom: 60_000,
  endedAt: null,
  outcome: null,
};
const attempt: EndedAttempt = {
  ...started,
  endedAt: 60_000,
  outcome: { kind: 'exited', code: 0 },
  exit: { code: 0 },
  output: { ...NO_OUTPUT, bytes: 300, preview: 'all good' },
  survivors: [],
};
const running: TaskIn<'running'> = { ...core, state: 'running', attempt: started };
const ENDED: Record<string, EndedTask> = {
  completed: { ...core, state: 'completed', attempt, endedAt: 60_000 },
  failed: { ...core, state: 'failed', attempt, endedAt: 60_000, reason: 'exit_code' },
  cancelled: { ...core, state: 'cancelled', attempt, endedAt: 60_000, reason: 'user' },
  skipped: { ...core, state: 'skipped', attempt: null, endedAt: 50, reason: 'dependency_failed' },
};
const completed = ENDED['completed'] as EndedTask;
const QUIET = { webhooks: [], onDone: false };

describe('who is told of an end', () => {
  /** Whether pushed receivers are told, by state and policy; the owner can always pull. */
  // prettier-ignore
  const LOUD: Record<NotifyPolicy, Record<string, boolean>> = {
    always:         { completed: true,  failed: true,  cancelled: true,  skipped: true },
    on_failure:     { completed: false, failed: true,  cancelled: false, skipped: true },
    if_significant: { completed: true,  failed: true,  cancelled: true,  skipped: true },
    never:          { completed: false, failed: false, cancelled: false, skipped: false },
  };
  describe.each(NOTIFY_POLICIES)('notify %s', (notify) => {
    test.each(Object.entries(ENDED))('%s', (state, ended) => {
      const task = { ...ended, spec: { ...spec, notify, onDone: 'say done' } };
      const told = completions(task, { webhooks: ['ci', 'chat'], onDone: false });
      const pushed = LOUD[notify][state] ? ['command', 'webhook:ci', 'webhook:chat'] : [];
      expect(told.map((one) => one.subscriber)).toEqual(['owner:parent:42', ...pushed]);
    });
  });

  test('the end of a check is told to nobody', () => {
    const check = { of: 't-0', attempt: 1, what: 'verify', nth: 1, commit: 'c0ffee' } as const;
    const ended = { ...completed, spec: { ...spec, check } };
    expect(completions(ended, { webhooks: ['ci'], onDone: true })).toEqual([]);
  });

  test('a command for every end may be configured, a webhook is optional', () => {
    const subscribers = (onDone: boolean) =>
      completions(completed, { webhooks: [], onDone }).map((one) => one.subscriber);
    expect(subscribers(true)).toEqual(['owner:parent:42', 'command']);
    expect(subscribers(false)).toEqual(['owner:parent:42']);
  });
});

describe('a completion', () => {
  test('is fixed once, from the task alone', () => {
    expect(completions(completed, QUIET)).toEqual([
      {
        id: 'd-t-1.a.c',
        kind: 'completion',
        taskId: 't-1',
        owner: 'parent:42',
        subscriber: 'owner:parent:42',
        createdAt: 60_000,
        preview: 'all good',
        truncated: false,
      },
    ]);
  });

  test.each([
    ['short', false],
    ['x'.repeat(301), true],
  ])('of an agent is cut where its words are, not its protocol: %#', (text, truncated) => {
    const facts = { sessionId: null, resumed: null, before: null, settledAt: null };
    const agent = { ...facts, report: { ...EMPTY_REPORT, text } };
    const output = { ...NO_OUTPUT, bytes: 9_999 };
    const ended: EndedTask = {
      ...completed,
      state: 'completed',
      attempt: { ...attempt, agent, output },
    };
    expect(completions(ended, QUIET)).toMatchObject([{ truncated }]);
    const unread = { ...ended, attempt: { ...attempt, agent: { ...facts, report: null }, output } };
    expect(completions(unread, QUIET)).toMatchObject([{ truncated: true }]);
  });

  test('has one stable id for each subscriber', () => {
    const targets = { webhooks: ['ci', 'chat'], onDone: true };
    const ids = completions(completed, targets).map((one) => one.id);
    expect(ids).toEqual([
      'd-t-1.a.c',
      'd-t-1.a.c.command',
      'd-t-1.a.c.webhook_ci',
      'd-t-1.a.c.webhook_chat',
    ]);
    expect(completions(completed, targets).map((one) => one.id)).toEqual(ids);
  });

  test('says when the preview is not all there was', () => {
    const output = { ...NO_OUTPUT, bytes: 301, preview: '…' };
    const [told] = completions({ ...completed, attempt: { ...attempt, output } }, QUIET);
    expect(told).toMatchObject({ preview: '…', truncated: true });
  });

  test('of a task that never started is empty', () => {
    const [told] = completions(ENDED['skipped'] as EndedTask, QUIET);
    expect(told).toMatchObject({ preview: '', truncated: false, createdAt: 50 });
  });
});

test.each<[Task, string | null]>([
  [running, null],
  [{ ...core, state: 'queued', queuedAt: 1, attempt: null }, null],
  [
    {
      ...core,
      state: 'stopping',
      attempt: started,
      stop: { reason: 'idle', requestedAt: 1, killAt: 2 },
    },
    'idle',
  ],
  [ENDED['failed'] as Task, 'exit_code'],
  [ENDED['cancelled'] as Task, 'user'],
  [completed, null],
])('the reason of $state', (task, expected) => {
  expect(reasonOf(task)).toBe(expected);
});

describe('a reminder', () => {
  const MINUTE = 60_000;
  const at = (minutes: number) => 1_000 + minutes * MINUTE;

  test('is due after each whole interval, with the same id until the next', () => {
    const ids = [9.99, 10, 15, 19.99, 20].map((minutes) => reminder(running, at(minutes))?.id);
    const [first, second] = ['d-t-1.a.r2.1', 'd-t-1.a.r2.2'];
    expect(ids).toEqual([undefined, first, first, first, second]);
  });

  test('is for the owner and says how long', () => {
    expect(reminder(running, at(25))).toEqual({
      id: 'd-t-1.a.r2.2',
      kind: 'reminder',
      taskId: 't-1',
      owner: 'parent:42',
      subscriber: 'owner:parent:42',
      createdAt: at(20),
      preview: 'still running after 20 min',
      truncated: false,
    });
  });

  test('of a short interval counts in seconds', () => {
    const often = { ...running, spec: { ...spec, remind: 30_000 } };
    expect(reminder(often, at(1))).toMatchObject({ preview: 'still running after 60 s' });
  });

  test('is never due when switched off, or when nothing runs', () => {
    expect(reminder({ ...running, spec: { ...spec, remind: 0 } }, at(60))).toBeNull();
    expect(reminder(completed, at(60))).toBeNull();
    const check = { of: 't-0', attempt: 1, what: 'verify', nth: 1, commit: 'c' } as const;
    expect(reminder({ ...running, spec: { ...spec, check } }, at(60))).toBeNull();
  });
});

describe('a review', () => {
  const waits = (product?: Product): Task => ({
    ...core,
    state: 'awaiting_review',
    attempt: { ...attempt, ...(product && { product }) },
  });
  const concerns = ['it changed\nwhat needs a person: .env', 'and more'];
  const asked = (task: Task, webhooks: string[] = []) =>
    reviewRequests(task, { webhooks, onDone: true }, 70);

  test('is asked of the owner, with the next commands', () => {
    expect(asked(waits())).toEqual([
      {
        id: 'd-t-1.a.q2w',
        kind: 'question',
        taskId: 't-1',
        owner: 'parent:42',
        subscriber: 'owner:parent:42',
        createdAt: 70,
        preview:
          't-1 waits for your review (it was asked for): tend diff t-1, then tend accept t-1 or tend reject t-1 --feedback "…"',
        truncated: false,
      },
    ]);
  });

  test('says why, of the work that is the result', () => {
    const product: Product = { ...NO_PRODUCT, concerns };
    const why = '(it changed what needs a person: .env)';
    expect(asked(waits(product))[0]?.preview).toContain(why);
    const best = { number: 1, product };
    expect(asked(waits({ ...NO_PRODUCT, best }))[0]?.preview).toContain(why);
  });

  test('is told where its task is told of, and of nothing else', () => {
    const subscribers = asked(waits(), ['ci']).map((one) => one.subscriber);
    expect(subscribers).toEqual(['owner:parent:42', 'webhook:ci']);
    const quiet = { ...waits(), spec: { ...spec, notify: 'never' as const } };
    expect(asked(quiet, ['ci'])).toHaveLength(1);
    expect(asked(running)).toEqual([]);
  });
});

describe('back-off of pushes', () => {
  const SECONDS = [5, 15, 45, 135, 405, 1_215, 3_645, 10_935, 14_400, 14_400, 14_400];

  test.each(SECONDS.map((seconds, n) => [n + 1, seconds]))(
    'after try %i: %i s',
    (tries, seconds) => {
      expect(pushDelay(tries, 0)).toBe(seconds * 1_000);
      expect(pushDelay(tries, 0.5)).toBe(seconds * 1_100);
    },
  );

  test('it is given up after the last try, about a day after the first', () => {
    expect(PUSH_TRIES).toBe(SECONDS.length + 1);
    expect(pushDelay(PUSH_TRIES, 0)).toBeNull();
    expect(pushDelay(PUSH_TRIES + 1, 0)).toBeNull();
    const hours = SECONDS.reduce((sum, seconds) => sum + seconds, 0) / 3_600;
    expect(hours).toBeGreaterThan(12);
    expect(hours).toBeLessThan(24);
  });
});
