import { z } from 'zod';
import { countField, idField } from './fields.ts';
import { streamOperation } from './operation.ts';
import { changeView as changeSchema } from './schemas.ts';
import { changeView } from './view.ts';

const after = countField(0, Number.MAX_SAFE_INTEGER).optional().meta({
  description: 'Changes after this number; default: from now on. Last-Event-ID says the same.',
});

export const events = streamOperation({
  name: 'events',
  summary: 'Everything that changes, resumable.',
  http: { method: 'GET', path: '/v1/events', success: 200 },
  input: z.strictObject({ after }),
  position: 'after',
  item: changeSchema,
  async *stream(engine, given, signal) {
    for await (const change of engine.changes(given.after ?? null, null, signal))
      yield { id: String(change.seq), event: change.event, data: changeView(change) };
  },
});

export const taskEvents = streamOperation({
  name: 'taskEvents',
  summary: 'What changes in one task, from its beginning, until it has ended.',
  http: { method: 'GET', path: '/v1/tasks/{id}/events', success: 200 },
  input: z.strictObject({ id: idField, after }),
  position: 'after',
  item: changeSchema,
  async *stream(engine, given, signal) {
    const task = await engine.find(given.id);
    for await (const change of engine.changes(given.after ?? 0, task.id, signal))
      yield { id: String(change.seq), event: change.event, data: changeView(change) };
  },
});
