import { z } from 'zod';
import type { Seat } from '../domain/agent-work.ts';
import { PERMISSIONS, TIERS } from '../domain/envelope.ts';
import { QUEUE_REASONS } from '../domain/lifecycle.ts';
import type { Advised } from '../engine/facade.ts';
import { lineText, processText } from './fields.ts';
import { operation } from './operation.ts';
import { isoOrNull } from './view.ts';

const candidate = z.object({
  agent: z.string(),
  model: z.string().nullable(),
  tier: z.enum(TIERS),
  account: z.string(),
});

const adviceView = z
  .object({
    candidates: z.array(candidate).meta({ description: 'Who can do it, the preferred one first.' }),
    leftOut: z.array(z.object({ agent: z.string(), why: z.string() })),
    rule: z
      .object({ number: z.int(), words: z.string() })
      .nullable()
      .meta({ description: 'The rule of the configuration that fits.' }),
    classifier: z
      .object({
        agent: z.string().nullable(),
        model: z.string().nullable(),
        tier: z.enum(TIERS).nullable(),
        reason: z.string().nullable(),
        failure: z.string().nullable(),
      })
      .nullable()
      .meta({ description: 'What the classifier said, or how it failed.' }),
    chosen: z.string().nullable().meta({ description: 'The choice in a line.' }),
    now: candidate.nullable().meta({ description: 'Who would do it now.' }),
    wait: z
      .object({
        reason: z.enum(QUEUE_REASONS),
        what: z.string().nullable(),
        until: z.iso.datetime().nullable(),
      })
      .nullable()
      .meta({ description: 'Why it would wait.' }),
  })
  .meta({ id: 'Advice' });

export const advise = operation({
  name: 'advise',
  summary: 'Whom auto would take for a prompt, and why; nothing is run or stored.',
  http: { method: 'POST', path: '/v1/agents/advise', success: 200 },
  input: z.strictObject({
    prompt: processText(1_000_000).refine((text) => text.trim() !== '', 'must not be empty'),
    cwd: processText(4_096).startsWith('/', 'must be an absolute path'),
    labels: z.record(lineText(64), z.string().max(256)).default({}),
    env: z.record(z.string(), processText(1_000_000)).default({}).meta({
      description: 'Where to look for programs and accounts: PATH, HOME and the like.',
    }),
    model: lineText(200).nullable().default(null),
    tier: z.enum(TIERS).nullable().default(null),
    permissions: z.enum(PERMISSIONS).nullable().default(null),
  }),
  output: adviceView,
  run: async (engine, { env, ...given }) =>
    view(await engine.agents.advise({ ...given, environment: env })),
});

const seatView = ({ agent, model, tier, account }: Seat): z.infer<typeof candidate> => ({
  agent,
  model,
  tier,
  account,
});

function view({ classifier, wait, ...advised }: Advised): z.infer<typeof adviceView> {
  const nothing = { agent: null, model: null, tier: null, reason: null };
  return {
    candidates: advised.candidates.map(seatView),
    leftOut: advised.leftOut.map((one) => ({ ...one })),
    rule: advised.rule,
    classifier:
      classifier === null
        ? null
        : 'failure' in classifier
          ? { ...nothing, failure: classifier.failure }
          : { ...classifier.advice, failure: null },
    chosen: advised.chosen,
    now: advised.now === null ? null : seatView(advised.now),
    wait:
      wait === null ? null : { reason: wait.reason, what: wait.what, until: isoOrNull(wait.until) },
  };
}
