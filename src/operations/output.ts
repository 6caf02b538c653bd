import { z } from 'zod';
import type { OutputRequest, OutputSlice } from '../engine/facade.ts';
import { countField, idField } from './fields.ts';
import { operation, streamOperation } from './operation.ts';

const DEFAULT_LIMIT = 64 * 1024;
/** One answer never makes the daemon hold more than this. */
const LONGEST_SLICE = 4 * 1024 * 1024;

const input = z.strictObject({
  id: idField,
  stream: z.enum(['output', 'stdout', 'stderr']).optional(),
  attempt: countField(1, 1_000_000).optional(),
  offset: countField(0, Number.MAX_SAFE_INTEGER).optional(),
  limit: countField(1, LONGEST_SLICE).default(DEFAULT_LIMIT),
  tail: countField(0, LONGEST_SLICE).optional().meta({ description: 'The last bytes instead.' }),
});

const slice = z
  .object({
    stream: z.string(),
    offset: z.int(),
    nextOffset: z.int(),
    size: z.int(),
    truncated: z.boolean(),
    ended: z.boolean(),
    text: z.string().meta({ description: 'As UTF-8, invalid bytes replaced.' }),
    base64: z.string().meta({ description: 'The exact bytes.' }),
  })
  .meta({ id: 'OutputSlice' });

const request = (given: z.output<typeof input>): OutputRequest => ({
  stream: given.stream ?? null,
  attempt: given.attempt ?? null,
  offset: given.offset ?? null,
  limit: given.limit,
  tail: given.tail ?? null,
});

function sliceView({ data, ...rest }: OutputSlice): z.infer<typeof slice> {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return { ...rest, text: bytes.toString('utf8'), base64: bytes.toString('base64') };
}

export const output = operation({
  name: 'output',
  summary: 'Part of what a task wrote.',
  http: { method: 'GET', path: '/v1/tasks/{id}/output', success: 200 },
  input,
  output: slice,
  run: async (engine, given) => {
    const task = await engine.find(given.id);
    return sliceView(await engine.read(task.id, request(given)));
  },
});

export const follow = streamOperation({
  name: 'follow',
  summary: 'What a task writes, as it is written, until the task ends.',
  http: { method: 'GET', path: '/v1/tasks/{id}/output/follow', success: 200 },
  input,
  position: 'offset',
  item: slice,
  async *stream(engine, given, signal) {
    const task = await engine.find(given.id);
    for await (const part of engine.follow(task.id, request(given), signal))
      yield { id: String(part.nextOffset), event: 'output', data: sliceView(part) };
  },
});
