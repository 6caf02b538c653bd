import { z } from 'zod';
import { durationField, flagField, idField } from './fields.ts';
import { operation } from './operation.ts';

const workTrees = z
  .array(z.object({ taskId: z.string(), path: z.string(), bytes: z.int() }))
  .meta({ description: 'Work trees that go to the trash; `undo` brings them back.' });

export const remove = operation({
  name: 'remove',
  summary:
    'Forget an ended task that nothing protects, with its output; its work tree goes to the trash.',
  http: { method: 'DELETE', path: '/v1/tasks/{id}', success: 200 },
  input: z.strictObject({ id: idField, dryRun: flagField.default(false) }),
  output: z.object({ removed: z.array(z.string()), worktrees: workTrees, dryRun: z.boolean() }),
  run: async (engine, { id, dryRun }) => {
    const task = await engine.find(id);
    const worktrees = await engine.remove(task.id, dryRun);
    return { removed: [task.id], worktrees, dryRun };
  },
});

const A_WEEK = 7 * 86_400_000;

const trashed = z.object({ taskId: z.string(), path: z.string(), trash: z.string() });

export const gc = operation({
  name: 'gc',
  summary:
    'Remove ended tasks that nothing protects, and what has been in the trash for long enough.',
  http: { method: 'POST', path: '/v1/gc', success: 200 },
  input: z.strictObject({
    olderThan: durationField.default(A_WEEK),
    dryRun: flagField.default(false),
  }),
  output: z.object({
    removed: z.array(z.string()),
    kept: z.int().meta({ description: 'Ended tasks that something still protects.' }),
    freedBytes: z.int(),
    refused: z
      .array(z.object({ taskId: z.string(), reason: z.string() }))
      .meta({ description: 'Tasks that stay because their work tree cannot be taken away.' }),
    worktrees: workTrees,
    purged: z
      .array(trashed)
      .meta({ description: 'Work trees that were in the trash for long enough, and are deleted.' }),
    purgeRefused: z.array(trashed.extend({ reason: z.string() })).meta({
      description: 'Old ones that stay in the trash, because not all of it is kept elsewhere.',
    }),
    dryRun: z.boolean(),
  }),
  run: async (engine, given) => {
    const { purged, ...result } = await engine.gc(given);
    return {
      ...result,
      purged: purged.gone.map(where),
      purgeRefused: purged.kept.map((one) => ({ ...where(one), reason: one.refusal })),
      dryRun: given.dryRun,
    };
  },
});

const where = ({ taskId, path, trash }: z.infer<typeof trashed>) => ({ taskId, path, trash });
