import { z } from 'zod';
import { durationField, flagField, idField } from './fields.ts';
import { operation } from './operation.ts';

export const remove = operation({
  name: 'remove',
  summary: 'Forget an ended task that nothing protects, with its output.',
  http: { method: 'DELETE', path: '/v1/tasks/{id}', success: 200 },
  input: z.strictObject({ id: idField }),
  output: z.object({ removed: z.array(z.string()) }),
  run: async (engine, { id }) => {
    const task = await engine.find(id);
    await engine.remove(task.id);
    return { removed: [task.id] };
  },
});

const A_WEEK = 7 * 86_400_000;

export const gc = operation({
  name: 'gc',
  summary: 'Remove ended tasks that nothing protects.',
  http: { method: 'POST', path: '/v1/gc', success: 200 },
  input: z.strictObject({
    olderThan: durationField.default(A_WEEK),
    dryRun: flagField.default(false),
  }),
  output: z.object({
    removed: z.array(z.string()),
    kept: z.int().meta({ description: 'Ended tasks that something still protects.' }),
    freedBytes: z.int(),
    dryRun: z.boolean(),
  }),
  run: async (engine, given) => ({ ...(await engine.gc(given)), dryRun: given.dryRun }),
});
