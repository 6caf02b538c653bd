import { z } from 'zod';
import type { Output } from '../client/index.ts';
import { idInput } from './look-tools.ts';
import { started as now } from './run-tool.ts';
import { tool } from './tool.ts';
import { known, line, newsItem, newsOf, quoted, safe, taskBrief } from './words.ts';

const questionRow = z.object({
  id: z.string(),
  kind: z.string(),
  taskId: z.string().optional(),
  question: z.string(),
  options: z.array(z.string()),
  context: z.string(),
  deadlineAt: z.string().optional(),
});
type QuestionRow = z.infer<typeof questionRow>;

const deliveryId = z.string().min(1).max(200);

export const inbox = tool({
  name: 'inbox',
  title: 'Read what happened',
  description: [
    'Everything that this session was not told yet: tasks that ended, and questions that wait for an answer.',
    'News come by themselves with the answers of all tools; use this after a break, or when an answer says that there is more.',
    'Reading twice may tell the same thing twice, with the same delivery id.',
  ].join(' '),
  hints: { readOnly: false, destructive: false, idempotent: true },
  input: {
    limit: z.int().min(1).max(100).default(20),
    ack: z.array(deliveryId).max(100).optional().meta({
      description:
        'Delivery ids that are dealt with. Not needed: what was told here is acknowledged with your next call.',
    }),
  },
  output: {
    deliveries: z.array(newsItem),
    questions: z.array(questionRow),
    acked: z.array(z.string()),
  },
  run: async ({ limit, ack }, { calls, owner, signal }) => {
    const { acked } =
      ack === undefined || ack.length === 0
        ? { acked: [] }
        : await calls.call('ack', { owner, ids: ack }, signal);
    const [{ deliveries }, { questions }] = await Promise.all([
      calls.call('inbox', { owner, limit }, signal),
      calls.call('questions', { owner }, signal),
    ]);
    const told = deliveries.map(newsOf);
    const open = questions.map(rowOf);
    const text = [
      ...(told.length === 0 ? ['Nothing new.'] : told.map((one) => `- ${one.text}`)),
      ...open.map(words),
    ].join('\n');
    return {
      structured: { deliveries: told, questions: open, acked },
      text,
      handed: deliveries.map(({ id }) => id),
    };
  },
});

type Asked = Output<'questions'>['questions'][number];

const rowOf = (asked: Asked): QuestionRow => ({
  id: asked.id,
  kind: asked.kind,
  question: safe(asked.question, 2_000),
  options: asked.options.map((one) => line(one, 200)),
  context: safe(asked.context, 2_000),
  ...known({ taskId: asked.taskId, deadlineAt: asked.deadlineAt }),
});

const words = ({ id, kind, taskId, question, options }: QuestionRow): string =>
  [
    quoted(
      `Open question ${id} (${kind}${taskId === undefined ? '' : `, task ${taskId}`})`,
      question,
    ),
    ...(options.length === 0
      ? []
      : [`Options: ${options.map((one) => JSON.stringify(one)).join(', ')}`]),
  ].join('\n');

export const questionAnswer = tool({
  name: 'question_answer',
  title: 'Answer a question',
  description: [
    'Answer the question that a task waits for; the first answer counts.',
    'Answer by yourself only what you know for certain from this conversation; otherwise ask your user first.',
    'A permission is always for your user to give: ask them, and pass on what they say.',
  ].join(' '),
  hints: { readOnly: false, destructive: false, openWorld: true },
  input: {
    question: z
      .string()
      .min(1)
      .max(200)
      .meta({ description: 'The id of the question, or of its task.' }),
    answer: z.string().trim().min(1).max(20_000),
  },
  output: { question: z.string(), task: taskBrief.optional() },
  run: async ({ question: id, answer }, { calls, owner, signal }) => {
    const { question, task } = await calls.call('answer', { id, text: answer, by: owner }, signal);
    const text = `The answer to ${question.id} is given.`;
    if (task === null) return { structured: { question: question.id }, text };
    const told = now(task);
    return {
      ...told,
      structured: { question: question.id, ...told.structured },
      text: `${text}\n${told.text}`,
    };
  },
});

export const taskSend = tool({
  name: 'task_send',
  title: 'Send text to a running task',
  description:
    'Send a line to the stdin of a running command that was started with input: true. Not for answering a question: that is question_answer.',
  hints: { readOnly: false, destructive: false, openWorld: true },
  input: { id: idInput, text: z.string().min(1).max(100_000) },
  output: { task: taskBrief },
  run: async ({ id, text }, { calls, signal }) => {
    await calls.call('input', { id, text }, signal);
    return now(await calls.call('show', { id }, signal));
  },
});
