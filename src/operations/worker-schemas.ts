import { z } from 'zod';
import { ASKERS, QUESTION_STATES } from '../domain/question.ts';

const time = z.iso.datetime();

/** What every question has. */
export const questionFields = {
  id: z.string(),
  taskId: z.string().nullable(),
  question: z.string(),
  options: z.array(z.string()).meta({ description: 'Other words are taken, too.' }),
  context: z.string(),
  askedAt: time,
  deadlineAt: time.nullable(),
  default: z.string().nullable().meta({ description: 'The answer when nobody gives one in time.' }),
  state: z.enum(QUESTION_STATES),
  answer: z.object({ text: z.string(), at: time, by: z.string() }).nullable(),
};

/** As a part of the Task JSON. */
export const taskQuestion = z
  .object({ ...questionFields, kind: z.enum(ASKERS) })
  .meta({ id: 'TaskQuestion' });

export const finishView = z
  .object({
    summary: z.string(),
    checks: z.array(z.object({ requirement: z.string(), met: z.boolean(), evidence: z.string() })),
    significance: z.string(),
    notify: z.boolean(),
    at: time,
  })
  .meta({ id: 'Finish' });

/** The audit trail of an attempt. */
export const rulingView = z
  .object({
    tool: z.string(),
    subject: z.string().meta({ description: 'Its beginning.' }),
    ruling: z.enum(['allow', 'deny', 'asked']),
    by: z.string().meta({ description: 'The rule, the answer, or the question.' }),
    at: time,
  })
  .meta({ id: 'Ruling' });

export const progressView = z
  .object({ text: z.string(), percent: z.number().nullable(), at: time })
  .meta({ id: 'Progress' });
