import { z } from 'zod';
import { duration } from '../domain/duration.ts';
import { durationText } from './size.ts';

const NO_DURATION = 'is no duration; write "90s", "10m", "2h" or "7d", or 0 for never';
const LONGEST = 3_650 * 24 * 3_600_000;

/** `[questions]`: what workers ask of a person. */
export const questionsSchema = z.strictObject({
  deadline: z
    .union([z.string(), z.number()], { error: NO_DURATION })
    .transform((given, context) => {
      const ms = duration(given);
      if (ms !== null && ms >= 0 && ms <= LONGEST) return ms;
      context.addIssue({
        code: 'custom',
        message: ms === null ? NO_DURATION : 'must be at most 3650d',
      });
      return z.NEVER;
    })
    .prefault('7d')
    .meta({
      description:
        'A question that was not answered by then ends its task (question_expired), or is answered with its default; 0 = never.',
    }),
});

/** `[worker]`: what agents are given for their work. */
export const workerSchema = z.strictObject({
  tools: z.boolean({ error: 'must be true or false' }).prefault(true).meta({
    description:
      'Agents get the tools by which they ask a person, tell their result and report progress, as an MCP server.',
  }),
});

export interface WorkerConfig {
  /** Ms; null = never. */
  questionDeadline: number | null;
  tools: boolean;
}

export const workerOf = (
  questions: z.output<typeof questionsSchema>,
  worker: z.output<typeof workerSchema>,
): WorkerConfig => ({
  questionDeadline: questions.deadline === 0 ? null : questions.deadline,
  tools: worker.tools,
});

/** The values by their dotted names in the file. */
export const flatWorker = ({ questionDeadline, tools }: WorkerConfig) => ({
  'questions.deadline': questionDeadline === null ? '0' : durationText(questionDeadline),
  'worker.tools': tools,
});
