import { z } from 'zod';
import { ASKERS, LONGEST_REPLY } from '../domain/question.ts';
import type { Asked } from '../engine/facade.ts';
import { flagField, idField, lineText, processText } from './fields.ts';
import { operation } from './operation.ts';
import { taskView } from './schemas.ts';
import { iso, isoOrNull } from './time-view.ts';
import { view } from './view.ts';
import { questionFields } from './worker-schemas.ts';

export const askedView = z
  .object({
    ...questionFields,
    kind: z.enum([...ASKERS, 'review', 'drained']),
    owner: z.string().nullable(),
  })
  .meta({ id: 'Question' });

const askedAs = (asked: Asked): z.input<typeof askedView> => ({
  id: asked.id,
  taskId: asked.taskId,
  question: asked.text,
  options: [...asked.options],
  context: asked.context,
  askedAt: iso(asked.askedAt),
  deadlineAt: isoOrNull(asked.deadlineAt),
  default: asked.fallback,
  state: asked.state,
  answer: asked.answer === null ? null : { ...asked.answer, at: iso(asked.answer.at) },
  kind: asked.kind,
  owner: asked.owner,
});

export const questions = operation({
  name: 'questions',
  summary:
    "What waits for a person's word: questions of workers, work to be reviewed, agents that failed too often. The oldest first.",
  http: { method: 'GET', path: '/v1/questions', success: 200 },
  input: z.strictObject({
    owner: lineText(200).optional().meta({ description: 'Default: of all owners.' }),
    task: idField.optional(),
    all: flagField.default(false).meta({
      description: 'Also those that are answered, expired or closed: the newest 200.',
    }),
  }),
  output: z.object({ questions: z.array(askedView) }),
  run: async (engine, { owner, task, all }) => {
    const found = await engine.questions.list({
      owner: owner ?? null,
      taskId: task ?? null,
      all,
    });
    return { questions: found.map(askedAs) };
  },
});

export const answer = operation({
  name: 'answer',
  summary: 'Answer a question, or the open one of a task: the first answer wins.',
  http: { method: 'POST', path: '/v1/questions/{id}/answer', success: 200 },
  input: z.strictObject({
    id: lineText(200).meta({ description: 'Of a question, or of a task that has asked.' }),
    text: processText(LONGEST_REPLY).refine((text) => text.trim() !== '', 'must not be empty'),
    by: lineText(200).optional().meta({ description: 'Who answers. Default: the user.' }),
  }),
  output: z.object({ question: askedView, task: taskView.nullable() }),
  run: async (engine, { id, text, by }) => {
    const { asked, task } = await engine.questions.answer(id, text, by ?? engine.info.owner);
    return { question: askedAs(asked), task: task === null ? null : await view(engine, task) };
  },
});
