import { z } from 'zod';
import { idField } from './fields.ts';
import { operation } from './operation.ts';
import { iso } from './view.ts';

export const undo = operation({
  name: 'undo',
  summary: 'Bring back the work tree that was taken away of a task, also when the task is gone.',
  http: { method: 'POST', path: '/v1/tasks/{id}/undo', success: 200 },
  input: z.strictObject({ id: idField }),
  output: z.object({
    taskId: z.string(),
    path: z.string().meta({ description: 'Where the work tree stands again.' }),
    branch: z.string().nullable(),
    trashedAt: z.iso.datetime().meta({ description: 'When it was taken away.' }),
  }),
  run: async (engine, { id }) => {
    const { taskId, path, branch, at } = await engine.work.undo(id);
    return { taskId, path, branch, trashedAt: iso(at) };
  },
});
