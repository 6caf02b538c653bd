import { z } from 'zod';
import { countField, deliveryKindField, durationField, lineText, listField } from './fields.ts';
import { operation } from './operation.ts';
import { deliveryView } from './schemas.ts';
import { iso, views } from './view.ts';

const owner = lineText(200).optional().meta({ description: 'Default: the user.' });

export const inbox = operation({
  name: 'inbox',
  summary: 'What an owner has not acknowledged yet; reading marks nothing.',
  http: { method: 'GET', path: '/v1/inbox', success: 200 },
  input: z.strictObject({
    owner,
    limit: countField(1, 1_000).default(100),
    wait: durationField.default(0).meta({ description: 'Wait this long for the first one.' }),
    kinds: listField(deliveryKindField)
      .optional()
      .meta({ description: 'Only these; default: all.' }),
  }),
  output: z.object({ deliveries: z.array(deliveryView) }),
  run: async (engine, query, { signal }) => {
    const { kinds, ...rest } = query;
    const found = await engine.inbox(
      { ...rest, owner: query.owner ?? engine.info.owner, ...(kinds !== undefined && { kinds }) },
      signal,
    );
    const tasks = await views(
      engine,
      found.map((item) => item.task),
    );
    return {
      deliveries: found.flatMap(({ delivery }, index) => {
        const task = tasks[index];
        if (task === undefined) return [];
        const { id, kind, taskId, preview, truncated } = delivery;
        const createdAt = iso(delivery.createdAt);
        return [{ id, kind, taskId, owner: delivery.owner, createdAt, preview, truncated, task }];
      }),
    };
  },
});

export const ack = operation({
  name: 'ack',
  summary: 'Acknowledge deliveries; answers those that this call acknowledged.',
  http: { method: 'POST', path: '/v1/inbox/ack', success: 200 },
  input: z.strictObject({ owner, ids: z.array(lineText(200)).min(1).max(1_000) }),
  output: z.object({ acked: z.array(z.string()) }),
  run: async (engine, given) => ({
    acked: await engine.ack(given.owner ?? engine.info.owner, given.ids),
  }),
});
