import { z } from 'zod';
import { flagField, idField, processText } from './fields.ts';
import { operation } from './operation.ts';
import { taskView } from './schemas.ts';
import { view } from './view.ts';

export const accept = operation({
  name: 'accept',
  summary: 'Take the work of a task that waits for a review: the task completes.',
  http: { method: 'POST', path: '/v1/tasks/{id}/accept', success: 200 },
  input: z.strictObject({ id: idField }),
  output: taskView,
  run: async (engine, { id }) => {
    const task = await engine.find(id);
    return view(engine, await engine.work.accept(task.id));
  },
});

export const reject = operation({
  name: 'reject',
  summary:
    'Send the work of a task back with what is wrong, for another attempt; or end it. An ended task is done again as a new one, which is the answer.',
  http: { method: 'POST', path: '/v1/tasks/{id}/reject', success: 200 },
  input: z.strictObject({
    id: idField,
    feedback: processText(100_000)
      .refine((text) => text.trim() !== '', 'must not be empty')
      .optional()
      .meta({ description: 'What is wrong, told to the next attempt.' }),
    end: flagField.default(false).meta({ description: 'No further attempt: the task fails.' }),
  }),
  output: taskView,
  run: async (engine, { id, feedback, end }) => {
    const task = await engine.find(id);
    return view(engine, await engine.work.reject(task.id, feedback ?? null, end));
  },
});
