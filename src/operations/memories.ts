import { z } from 'zod';
import { LONGEST_MEMORY, type Memory, MEMORY_KINDS } from '../domain/memory.ts';
import { countField, durationField, flagField, lineText, processText } from './fields.ts';
import { operation } from './operation.ts';
import { iso, isoOrNull } from './view.ts';

const time = z.iso.datetime().meta({ description: 'UTC' });
const kindField = z.enum(MEMORY_KINDS);
const folderField = processText(4_096).startsWith('/');

const memoryView = z
  .object({
    id: z.string(),
    kind: kindField,
    text: z.string(),
    folder: z.string().nullable().meta({
      description: 'Told to tasks in it and below; null = to every task of the person.',
    }),
    pinned: z.boolean().meta({ description: 'Told before the others.' }),
    by: z.string(),
    createdAt: time,
    expiresAt: time.nullable(),
    endedAt: time.nullable().meta({ description: 'When it was taken away.' }),
    from: z
      .object({ finding: z.string(), group: z.string(), taskId: z.string().nullable() })
      .nullable()
      .meta({ description: 'The finding that it was made of; null = a person wrote it.' }),
  })
  .meta({ id: 'Memory' });

const view = (memory: Memory): z.infer<typeof memoryView> => ({
  ...memory,
  createdAt: iso(memory.createdAt),
  expiresAt: isoOrNull(memory.expiresAt),
  endedAt: isoOrNull(memory.endedAt),
});

const named = z.strictObject({
  id: lineText(64).meta({ description: 'The id of a memory, or its beginning.' }),
});

export const memories = operation({
  name: 'memories',
  summary: 'What is kept about projects and the person, the newest first.',
  http: { method: 'GET', path: '/v1/memories', success: 200 },
  input: z.strictObject({
    q: processText(2_000).default('').meta({ description: 'Words of it, or their beginnings.' }),
    kind: kindField.optional(),
    folder: folderField.optional().meta({
      description: 'Those that a task in this folder is told; default: all.',
    }),
    all: flagField.default(false).meta({
      description: 'Those that were taken away or are over, too.',
    }),
    limit: countField(1, 1_000).default(200),
  }),
  output: z.object({ memories: z.array(memoryView) }),
  run: async (engine, { q, kind = null, folder = null, all, limit }) => ({
    memories: (await engine.memories.search({ text: q, kind, folder, all, limit })).map(view),
  }),
});

export const addMemory = operation({
  name: 'addMemory',
  summary: 'Keep something that tasks are told from now on.',
  http: { method: 'POST', path: '/v1/memories', success: 200 },
  input: z
    .strictObject({
      text: processText(LONGEST_MEMORY).min(1).optional(),
      from: lineText(20).optional().meta({
        description: 'A finding whose text is kept; with a text of its own, that one.',
      }),
      kind: kindField.default('fact'),
      folder: folderField.nullable().default(null),
      pinned: flagField.default(false),
      expires: durationField.optional().meta({ description: 'Told for that long; default: on.' }),
      owner: lineText(200).optional(),
    })
    .refine(({ text, from }) => text !== undefined || from !== undefined, {
      message: 'needs a text, or the finding that it is made of',
    })
    .meta({ id: 'NewMemory' }),
  output: memoryView,
  run: async (engine, { text = null, from = null, kind, folder, pinned, expires, owner }) =>
    view(
      await engine.memories.add({
        text,
        from,
        kind,
        folder,
        pinned,
        by: owner ?? engine.info.owner,
        lasts: expires ?? null,
      }),
    ),
});

export const memory = operation({
  name: 'memory',
  summary: 'One memory.',
  http: { method: 'GET', path: '/v1/memories/{id}', success: 200 },
  input: named,
  output: memoryView,
  run: async (engine, { id }) => view(await engine.memories.find(id)),
});

export const removeMemory = operation({
  name: 'removeMemory',
  summary: 'Tell tasks no more of it; it is kept and shown with all.',
  http: { method: 'DELETE', path: '/v1/memories/{id}', success: 200 },
  input: named,
  output: memoryView,
  run: async (engine, { id }) => view(await engine.memories.remove(id)),
});
