import { z } from 'zod';
import {
  LONGEST_OPTION,
  LONGEST_QUESTION,
  LONGEST_QUESTION_CONTEXT,
  LONGEST_REPLY,
  MOST_OPTIONS,
} from '../domain/question.ts';
import {
  LONGEST_PROGRESS,
  LONGEST_REQUIREMENT,
  LONGEST_RESULT,
  LONGEST_SIGNIFICANCE,
  LONGEST_SUMMARY,
  MOST_FINISH_CHECKS,
} from '../domain/worker.ts';
import type { Question } from '../engine/facade.ts';
import { durationField, lineText, processText } from './fields.ts';
import { operation } from './operation.ts';
import { taskView } from './schemas.ts';
import { iso, isoOrNull } from './time-view.ts';
import { view } from './view.ts';
import { questionFields } from './worker-schemas.ts';

const token = z.string().min(1).max(300).meta({
  description: 'The one-task token of the attempt, from TEND_WORKER_TOKEN.',
});
const filled = (max: number) =>
  processText(max).refine((text) => text.trim() !== '', 'must not be empty');

/** Its own question, as its worker sees it. */
const ownQuestion = z.object({
  id: questionFields.id,
  question: questionFields.question,
  askedAt: questionFields.askedAt,
  deadlineAt: questionFields.deadlineAt,
  answer: questionFields.answer,
});

const questionAs = ({ id, text, askedAt, deadlineAt, answer }: Question) => ({
  id,
  question: text,
  askedAt: iso(askedAt),
  deadlineAt: isoOrNull(deadlineAt),
  answer: answer === null ? null : { ...answer, at: iso(answer.at) },
});

export const workerTask = operation({
  name: 'workerTask',
  summary: 'The task that the worker with this token works on.',
  http: { method: 'POST', path: '/v1/worker/task', success: 200 },
  input: z.strictObject({ token }),
  output: taskView,
  run: async (engine, given) => view(engine, await engine.worker.task(given.token)),
});

export const workerAsk = operation({
  name: 'workerAsk',
  summary:
    'Ask a person for the worker, which then stops: the answer comes with its next run. At most one question of an attempt.',
  http: { method: 'POST', path: '/v1/worker/ask', success: 200 },
  input: z.strictObject({
    token,
    question: filled(LONGEST_QUESTION),
    options: z.array(filled(LONGEST_OPTION)).max(MOST_OPTIONS).default([]),
    context: processText(LONGEST_QUESTION_CONTEXT).default(''),
    within: durationField.optional().meta({
      description: 'It is too late after this; 0 = never. Default: as configured.',
    }),
    default: filled(LONGEST_REPLY).optional().meta({
      description: 'The answer when nobody gives one in time.',
    }),
  }),
  output: z.object({ question: ownQuestion }),
  run: async (engine, given) => {
    const question = await engine.worker.ask(given.token, {
      text: given.question,
      options: given.options,
      context: given.context,
      within: given.within ?? null,
      fallback: given.default ?? null,
    });
    return { question: questionAs(question) };
  },
});

const check = z.strictObject({
  requirement: filled(LONGEST_REQUIREMENT),
  met: z.boolean(),
  evidence: processText(LONGEST_REQUIREMENT).default(''),
});

/** What a worker told at its end. */
const finishFields = {
  result: processText(LONGEST_RESULT).meta({ description: 'The result, for whoever asked.' }),
  summary: processText(LONGEST_SUMMARY).default(''),
  checks: z.array(check).max(MOST_FINISH_CHECKS).default([]),
  significance: processText(LONGEST_SIGNIFICANCE).default(''),
  notify: z.boolean().default(false),
};

export const workerFinish = operation({
  name: 'workerFinish',
  summary: 'Tell the result of the work. The end of the process ends the attempt, not this.',
  http: { method: 'POST', path: '/v1/worker/finish', success: 200 },
  input: z.strictObject({ token, ...finishFields }),
  output: z.object({ at: z.iso.datetime() }),
  run: async (engine, { token: given, ...told }) => ({
    at: iso((await engine.worker.finish(given, told)).at),
  }),
});

export const workerProgress = operation({
  name: 'workerProgress',
  summary: 'Tell how far the work is.',
  http: { method: 'POST', path: '/v1/worker/progress', success: 200 },
  input: z.strictObject({
    token,
    text: filled(LONGEST_PROGRESS),
    percent: z.number().min(0).max(100).nullable().default(null),
  }),
  output: z.object({}),
  run: async (engine, { token: given, text, percent }) => {
    await engine.worker.progress(given, { text, percent });
    return {};
  },
});

export const workerPermit = operation({
  name: 'workerPermit',
  summary: 'Whether the worker may do something with a tool; a person is asked where no rule says.',
  http: { method: 'POST', path: '/v1/worker/permit', success: 200 },
  input: z.strictObject({
    token,
    tool: lineText(200),
    subject: processText(10_000).default(''),
    input: processText(100_000).default('').meta({
      description: 'All that the tool is to be called with, for the person.',
    }),
  }),
  output: z.object({
    ruling: z.enum(['allow', 'deny', 'asked']),
    reason: z.string(),
    question: ownQuestion.nullable(),
  }),
  run: async (engine, { token: given, tool, subject, input }) => {
    const ruled = await engine.worker.permit(given, { tool, subject }, input);
    return { ...ruled, question: ruled.question === null ? null : questionAs(ruled.question) };
  },
});

export const workerMemory = operation({
  name: 'workerMemory',
  summary: 'What is remembered of the project, by kind or words; the newest first.',
  http: { method: 'POST', path: '/v1/worker/memory', success: 200 },
  input: z.strictObject({ token, query: processText(500).default('') }),
  output: z.object({ text: z.string() }),
  run: async (engine, { token: given, query }) => ({
    text: await engine.worker.memory(given, query),
  }),
});

export const workerFinding = operation({
  name: 'workerFinding',
  summary: 'Tell the other tasks of the group something.',
  http: { method: 'POST', path: '/v1/worker/finding', success: 200 },
  input: z.strictObject({ token, text: filled(2_000) }),
  output: z.object({ repeated: z.boolean().meta({ description: 'It was told before.' }) }),
  run: async (engine, { token: given, text }) => engine.worker.finding(given, text),
});
