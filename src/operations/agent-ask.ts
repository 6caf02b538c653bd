import { z } from 'zod';
import { QUOTA_POLICIES } from '../domain/agent-work.ts';
import { ENVELOPE_CAPS, PERMISSIONS, TIERS } from '../domain/envelope.ts';
import type { AgentAsk } from '../engine/facade.ts';
import { durationField, lineText, processText } from './fields.ts';

/** The longest a prompt, or all files given with it, may be, characters. */
const LONGEST_TEXT = 1_000_000;

const named = z.strictObject({ name: lineText(1_000), text: processText(LONGEST_TEXT) });

/** What is asked of an agent; what is left out is for its configuration and its tier to say. */
export const agentField = z
  .strictObject({
    name: lineText(64).meta({ description: 'Its name, or auto for whoever can do it.' }),
    prompt: processText(LONGEST_TEXT).refine((text) => text.trim() !== '', 'must not be empty'),
    model: lineText(200).optional(),
    tier: z.enum(TIERS).optional().meta({ description: 'How much it may spend.' }),
    maxTurns: z.int().min(1).max(ENVELOPE_CAPS.turns).optional(),
    maxCostUsd: z.number().positive().max(ENVELOPE_CAPS.costUsd).optional(),
    permissions: z.enum(PERMISSIONS).optional().meta({ description: 'Default: workspace.' }),
    isolated: z.boolean().optional().meta({
      description: "Mask the person's own instructions, skills, hooks and MCP servers.",
    }),
    fallback: z.array(lineText(64)).max(20).optional().meta({
      description: 'Agents that go on when its account is refused, in this order.',
    }),
    onQuota: z.enum(QUOTA_POLICIES).optional().meta({
      description: 'When the account is refused: wait for it (default), or fail.',
    }),
    requireFinish: z.boolean().default(false).meta({
      description: 'Its end counts only when it told its result through its tool `finish`.',
    }),
    askPermissions: z.boolean().default(false).meta({
      description: 'A person is asked for what would be refused it; it waits without a process.',
    }),
    context: z.array(named).max(100).default([]).meta({
      description: 'Files whose content goes into the prompt, as data.',
    }),
    skills: z.array(lineText(64)).max(20).default([]).meta({
      description: 'Instructions from the configuration that go before the prompt.',
    }),
    template: lineText(64).optional().meta({ description: 'A template from the configuration.' }),
  })
  .meta({ id: 'AgentAsk' });

/** `timeout` in ms: the minutes of the envelope under another name. */
export function askOf(
  given: z.output<typeof agentField>,
  timeout: z.output<typeof durationField> | undefined,
): AgentAsk {
  const { maxTurns, maxCostUsd } = given;
  return {
    kind: 'ask',
    agent: given.name,
    prompt: given.prompt,
    model: given.model ?? null,
    tier: given.tier ?? null,
    wish: {
      ...(maxTurns !== undefined && { turns: maxTurns }),
      ...(maxCostUsd !== undefined && { costUsd: maxCostUsd }),
      ...(timeout !== undefined && { minutes: timeout / 60_000 }),
    },
    permissions: given.permissions ?? null,
    isolated: given.isolated ?? null,
    onQuota: given.onQuota ?? null,
    fallback: given.fallback ?? null,
    ...(given.requireFinish && { requireFinish: true }),
    ...(given.askPermissions && { askPermissions: true }),
    context: given.context,
    skills: given.skills,
    template: given.template ?? null,
    resume: null,
  };
}
