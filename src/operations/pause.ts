import { z } from 'zod';
import { lineText } from './fields.ts';
import { operation } from './operation.ts';

const target = z.strictObject({
  group: lineText(200).nullable().default(null).meta({ description: 'Only tasks of this group.' }),
  agent: lineText(64).nullable().default(null).meta({ description: 'Only tasks of this agent.' }),
});

export const pausesView = z
  .object({
    all: z.boolean(),
    groups: z.array(z.string()),
    agents: z.array(z.string()),
  })
  .meta({ id: 'Pauses', description: 'What is paused: nothing of it starts; what runs goes on.' });

type PausesView = z.infer<typeof pausesView>;

export const pausesOf = ({
  all,
  groups,
  agents,
}: Readonly<{
  all: boolean;
  groups: readonly string[];
  agents: readonly string[];
}>): PausesView => ({ all, groups: [...groups], agents: [...agents] });

export const pause = operation({
  name: 'pause',
  summary: 'Start nothing more, of a group, of an agent or at all, until it is unpaused.',
  http: { method: 'POST', path: '/v1/pause', success: 200 },
  input: target,
  output: pausesView,
  run: async (engine, given) => pausesOf(await engine.pause(given)),
});

export const unpause = operation({
  name: 'unpause',
  summary: 'Let paused tasks start again: of a group, of an agent, or everything that is paused.',
  http: { method: 'POST', path: '/v1/unpause', success: 200 },
  input: target,
  output: pausesView,
  run: async (engine, given) => pausesOf(await engine.unpause(given)),
});
