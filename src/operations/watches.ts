import { z } from 'zod';
import { AGENT_EVENT_KINDS } from '../domain/agent-event.ts';
import { LONGEST_PATTERN } from '../domain/pattern.ts';
import type { Watch } from '../domain/watch.ts';
import { idField, lineText } from './fields.ts';
import { operation } from './operation.ts';
import { iso } from './time-view.ts';

const stream = z.enum(['output', 'stdout', 'stderr']);

const watchView = z
  .object({
    id: z.string(),
    taskId: z.string(),
    owner: z.string().meta({ description: 'Who is told.' }),
    match: z.string().nullable(),
    on: z.enum(AGENT_EVENT_KINDS).nullable(),
    stream: stream.nullable(),
    once: z.boolean(),
    createdAt: z.iso.datetime().meta({ description: 'UTC' }),
    matches: z.int().meta({ description: 'Told so far, those told together counted each.' }),
  })
  .meta({ id: 'Watch' });

const view = (watch: Watch): z.infer<typeof watchView> => ({
  id: watch.id,
  taskId: watch.taskId,
  owner: watch.owner,
  match: watch.match,
  on: watch.on,
  stream: watch.stream,
  once: watch.once,
  createdAt: iso(watch.createdAt),
  matches: watch.matches,
});

export const watch = operation({
  name: 'watch',
  summary:
    'Tell the owner of a task when a line of its output matches, or its agent does something.',
  http: { method: 'POST', path: '/v1/tasks/{id}/watches', success: 200 },
  input: z
    .strictObject({
      id: idField,
      match: lineText(LONGEST_PATTERN).nullable().default(null).meta({
        description: 'A plain text, or /a regular expression/ (i behind it: whatever the case).',
      }),
      on: z.enum(AGENT_EVENT_KINDS).nullable().default(null).meta({
        description: 'Events of an agent, in the place of lines of output.',
      }),
      stream: stream.nullable().default(null),
      once: z.boolean().default(false).meta({ description: 'The first match ends it.' }),
      fromStart: z.boolean().default(false).meta({
        description: 'What the current attempt has written already, too.',
      }),
    })
    .refine(({ match, on }) => match !== null || on !== null, { message: 'needs match or on' }),
  output: watchView,
  run: async (engine, { id, ...asked }) => view(await engine.watches.add(id, asked)),
});

export const watches = operation({
  name: 'watches',
  summary: 'The watches of a task, or all, the oldest first; those of an ended task are over.',
  http: { method: 'GET', path: '/v1/watches', success: 200 },
  input: z.strictObject({ task: idField.optional() }),
  output: z.object({ watches: z.array(watchView) }),
  run: async (engine, { task }) => ({
    watches: (await engine.watches.list(task ?? null)).map(view),
  }),
});

export const removeWatch = operation({
  name: 'removeWatch',
  summary: 'Forget a watch; what it told stays.',
  http: { method: 'DELETE', path: '/v1/watches/{id}', success: 200 },
  input: z.strictObject({
    id: lineText(64).meta({ description: 'The id of a watch, or its beginning.' }),
  }),
  output: watchView,
  run: async (engine, { id }) => view(await engine.watches.remove(id)),
});
