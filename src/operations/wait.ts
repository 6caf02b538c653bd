import { z } from 'zod';
import { durationField, flagField, idField } from './fields.ts';
import { operation } from './operation.ts';
import { taskView } from './schemas.ts';
import { view, views } from './view.ts';

const timeout = durationField.optional().meta({
  description: 'Longest wait; the answer then has timedOut: true. Default: until the end.',
});

export const wait = operation({
  name: 'wait',
  summary: 'Wait until all of the tasks, or any of them, have ended.',
  http: { method: 'POST', path: '/v1/wait', success: 200 },
  input: z.strictObject({
    ids: z.array(idField).min(1).max(1_000),
    any: flagField.default(false),
    timeout,
  }),
  output: z.object({ tasks: z.array(taskView), timedOut: z.boolean() }),
  run: async (engine, { ids, any, timeout: longest }, { signal }) => {
    const found = await Promise.all(ids.map((id) => engine.find(id)));
    const { tasks, timedOut } = await engine.settled(
      found.map((task) => task.id),
      { any, timeout: longest ?? null, signal },
    );
    return { tasks: await views(engine, tasks), timedOut };
  },
});

export const waitOne = operation({
  name: 'waitOne',
  summary: 'Wait until a task has ended; the answer is the task, ended or not.',
  http: { method: 'POST', path: '/v1/tasks/{id}/wait', success: 200 },
  input: z.strictObject({ id: idField, timeout }),
  output: taskView,
  run: async (engine, { id, timeout: longest }, { signal }) => {
    const task = await engine.find(id);
    const until = { any: false, timeout: longest ?? null, signal };
    const { tasks } = await engine.settled([task.id], until);
    return view(engine, tasks[0] ?? task);
  },
});
