import { z } from 'zod';
import { idField } from './fields.ts';
import { operation } from './operation.ts';
import { attemptView, changeView as changeSchema, taskView } from './schemas.ts';
import { changeView, view } from './view.ts';

const input = z.strictObject({ id: idField });

export const show = operation({
  name: 'show',
  summary: 'One task.',
  http: { method: 'GET', path: '/v1/tasks/{id}', success: 200 },
  input,
  output: taskView,
  run: async (engine, { id }) => view(engine, await engine.find(id)),
});

export const attempts = operation({
  name: 'attempts',
  summary: 'Every attempt of a task, oldest first.',
  http: { method: 'GET', path: '/v1/tasks/{id}/attempts', success: 200 },
  input,
  output: z.object({ attempts: z.array(attemptView) }),
  run: async (engine, { id }) => ({
    attempts: (await view(engine, await engine.find(id))).attempts,
  }),
});

export const history = operation({
  name: 'history',
  summary: 'Every state a task went through, with its time.',
  http: { method: 'GET', path: '/v1/tasks/{id}/history', success: 200 },
  input,
  output: z.object({ changes: z.array(changeSchema) }),
  run: async (engine, { id }) => {
    const task = await engine.find(id);
    return { changes: (await engine.history(task.id)).map(changeView) };
  },
});
