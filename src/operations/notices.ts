import { z } from 'zod';
import { reasonOf } from '../domain/delivery.ts';
import { type Digest, digestText, sumsOf } from '../domain/digest.ts';
import { countedUsd } from '../domain/spent.ts';
import type { ChannelStatus } from '../engine/facade.ts';
import type { DeliveryStatus } from '../domain/delivery.ts';
import type { Task } from '../domain/task.ts';
import { verdict, VERDICTS, verificationOf } from '../domain/verdict.ts';
import { countField, deliveryKindField, flagField, lineText, stateField } from './fields.ts';
import { operation } from './operation.ts';
import { iso, isoOrNull } from './view.ts';

const time = z.iso.datetime().meta({ description: 'UTC' });

const channelView = z
  .object({
    name: z.string().meta({ description: '`webhook:<name>`, `channel:<name>` or `command`.' }),
    kind: z.string().nullable().meta({
      description: 'Null = it is configured no more, or by a project.',
    }),
    where: z.string().meta({ description: 'Whom it reaches, as far as that is no secret.' }),
    events: z.enum(['all', 'failures']),
    rate: z
      .object({ most: z.int(), withinMs: z.int() })
      .nullable()
      .meta({ description: 'At most so many messages within any such span; null = any number.' }),
    pending: z.int(),
    dead: z.int(),
    deliveredAt: time.nullable(),
    failedAt: time.nullable(),
    lastError: z.string().nullable(),
    quietUntil: time.nullable(),
  })
  .meta({ id: 'NoticeChannel' });

const viewOf = (given: ChannelStatus): z.input<typeof channelView> => {
  const { subscriber, kind, where, events, pace, pending, dead, lastError } = given;
  const rate = pace?.rate ?? null;
  return {
    name: subscriber,
    kind,
    where,
    events,
    rate: rate === null ? null : { most: rate.most, withinMs: rate.within },
    pending,
    dead,
    deliveredAt: isoOrNull(given.deliveredAt),
    failedAt: isoOrNull(given.failedAt),
    lastError,
    quietUntil: isoOrNull(given.quietUntil),
  };
};

export const channels = operation({
  name: 'channels',
  summary: 'Who is pushed to, what waits for each, and how the last message went.',
  http: { method: 'GET', path: '/v1/notify', success: 200 },
  input: z.strictObject({}),
  output: z.object({ channels: z.array(channelView) }),
  run: async (engine) => ({ channels: (await engine.notices.channels()).map(viewOf) }),
});

export const testNotify = operation({
  name: 'testNotify',
  summary: 'Send a test message for real; answers what each receiver said.',
  http: { method: 'POST', path: '/v1/notify/test', success: 200 },
  input: z.strictObject({
    channel: lineText(100).optional().meta({
      description: 'The name of a channel or webhook; default: all of them.',
    }),
  }),
  output: z.object({
    results: z.array(
      z.object({ name: z.string(), took: z.boolean(), answer: z.string() }).meta({
        id: 'NotifyTest',
      }),
    ),
  }),
  run: async (engine, { channel }) => ({
    results: (await engine.notices.test(channel ?? null)).map(({ subscriber, took, answer }) => ({
      name: subscriber,
      took,
      answer,
    })),
  }),
});

const deadView = z
  .object({
    id: z.string(),
    kind: deliveryKindField,
    taskId: z.string(),
    owner: z.string(),
    to: z.string(),
    createdAt: time,
    deadAt: time.nullable(),
    tries: z.int(),
    lastError: z.string().nullable(),
    preview: z.string(),
  })
  .meta({ id: 'DeadDelivery' });

const deadOf = (one: DeliveryStatus): z.input<typeof deadView> => {
  const { id, kind, taskId, owner, subscriber, tries, lastError, preview } = one;
  const times = { createdAt: iso(one.createdAt), deadAt: isoOrNull(one.deadAt) };
  return { id, kind, taskId, owner, to: subscriber, ...times, tries, lastError, preview };
};

export const deadDeliveries = operation({
  name: 'deadDeliveries',
  summary: 'Deliveries that no try could bring to their receiver, the oldest first.',
  http: { method: 'GET', path: '/v1/deliveries/dead', success: 200 },
  input: z.strictObject({ limit: countField(1, 1_000).default(100) }),
  output: z.object({ deliveries: z.array(deadView) }),
  run: async (engine, { limit }) => ({
    deliveries: (await engine.notices.dead(limit)).map(deadOf),
  }),
});

const sent = z.object({ resent: z.array(z.string()) });

export const resend = operation({
  name: 'resend',
  summary: 'Send a delivery again that did not arrive, with all of its tries.',
  http: { method: 'POST', path: '/v1/deliveries/{id}/resend', success: 202 },
  input: z.strictObject({ id: lineText(300) }),
  output: sent,
  run: async (engine, { id }) => ({ resent: await engine.notices.resend([id]) }),
});

export const resendAll = operation({
  name: 'resendAll',
  summary: 'Send every dead delivery again.',
  http: { method: 'POST', path: '/v1/deliveries/resend', success: 202 },
  input: z.strictObject({}),
  output: sent,
  run: async (engine) => ({ resent: await engine.notices.resend('all') }),
});

const taskLine = z.object({
  id: z.string(),
  title: z.string(),
  state: stateField,
  reason: z.string().nullable(),
  verdict: z.enum(VERDICTS),
  owner: z.string(),
  endedAt: time.nullable(),
});

const lineOf = (task: Task): z.input<typeof taskLine> => ({
  id: task.id,
  title: task.spec.title,
  state: task.state,
  reason: reasonOf(task),
  verdict: verdict(task.state, reasonOf(task), verificationOf(task)),
  owner: task.spec.owner,
  endedAt: 'endedAt' in task ? iso(task.endedAt) : null,
});

const count = z.int().nonnegative();

export const digest = operation({
  name: 'digest',
  summary: 'What ended, failed, waits and cost in a span of time.',
  http: { method: 'GET', path: '/v1/digest', success: 200 },
  input: z.strictObject({
    since: lineText(40).default('1d').meta({
      description: 'How long ago, such as 12h or 7d, or a date such as 2026-11-01.',
    }),
    owner: lineText(200).optional().meta({ description: "Default: the user's." }),
    everybody: flagField.default(false).meta({ description: 'Of all owners.' }),
  }),
  output: z.object({
    from: time,
    to: time,
    owner: z.string().nullable(),
    succeeded: count,
    failed: count,
    other: count.meta({ description: 'Cancelled or skipped.' }),
    more: z.boolean().meta({ description: 'More ended than are told of.' }),
    costUsd: z.number(),
    costUnknown: count.meta({ description: 'Attempts that did not tell their cost.' }),
    attempts: count.meta({ description: 'Of agents.' }),
    ended: z.array(taskLine).meta({ description: 'The newest first.' }),
    waiting: z.array(taskLine).meta({ description: 'For a person, now.' }),
    text: z.string().meta({ description: 'All of that as a message.' }),
  }),
  run: async (engine, { since, owner, everybody }) => {
    const asked = everybody ? null : (owner ?? engine.info.owner);
    return digestView(await engine.notices.digest({ since, owner: asked }));
  },
});

const digestView = (given: Digest) => ({
  from: iso(given.from),
  to: iso(given.to),
  owner: given.owner,
  ...sumsOf(given.ended),
  more: given.more,
  costUsd: countedUsd(given.cost),
  costUnknown: given.cost.unknown,
  attempts: given.cost.attempts,
  ended: given.ended.map(lineOf),
  waiting: given.waiting.map(lineOf),
  text: digestText(given),
});
