import { z } from 'zod';
import type { ProjectTrust } from '../engine/facade.ts';
import { lineText, processText } from './fields.ts';
import { operation } from './operation.ts';

const folder = processText(4_096).startsWith('/').meta({
  description: 'A folder of the repository.',
});

const trustView = z
  .object({
    folder: z.string().meta({ description: 'The root of the repository.' }),
    path: z.string(),
    hash: z.string().nullable().meta({ description: 'Of the file; null = there is none.' }),
    hooks: z.record(z.string(), z.union([z.string(), z.array(z.string())])).meta({
      description: 'What it asks to be called: a line for the shell, or a program with arguments.',
    }),
    trusted: z.boolean().meta({ description: 'Its hooks are called.' }),
  })
  .meta({ id: 'ProjectTrust' });

const view = (project: ProjectTrust): z.infer<typeof trustView> => ({
  ...project,
  hooks: Object.fromEntries(
    Object.entries(project.hooks).map(([name, given]) => [
      name,
      typeof given === 'string' ? given : [...given],
    ]),
  ),
});

export const projectTrust = operation({
  name: 'projectTrust',
  summary: 'What the configuration of a project asks to be called, and whether it is trusted.',
  http: { method: 'GET', path: '/v1/trust', success: 200 },
  input: z.strictObject({ folder }),
  output: trustView,
  run: async (engine, { folder: of }) => view(await engine.trust.look(of)),
});

export const trustProject = operation({
  name: 'trustProject',
  summary: 'Call the hooks of a project as long as its configuration stays as it is.',
  http: { method: 'POST', path: '/v1/trust', success: 200 },
  input: z.strictObject({
    folder,
    hash: lineText(64).meta({ description: 'Of the file as it was looked at.' }),
  }),
  output: trustView,
  run: async (engine, { folder: of, hash }) => view(await engine.trust.trust(of, hash)),
});

export const distrustProject = operation({
  name: 'distrustProject',
  summary: 'Call the hooks of a project no more.',
  http: { method: 'DELETE', path: '/v1/trust', success: 200 },
  input: z.strictObject({ folder }),
  output: trustView,
  run: async (engine, { folder: of }) => view(await engine.trust.distrust(of)),
});
