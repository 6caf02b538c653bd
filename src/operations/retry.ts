import { z } from 'zod';
import { TendError } from '../domain/errors.ts';
import { isEnded } from '../domain/task.ts';
import { idField, processText } from './fields.ts';
import { operation } from './operation.ts';
import { taskView } from './schemas.ts';
import { view } from './view.ts';

export const retry = operation({
  name: 'retry',
  summary: 'Run an ended task again, as a new task that names the old one.',
  http: { method: 'POST', path: '/v1/tasks/{id}/retry', success: 202 },
  input: z.strictObject({
    id: idField,
    env: z.record(z.string(), processText(1_000_000)).optional().meta({
      description: 'A fresh environment; default: the one the ended task had.',
    }),
  }),
  output: taskView,
  run: async (engine, { id, env }) => {
    const task = await engine.find(id);
    if (!isEnded(task))
      throw new TendError(
        'not_ended',
        `${task.id} is ${task.state}, not ended`,
        `Wait for it with: tend wait ${task.id}`,
      );
    const { task: again } = await engine.retry(task, env ?? null);
    return view(engine, again);
  },
});
