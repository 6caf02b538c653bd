import { z } from 'zod';
import { QUEUE_REASONS } from '../domain/lifecycle.ts';
import { VERDICTS } from '../domain/verdict.ts';
import { deliveryKindField, stateField } from './fields.ts';

const time = z.iso.datetime().meta({ description: 'UTC' });
const outcome = z.looseObject({ kind: z.string() });
const survivor = z.object({ pid: z.int(), command: z.string() });

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

const usageView = z.object({
  inputTokens: z.int(),
  outputTokens: z.int(),
  cachedTokens: z.int(),
  costUsd: z.number().nullable(),
  turns: z.int(),
});

const workspaceView = z.object({
  branch: z.string().nullable(),
  path: z.string().nullable(),
  commits: z.int(),
  changed: z.object({ files: z.int(), insertions: z.int(), deletions: z.int() }),
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
    owner: z.string(),
    group: z.string().nullable(),
    parent: z.string().nullable(),
    labels: z.record(z.string(), z.string()),
    priority: z.int(),
    command: z.string().optional(),
    argv: z.array(z.string()).optional(),
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
    question: z.null(),
    dependsOn: z.array(z.object({ task: z.string(), when: z.string() })),
    retryOf: z.string().nullable(),
    resumeOf: z.string().nullable(),
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
