import { describe, expect, test } from 'vitest';
import type { PushTargets } from './delivery.ts';
import type { Question } from './question.ts';
import type { Task, TaskIn, TaskSpec } from './task.ts';
import { toldBy } from './told.ts';
import { attempt, finishing } from './work-sample.ts';
import { QUESTION } from './worker-sample.ts';

const TARGETS: PushTargets = {
  webhooks: ['chat'],
  channels: ['phone'],
  hooks: ['hook:on_question', 'hook:on_fail'],
  onDone: true,
};
const question: Question = {
  ...QUESTION,
  text: 'Which\none?',
  options: ['this', 'that\n'],
  context: 'long',
};
const given = finishing(attempt({ outcome: { kind: 'parked' } }), {
  checks: null,
  workspace: null,
});
const ASKED = { ...given.attempt, worker: { question } };
const before: TaskIn<'finishing'> = { ...given };
const after: TaskIn<'finishing'> = { ...given, attempt: ASKED };
const told = (from: Task | null, to: Task): string[] =>
  toldBy(from, to, 77, TARGETS).map(({ id, subscriber, createdAt }) => {
    const kind = /\.([a-z])\d*[a-z]?(?:\.[a-z_]+)?$/.exec(id)?.[1];
    return `${kind} ${subscriber} ${createdAt}`;
  });
const withSpec = (task: TaskIn<'finishing'>, spec: Partial<TaskSpec>): TaskIn<'finishing'> => ({
  ...task,
  spec: { ...task.spec, ...spec },
});

const OWNER = `owner:${given.spec.owner}`;

describe('a question', () => {
  const ALL = [`q ${OWNER} 30`, 'q webhook:chat 30', 'q channel:phone 30', 'q hook:on_question 30'];
  test.each<[string, Task | null, Task, string[]]>([
    ['is told when it is asked', before, after, ALL],
    ['is told of a task that is stored as it is', null, after, ALL],
    ['is told of a further attempt', { ...after, attempt: { ...ASKED, number: 1 } }, after, ALL],
    ['is told once', after, after, []],
    [
      'is told to its owner alone',
      before,
      withSpec(after, { notify: 'never' }),
      [`q ${OWNER} 30`, 'q hook:on_question 30'],
    ],
    ['of a check is told to nobody', before, withSpec(after, { check: {} as never }), []],
    ['that was not asked is not told', before, before, []],
  ])('%s', (_, from, to, expected) => {
    expect(told(from, to)).toEqual(expected);
  });

  test('stands in a line with its options and how it is answered', () => {
    const [delivery] = toldBy(before, after, 77, TARGETS);
    expect(delivery).toMatchObject({
      kind: 'question',
      taskId: given.id,
      preview: `${given.id} asks: Which one? [this | that]: tend answer ${given.id} "…"`,
      truncated: false,
    });
  });

  test('that is long is cut', () => {
    const asked = { ...question, text: 'x'.repeat(401), options: [] };
    const [delivery] = toldBy(
      before,
      { ...after, attempt: { ...ASKED, worker: { question: asked } } },
      77,
      TARGETS,
    );
    expect(delivery).toMatchObject({
      preview: `${given.id} asks: ${'x'.repeat(400)}: tend answer ${given.id} "…"`,
      truncated: true,
    });
  });
});

describe('a state', () => {
  const { attempt: made, ...core } = before;
  const reviewed: Task = { ...core, state: 'awaiting_review', attempt: made };
  const done: Task = { ...core, state: 'completed', attempt: made, endedAt: 60 };
  test('is told when it is entered', () => {
    expect(told(before, reviewed)[0]).toBe(`q ${OWNER} 77`);
    expect(told(before, done)[0]).toBe(`c ${OWNER} 60`);
  });
  test('is not told again by an amendment', () => {
    expect(told(reviewed, reviewed)).toEqual([]);
    expect(told(done, done)).toEqual([]);
  });
});
