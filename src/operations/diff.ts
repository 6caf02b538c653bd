import { z } from 'zod';
import type { DiffRequest } from '../engine/facade.ts';
import { countField, flagField, idField, processText } from './fields.ts';
import { operation, streamOperation } from './operation.ts';

/** One answer never makes the daemon hold more than this much of a patch (characters). */
const LONGEST_PATCH = 4_000_000;

const pathText = processText(4_096);

/** One or several; no path is taken apart at its commas. */
const pathsField = z
  .union([pathText, z.array(pathText).max(1_000)])
  .transform((given) => (typeof given === 'string' ? [given] : given).filter((one) => one !== ''))
  .default([]);

const asked = {
  id: idField,
  attempt: countField(1, 1_000_000).optional().meta({
    description: 'The work of this attempt; default: what counts as the result.',
  }),
  against: z.enum(['base', 'previous']).default('base').meta({
    description: 'What it is compared with: where the work began, or the attempt before.',
  }),
  path: pathsField.meta({ description: 'These files and folders alone, from the root.' }),
};

type Asked = z.output<z.ZodObject<typeof asked>>;

const request = ({ attempt, against, path }: Asked): DiffRequest => ({
  attempt: attempt ?? null,
  against,
  paths: path,
});

const output = z
  .object({
    id: z.string(),
    from: z.string(),
    to: z.string(),
    commits: z.int(),
    changed: z.object({ files: z.int(), insertions: z.int(), deletions: z.int() }),
    paths: z.array(
      z.object({
        path: z.string(),
        kind: z.enum(['A', 'M', 'D', 'T']).meta({
          description: 'Added, modified, deleted, or of another type. A new name is both A and D.',
        }),
        insertions: z.int().nullable().meta({ description: 'Null = it is no text.' }),
        deletions: z.int().nullable(),
      }),
    ),
    patch: z.string().nullable().meta({ description: 'Null = only the sizes were asked for.' }),
    truncated: z.boolean().meta({ description: 'The patch is longer; the stream has all of it.' }),
  })
  .meta({ id: 'Diff' });

export const diff = operation({
  name: 'diff',
  summary: 'What a task changed.',
  http: { method: 'GET', path: '/v1/tasks/{id}/diff', success: 200 },
  input: z.strictObject({
    ...asked,
    stat: flagField.default(false).meta({ description: 'The sizes alone.' }),
  }),
  output,
  run: async (engine, given, { signal }) => {
    const { id } = await engine.find(given.id);
    const { from, to, change, paths } = await engine.work.changes(id, request(given));
    const { files, insertions, deletions, commits } = change;
    const patch = given.stat ? null : await some(engine.work.diff(id, request(given), signal));
    return {
      id,
      from,
      to,
      commits,
      changed: { files, insertions, deletions },
      paths,
      patch: patch?.text ?? null,
      truncated: patch?.truncated ?? false,
    };
  },
});

/** As much of the text as one answer may hold; the rest is not even made. */
async function some(parts: AsyncIterable<string>): Promise<{ text: string; truncated: boolean }> {
  let text = '';
  for await (const part of parts) {
    text += part;
    if (text.length > LONGEST_PATCH) return { text: text.slice(0, LONGEST_PATCH), truncated: true };
  }
  return { text, truncated: false };
}

export const patch = streamOperation({
  name: 'patch',
  summary: 'What a task changed, as a patch of any length.',
  http: { method: 'GET', path: '/v1/tasks/{id}/diff/patch', success: 200 },
  input: z.strictObject({
    ...asked,
    after: countField(0, Number.MAX_SAFE_INTEGER).default(0).meta({
      description: 'Characters that are known already. Last-Event-ID says the same.',
    }),
  }),
  position: 'after',
  item: z.object({ text: z.string() }),
  async *stream(engine, given, signal) {
    const { id } = await engine.find(given.id);
    let at = 0;
    for await (const part of engine.work.diff(id, request(given), signal)) {
      const text = part.slice(Math.max(0, given.after - at));
      at += part.length;
      if (text !== '') yield { id: String(at), event: 'patch', data: { text } };
    }
  },
});
