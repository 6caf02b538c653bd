import { describe, expect, test } from 'vitest';
import type { AgentOutcome } from './agent-outcome.ts';
import { questions } from './agent-question.ts';
import type { AgentWork, QuotaPolicy } from './agent-work.ts';
import { type EndedAttempt, NO_OUTPUT, type Outcome } from './attempt.ts';
import type { Delivery } from './delivery.ts';
import { ENVELOPES } from './envelope.ts';
import { holdsBy } from './hold-step.ts';
import type { Hold } from './holds.ts';
import { NO_RETRY } from './retry.ts';
import type { Step, TaskIn, TaskSpec } from './task.ts';

const NOW = 1_795_222_830_000;
const HOUR = 3_600_000;

const work: AgentWork = {
  kind: 'agent',
  agent: 'codex',
  brief: 'mend it',
  prompt: 'mend it',
  model: null,
  tier: 'standard',
  envelope: ENVELOPES.standard,
  permissions: 'workspace',
  isolated: false,
  onQuota: 'wait',
  account: 'codex/default/default',
  resume: null,
};
const spec: TaskSpec = {
  work,
  title: 'mend it',
  cwd: '/',
  environment: null,
  owner: 'parent:42',
  group: null,
  parent: null,
  depth: 0,
  labels: {},
  priority: 0,
  streams: 'split',
  timeout: 60_000,
  idleTimeout: null,
  queueTimeout: null,
  grace: 5_000,
  retry: NO_RETRY,
  after: [],
  notify: 'always',
  remind: 0,
  onDone: 'bell',
  key: null,
  retryOf: null,
  resumeOf: null,
};
const TARGETS = { webhooks: ['chat'], onDone: true };

/** What is asked when an attempt of the task comes to this, with these rows before. */
function asked(
  outcome: Outcome,
  rows: Record<string, Hold> = {},
  given: Partial<TaskSpec> = {},
  id = 't-1',
  at = NOW,
): { deliveries: Delivery[]; rows: Record<string, Hold> } {
  const attempt: EndedAttempt = {
    number: 1,
    node: 'n',
    claimedAt: at - 3_000,
    process: null,
    startedAt: at - 2_000,
    deadlineAt: null,
    endedAt: at - 1,
    outcome,
    exit: null,
    output: NO_OUTPUT,
    survivors: [],
  };
  const next = { state: 'finishing', attempt } as const;
  const step: Step = { id, version: 4, event: 'exit', at, next };
  const task: TaskIn<'finishing'> = {
    id,
    version: 5,
    node: 'n',
    createdAt: 36,
    spec: { ...spec, ...given },
    ...next,
  };
  const changes = holdsBy(step, task.spec, (account) => rows[account] ?? null);
  const after = { ...rows };
  for (const { account, after: hold } of changes)
    if (hold !== null) after[account] = hold;
    else delete after[account];
  return { deliveries: questions(task, step, changes, TARGETS), rows: after };
}

const ERROR: Outcome = { kind: 'agent_error', message: 'no such tool' };
const refused = (of: 'until' | 'needs_person' | 'transient'): AgentOutcome => ({
  kind: 'quota_exhausted',
  limit: { class: of, until: of === 'until' ? NOW + HOUR : null, message: 'limit reached' },
  message: 'limit reached',
});

describe('an agent that is drained', () => {
  test('is asked about once, of the owner of the second task and of the webhooks', () => {
    const first = asked(ERROR);
    expect(first.deliveries).toEqual([]);
    const second = asked(ERROR, first.rows, {}, 't-2');
    expect(second.deliveries).toEqual(
      (['owner:parent:42', 'webhook:chat'] as const).map((subscriber) => ({
        id: `d-t-2.10.q${NOW.toString(36)}d${subscriber === 'webhook:chat' ? '.webhook_chat' : ''}`,
        kind: 'question',
        taskId: 't-2',
        owner: 'parent:42',
        subscriber,
        createdAt: NOW,
        preview:
          'codex failed twice in a row (agent error: no such tool); nothing of it starts before: tend agents ack codex',
        truncated: false,
      })),
    );
    expect(asked(ERROR, second.rows, {}, 't-3').deliveries).toEqual([]);
    expect(asked({ kind: 'ok' }, second.rows, {}, 't-3').deliveries).toEqual([]);
  });

  test('is not pushed for a task that tells nobody', () => {
    const { rows } = asked(ERROR);
    const { deliveries } = asked(ERROR, rows, { notify: 'never' }, 't-2');
    expect(deliveries.map(({ subscriber }) => subscriber)).toEqual(['owner:parent:42']);
  });
});

describe('a hold of a task that asks', () => {
  const asks = (onQuota: QuotaPolicy, more: Partial<AgentWork> = {}) => ({
    work: { ...work, onQuota, ...more },
  });
  const previews = ({ deliveries }: ReturnType<typeof asked>) => [
    ...new Set(deliveries.map(({ preview }) => preview)),
  ];

  test('is told with what may be done', () => {
    expect(previews(asked(refused('until'), {}, asks('ask')))).toEqual([
      'codex was refused: limit reached; it waits until 2026-11-21 02:01 UTC, or: tend stop t-1, then tend retry t-1 --agent <agent>',
    ]);
    const others = [{ ...work, agent: 'claude', account: 'claude/default/default' }];
    expect(previews(asked(refused('needs_person'), {}, asks('ask', { others })))).toEqual([
      'codex was refused: limit reached; it waits for: tend agents release codex, or: tend stop t-1, then tend retry t-1 --agent claude',
    ]);
  });

  test.each(['wait', 'fallback', 'fail'] as const)(
    'of one whose policy is %s it is not',
    (policy) => {
      expect(asked(refused('until'), {}, asks(policy)).deliveries).toEqual([]);
    },
  );

  test('is asked about once for each task, however often it is longer', () => {
    const first = asked(refused('transient'), {}, asks('ask'));
    const later = asked(refused('transient'), first.rows, asks('ask'), 't-1', NOW + HOUR);
    expect(later.rows['codex/default/default']?.count).toBe(2);
    const ids = (one: ReturnType<typeof asked>) => one.deliveries.map(({ id }) => id);
    expect(ids(later)).toEqual(ids(first));
    const other = asked(refused('transient'), first.rows, asks('ask'), 't-2');
    expect(ids(other)).not.toEqual(ids(first));
    const anew = asked(refused('transient'), {}, asks('ask'), 't-1', NOW + HOUR);
    expect(ids(anew)).not.toEqual(ids(first));
  });

  test('that was stored without its beginning counts from when it was', () => {
    const { rows } = asked(refused('needs_person'), {}, asks('ask'));
    const { began: _began, ...old } = rows['codex/default/default'] as Hold;
    const { deliveries } = asked(refused('transient'), { [old.account]: old }, asks('ask'));
    expect(deliveries[0]?.id).toBe(`d-t-1.10.q${NOW.toString(36)}h`);
  });
});

test('a command asks nothing', () => {
  const command = { work: { kind: 'command', argv: ['false'] } } as const;
  const { rows } = asked(ERROR);
  expect(asked(ERROR, rows, command, 't-2')).toEqual({ deliveries: [], rows });
});
