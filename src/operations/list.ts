import { z } from 'zod';
import { countField, lineText, listField, stateField } from './fields.ts';
import { operation } from './operation.ts';
import { taskView } from './schemas.ts';
import { views } from './view.ts';

const PAGE = 100;
const LONGEST_PAGE = 1_000;

export const list = operation({
  name: 'list',
  summary: 'The board: tasks, newest first.',
  http: { method: 'GET', path: '/v1/tasks', success: 200 },
  input: z.strictObject({
    state: listField(stateField).optional(),
    owner: lineText(200).optional(),
    group: lineText(200).optional(),
    parent: lineText(64).optional(),
    q: lineText(200).optional().meta({ description: 'Part of an id or a title.' }),
    cursor: lineText(200).optional(),
    limit: countField(1, LONGEST_PAGE).default(PAGE),
  }),
  output: z.object({ tasks: z.array(taskView), nextCursor: z.string().nullable() }),
  run: async (engine, { state, owner, group, parent, q, cursor, limit }) => {
    const page = await engine.list({
      limit,
      ...(state !== undefined && { states: state }),
      ...(owner !== undefined && { owner }),
      ...(group !== undefined && { group }),
      ...(parent !== undefined && { parent }),
      ...(q !== undefined && { text: q }),
      ...(cursor !== undefined && { cursor }),
    });
    return { tasks: await views(engine, page.tasks), nextCursor: page.nextCursor };
  },
});
