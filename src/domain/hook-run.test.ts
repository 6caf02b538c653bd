import { describe, expect, test } from 'vitest';
import { type EndedAttempt, NO_OUTPUT } from './attempt.ts';
import { decideAll } from './decide.ts';
import { completions, type PushTargets, reviewRequests } from './delivery.ts';
import { type Evidence, NO_CHILDREN } from './evidence.ts';
import type { BeforeRun } from './hook.ts';
import { apply, CLAIM_PATIENCE, type EndedTask, type Task, type TaskIn, voidAt } from './task.ts';
import { toldBy } from './told.ts';
import { attempt, finishing } from './work-sample.ts';
import { QUESTION } from './worker-sample.ts';

const NOW = 100_000;
const EVIDENCE: Evidence = {
  attempt: { kind: 'none' },
  agent: null,
  readiness: { kind: 'ready' },
  earlier: [],
  checks: [],
  orphaned: false,
  children: NO_CHILDREN,
  vitals: null,
  outputLimit: Infinity,
  overBudget: false,
  chance: 0,
};
const { spec, id, version, node, createdAt } = finishing(attempt({}), {});
const core = { spec: { ...spec, workspace: null }, id, version, node, createdAt };
const claimed = (beforeRun?: BeforeRun | null): TaskIn<'claimed'> => ({
  ...core,
  state: 'claimed',
  attempt: {
    number: 1,
    node,
    claimedAt: 90_000,
    process: null,
    startedAt: null,
    deadlineAt: null,
    endedAt: null,
    outcome: null,
    ...(beforeRun !== undefined && { beforeRun }),
  },
});
const NO = { at: 95_000, veto: 'before_run: no' };

describe('a claimed attempt', () => {
  test('waits for its hook as long as that takes, and is launched in time after it', () => {
    expect(voidAt(claimed(null))).toBeNull();
    expect(voidAt(claimed({ at: 95_000, veto: null }))).toBe(95_000 + CLAIM_PATIENCE);
    expect(voidAt(claimed())).toBe(90_000 + CLAIM_PATIENCE);
    for (const open of [claimed(), claimed(null), claimed({ at: 95_000, veto: null })])
      expect(decideAll(open, EVIDENCE, NOW)).toEqual([]);
  });

  test('that must not start is cancelled by policy, and says why', () => {
    const [stop, ...none] = decideAll(claimed(NO), EVIDENCE, NOW);
    if (stop === undefined) throw new Error('no step');
    expect([stop.event, none]).toEqual(['requestStop', []]);
    const stopping = apply(claimed(NO), stop);
    const steps = decideAll(stopping, { ...EVIDENCE, attempt: { kind: 'voided' } }, NOW);
    expect(steps.map(({ event }) => event)).toEqual(['exit', 'cancel']);
    const ended = steps.reduce<Task>(apply, stopping);
    expect(ended).toMatchObject({
      state: 'cancelled',
      reason: 'policy',
      attempt: {
        outcome: { kind: 'stopped', reason: 'policy' },
        beforeRun: NO,
        output: { preview: 'before_run: no' },
      },
    });
  });

  test('of a task whose parent is gone is stopped for that', () => {
    const [step] = decideAll(claimed(NO), { ...EVIDENCE, orphaned: true }, NOW);
    expect(step?.next).toMatchObject({ stop: { reason: 'parent' } });
  });
});

describe('hooks that are told', () => {
  const TARGETS: PushTargets = {
    webhooks: ['w'],
    onDone: false,
    hooks: ['hook:after_end', 'hook:on_fail.project', 'hook:on_question'],
  };
  const hooksOf = (told: readonly { subscriber: string }[]): string[] =>
    told.map(({ subscriber }) => subscriber).filter((one) => one.startsWith('hook:'));
  const over: EndedAttempt = attempt({});
  const ended = (of: Pick<EndedTask, 'state'> & { reason?: string }): EndedTask =>
    ({ ...core, attempt: { ...over, output: NO_OUTPUT }, endedAt: NOW, ...of }) as EndedTask;

  test.each(['always', 'never'] as const)('hear of every end under %s', (notify) => {
    const told = (task: EndedTask): string[] =>
      hooksOf(completions({ ...task, spec: { ...task.spec, notify } }, TARGETS));
    expect(told(ended({ state: 'completed' }))).toEqual(['hook:after_end']);
    expect(told(ended({ state: 'cancelled', reason: 'user' }))).toEqual(['hook:after_end']);
    expect(told(ended({ state: 'failed', reason: 'exit_code' }))).toEqual([
      'hook:after_end',
      'hook:on_fail.project',
    ]);
  });

  test('hear of questions, each under an id of its own', () => {
    const review = { ...core, state: 'awaiting_review', attempt: over } as const;
    const told = reviewRequests(review, TARGETS, NOW);
    expect(hooksOf(told)).toEqual(['hook:on_question']);
    expect(new Set(told.map((one) => one.id)).size).toBe(told.length);
    const asks = {
      ...core,
      state: 'awaiting_input',
      attempt: { ...over, worker: { question: QUESTION } },
    } as const;
    expect(hooksOf(toldBy(null, asks, NOW, TARGETS))).toEqual(['hook:on_question']);
  });
});
