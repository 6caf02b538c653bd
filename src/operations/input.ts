import { z } from 'zod';
import { LONGEST_INPUT } from '../domain/input.ts';
import { idField } from './fields.ts';
import { inputView, viewOfInput } from './input-view.ts';
import { operation } from './operation.ts';

export const input = operation({
  name: 'input',
  summary: 'Send text to the stdin of a running command that was started with one.',
  http: { method: 'POST', path: '/v1/tasks/{id}/input', success: 202 },
  input: z
    .strictObject({
      id: idField,
      text: z.string().max(LONGEST_INPUT).optional(),
      base64: z
        .base64()
        .max(LONGEST_INPUT * 2)
        .optional()
        .meta({
          description: 'Exact bytes in the place of text; no newline is added.',
        }),
      newline: z.boolean().default(true).meta({ description: 'After the text.' }),
      end: z.boolean().default(false).meta({ description: 'Close the stdin after it.' }),
    })
    .refine(({ text, base64, end }) => text !== undefined || base64 !== undefined || end, {
      message: 'needs text, base64 or end',
    })
    .refine(({ text, base64 }) => text === undefined || base64 === undefined, {
      message: 'takes text or base64, not both',
    }),
  output: z.object({ taskId: z.string(), input: inputView }),
  run: async (engine, { id, text, base64, newline, end }, { signal }) => {
    const data =
      text === undefined
        ? Buffer.from(base64 ?? '', 'base64')
        : Buffer.from(newline ? `${text}\n` : text);
    const sent = await engine.inputs.send(id, { data, end }, signal);
    return { taskId: sent.task.id, input: viewOfInput(sent.task.id, sent.attempt, sent.input) };
  },
});
