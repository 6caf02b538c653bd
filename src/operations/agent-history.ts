import { z } from 'zod';
import { AGENT_CHANGES } from '../domain/agent-change.ts';
import { countField, lineText } from './fields.ts';
import { operation } from './operation.ts';
import { holdView } from './schemas.ts';
import { heldView, iso } from './view.ts';

const name = lineText(64).meta({ description: "The agent's name." });

export const agentAck = operation({
  name: 'agentAck',
  summary: 'Acknowledge that an agent failed twice in a row: it is used again.',
  http: { method: 'POST', path: '/v1/agents/{name}/ack', success: 200 },
  input: z.strictObject({ name }),
  output: z.object({
    holds: z.array(holdView).meta({ description: 'What is over; empty = it was not drained.' }),
  }),
  run: async (engine, given) => ({ holds: (await engine.agents.ack(given.name)).map(heldView) }),
});

const agentChangeView = z
  .object({
    seq: z.int(),
    at: z.iso.datetime(),
    agent: z.string(),
    account: z.string(),
    kind: z.enum(AGENT_CHANGES),
    detail: z.string(),
    taskId: z.string().nullable().meta({ description: 'Whose attempt brought it about.' }),
  })
  .meta({ id: 'AgentChange' });

export const agentChanges = operation({
  name: 'agentChanges',
  summary: 'The history of agents: refused, drained, laid aside, used again; the newest first.',
  http: { method: 'GET', path: '/v1/agents/changes', success: 200 },
  input: z.strictObject({
    agent: name.optional(),
    limit: countField(1, 10_000).default(100),
  }),
  output: z.object({ changes: z.array(agentChangeView) }),
  run: async (engine, { agent, limit }) => ({
    changes: (await engine.agents.changes(limit, agent ?? null)).map((change) => ({
      ...change,
      at: iso(change.at),
    })),
  }),
});
