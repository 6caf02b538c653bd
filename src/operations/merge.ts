import { z } from 'zod';
import { MERGE_HOWS } from '../domain/merge.ts';
import type { MergeAsk } from '../engine/facade.ts';
import { idField, lineText } from './fields.ts';
import { operation } from './operation.ts';
import { taskView } from './schemas.ts';
import { view } from './view.ts';

const input = z.strictObject({
  id: idField,
  into: lineText(244).optional().meta({
    description: 'A local branch; default: the one that was checked out at submit.',
  }),
  how: z.enum(MERGE_HOWS).default('merge').meta({
    description:
      'A merge commit, one commit on top of the branch, or the branch moved to the work.',
  }),
  unverified: lineText(1_000).optional().meta({
    description: 'Why it is to be merged though nothing shows that it is good: kept and told.',
  }),
});

const askOf = ({ into, how, unverified }: z.output<typeof input>): MergeAsk => ({
  into: into ?? null,
  how,
  unverified: unverified ?? null,
});

export const merge = operation({
  name: 'merge',
  summary:
    'Merge the work of an ended task into a branch, after what was asked for before; what comes of it is in workspace.merge.',
  http: { method: 'POST', path: '/v1/tasks/{id}/merge', success: 200 },
  input,
  output: taskView,
  run: async (engine, given) => {
    const task = await engine.find(given.id);
    await engine.merges.ask(task.id, askOf(given));
    return view(engine, task);
  },
});

export const waitMerge = operation({
  name: 'waitMerge',
  summary: 'Wait until a task has no merge under way.',
  http: { method: 'POST', path: '/v1/tasks/{id}/merge/wait', success: 200 },
  input: z.strictObject({ id: idField }),
  output: taskView,
  run: async (engine, { id }, { signal }) => {
    const task = await engine.find(id);
    await engine.merges.settled(task.id, signal);
    return view(engine, task);
  },
});

const previewView = z
  .object({
    taskId: z.string(),
    target: z.string(),
    commit: z.string().meta({ description: 'What would be merged.' }),
    from: z.string().meta({ description: 'Commit that the target is at.' }),
    result: z.enum(['merged', 'contained', 'conflict', 'diverged']),
    changed: z.object({ files: z.int(), insertions: z.int(), deletions: z.int() }),
    needsCheck: z.boolean().meta({ description: 'The merged tree would be verified first.' }),
    paths: z.array(z.string()).meta({ description: 'In conflict, or changed.' }),
    detail: z.string().nullable(),
  })
  .meta({ id: 'MergePreview' });

export const previewMerge = operation({
  name: 'previewMerge',
  summary: 'What a merge would come to now; nothing is done.',
  http: { method: 'POST', path: '/v1/tasks/{id}/merge/preview', success: 200 },
  input,
  output: previewView,
  run: async (engine, given) => {
    const task = await engine.find(given.id);
    const { change, paths, ...rest } = await engine.merges.preview(task.id, askOf(given));
    const { files, insertions, deletions } = change;
    return {
      taskId: task.id,
      ...rest,
      changed: { files, insertions, deletions },
      paths: [...paths],
    };
  },
});
