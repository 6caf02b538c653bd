import { z } from 'zod';
import { HOLD_CLASSES, LIMIT_CLASSES } from '../domain/agent-outcome.ts';
import { QUOTA_POLICIES } from '../domain/agent-work.ts';
import { PERMISSIONS, TIERS } from '../domain/envelope.ts';
import { QUEUE_REASONS } from '../domain/lifecycle.ts';
import { VERDICTS } from '../domain/verdict.ts';
import { deliveryKindField, stateField } from './fields.ts';
import { inputView } from './input-view.ts';
import { finishView, progressView, rulingView, taskQuestion } from './worker-schemas.ts';
import {
  attemptWork,
  bestView,
  checkView,
  checklistView,
  judgeView,
  reviewView,
  verificationView,
  workspaceView,
} from './work-schemas.ts';

const time = z.iso.datetime().meta({ description: 'UTC' });
const outcome = z.looseObject({ kind: z.string() });
const survivor = z.object({ pid: z.int(), command: z.string() });

const tokens = z.int().nullable();

/** Of an agent; what it did not tell is null, never 0. */
export const usageView = z.object({
  inputTokens: tokens.meta({ description: 'Cached ones included.' }),
  outputTokens: tokens,
  cachedTokens: tokens,
  costUsd: z.number().nullable(),
  turns: z.int(),
});

export const attemptView = z
  .object({
    number: z.int(),
    node: z.string(),
    pid: z.int().nullable(),
    claimedAt: time,
    startedAt: time.nullable(),
    endedAt: time.nullable(),
    deadlineAt: time.nullable(),
    outcome: outcome.nullable(),
    exitCode: z.int().nullable(),
    signal: z.string().nullable(),
    survivors: z.array(survivor),
    agent: z.string().nullable().meta({ description: 'Who did it; null = a command.' }),
    sessionId: z.string().nullable(),
    resumed: z.string().nullable().meta({ description: 'The session it went on with.' }),
    usage: usageView.nullable(),
    rulings: z.array(rulingView).meta({
      description: 'What its agent asked to be allowed, and what came of it; the newest 100.',
    }),
    ...attemptWork,
  })
  .meta({ id: 'Attempt' });
export type AttemptView = z.infer<typeof attemptView>;

const outputView = z.object({
  path: z.string().nullable(),
  stderrPath: z.string().nullable(),
  bytes: z.int(),
  truncated: z.boolean(),
  tail: z.string(),
});

export const limitClass = z.enum(LIMIT_CLASSES);

export const holdView = z
  .object({
    account: z.string(),
    until: z.iso.datetime().nullable(),
    class: z.enum(HOLD_CLASSES),
    reason: z.string(),
  })
  .meta({ id: 'Hold' });

const waitView = z
  .object({
    reason: z.enum(QUEUE_REASONS),
    what: z.string().nullable().meta({ description: 'The group, agent, account, key or budget.' }),
    until: z.iso.datetime().nullable(),
    detail: z.string().nullable(),
    ahead: z.int().nullable().meta({ description: 'Queued tasks that go first, when counted.' }),
  })
  .meta({ id: 'Wait' });

const envelopeView = z.object({ turns: z.number(), costUsd: z.number(), minutes: z.number() });

const agentWorkView = z.object({
  name: z.string(),
  model: z.string().nullable(),
  sessionId: z.string().nullable(),
  prompt: z.string().meta({ description: 'What was asked, as it was written.' }),
  tier: z.enum(TIERS),
  envelope: envelopeView,
  permissions: z.enum(PERMISSIONS),
  isolated: z.boolean(),
  onQuota: z.enum(QUOTA_POLICIES),
  account: z.string(),
  others: z.array(z.string()).meta({ description: 'Other agents that may do it.' }),
  chosen: z.string().nullable().meta({ description: 'Why this agent, where it was chosen.' }),
  version: z.string().nullable(),
});

const childView = z.object({
  id: z.string(),
  title: z.string(),
  state: stateField,
  verdict: z.enum(VERDICTS),
});

/** The one shape of a task at every door. */
export const taskView = z
  .object({
    id: z.string(),
    kind: z.enum(['command', 'agent']),
    title: z.string(),
    state: stateField,
    reason: z.string().nullable(),
    verdict: z.enum(VERDICTS),
    queueReason: z.enum(QUEUE_REASONS).nullable(),
    wait: waitView.nullable().meta({ description: 'Why it is still queued.' }),
    held: holdView.nullable().meta({ description: 'The hold that it waits for.' }),
    owner: z.string(),
    group: z.string().nullable(),
    name: z.string().nullable().meta({ description: 'What its batch calls it.' }),
    parent: z.string().nullable(),
    exclusive: z
      .string()
      .nullable()
      .meta({ description: 'No two tasks with this key run at once.' }),
    labels: z.record(z.string(), z.string()),
    priority: z.int(),
    command: z.string().optional(),
    argv: z.array(z.string()).optional(),
    agent: agentWorkView.optional(),
    answer: z.string().nullable().meta({ description: "An agent's final answer." }),
    cwd: z.string(),
    createdAt: time,
    startedAt: time.nullable(),
    endedAt: time.nullable(),
    deadlineAt: time.nullable(),
    runAt: time.nullable(),
    lastActivityAt: time.nullable(),
    exitCode: z.int().nullable(),
    signal: z.string().nullable(),
    detail: z.string().nullable().meta({ description: 'The reason in a sentence.' }),
    attempt: z.int(),
    attempts: z.array(attemptView),
    output: outputView,
    survivors: z.array(survivor),
    usage: usageView,
    workspace: workspaceView,
    verification: verificationView.nullable(),
    judge: judgeView.nullable(),
    review: reviewView,
    checklist: checklistView,
    concerns: z.array(z.string()).meta({ description: 'Why a person must look at the work.' }),
    check: checkView.nullable().meta({ description: 'The work that it checks.' }),
    best: bestView.nullable().meta({ description: 'Where attempts compete.' }),
    question: taskQuestion.nullable().meta({ description: 'Of its last attempt.' }),
    finish: finishView.nullable().meta({ description: 'What its worker told of its work.' }),
    progress: progressView.nullable(),
    gaps: z
      .array(z.string())
      .meta({ description: 'Requirements that its worker says are not met.' }),
    inputs: z.array(inputView).meta({ description: 'What was sent to its latest attempt.' }),
    dependsOn: z.array(z.object({ task: z.string(), when: z.string() })),
    contextFrom: z.array(z.string()).meta({ description: 'Whose results its prompt tells.' }),
    children: z.array(childView).meta({
      description: 'Its subtasks, oldest first; of more than 100 the open and the newest ones.',
    }),
    retryOf: z.string().nullable(),
    resumeOf: z.string().nullable(),
    schedule: z.string().nullable().meta({ description: 'The schedule that started it.' }),
    hostId: z.string(),
  })
  .meta({ id: 'Task' });
export type TaskView = z.infer<typeof taskView>;

export const deliveryView = z
  .object({
    id: z.string(),
    kind: deliveryKindField,
    taskId: z.string(),
    owner: z.string(),
    createdAt: time,
    preview: z.string(),
    truncated: z.boolean(),
    task: taskView,
  })
  .meta({ id: 'Delivery' });

/** One change of one task, as streamed by `events`. */
export const changeView = z
  .object({
    seq: z.int(),
    taskId: z.string(),
    event: z.string(),
    state: stateField,
    reason: z.string().nullable(),
    at: time,
  })
  .meta({ id: 'Change' });
export type ChangeView = z.infer<typeof changeView>;
