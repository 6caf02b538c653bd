import { z } from 'zod';
import { durationField, flagField, idField } from './fields.ts';
import { operation } from './operation.ts';
import { taskView } from './schemas.ts';
import { view } from './view.ts';

const tree = flagField.default(false).meta({ description: 'Stop its descendants too.' });

export const stop = operation({
  name: 'stop',
  summary: 'Stop a task politely, in whatever state it is; after the grace it is killed.',
  http: { method: 'POST', path: '/v1/tasks/{id}/stop', success: 200 },
  input: z.strictObject({ id: idField, tree, grace: durationField.optional() }),
  output: taskView,
  run: async (engine, { id, tree, grace }) => {
    const task = await engine.find(id);
    return view(engine, await engine.stop(task.id, { reason: 'user', grace: grace ?? null, tree }));
  },
});

export const kill = operation({
  name: 'kill',
  summary: 'End a task at once.',
  http: { method: 'POST', path: '/v1/tasks/{id}/kill', success: 200 },
  input: z.strictObject({ id: idField, tree }),
  output: taskView,
  run: async (engine, { id, tree }) => {
    const task = await engine.find(id);
    return view(engine, await engine.stop(task.id, { reason: 'user', grace: 0, tree }));
  },
});
