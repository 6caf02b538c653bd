import { z } from 'zod';
import { processText } from './fields.ts';
import { operation } from './operation.ts';

const output = z.object({
  path: z.string(),
  values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});

export const config = operation({
  name: 'config',
  summary: 'The effective configuration, secrets left out.',
  http: { method: 'GET', path: '/v1/config', success: 200 },
  input: z.strictObject({}),
  output,
  run: async (engine) => Promise.resolve(engine.configuration()),
});

export const configure = operation({
  name: 'configure',
  summary: "Change one setting in the person's config file.",
  http: { method: 'PUT', path: '/v1/config', success: 200 },
  input: z.strictObject({ name: processText(200), value: processText(10_000) }),
  output,
  run: async (engine, { name, value }) => engine.configure(name, value),
});
