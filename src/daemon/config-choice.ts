/** `[auto]` in config.toml: who is chosen where no agent is named. */
import { homedir } from 'node:os';
import { z } from 'zod';
import { BUILT_IN } from '../adapters/agents/built-in.ts';
import type { AgentSettings } from '../adapters/agents/catalog.ts';
import type { ChoiceRule, Choosing } from '../domain/choice.ts';
import { TIERS } from '../domain/envelope.ts';
import { list, oneOf, quoted, words } from './config-agent-values.ts';

const names = list(quoted('the name of an agent'), 'names of agents').min(
  1,
  'must name an agent, or be left out',
);

const length = z.int({ error: 'must be a number of characters' }).min(0, {
  error: 'must be a number of characters',
});

const rule = z.strictObject({
  labels: z
    .record(z.string(), z.string({ error: 'must be a text in quotes' }))
    .optional()
    .meta({ description: 'Labels that the task has, all of them; "*" = whatever the value.' }),
  paths: list(quoted('a pattern'), 'patterns').optional().meta({
    description:
      'Folders in which the task works, one of them: "docs/**" anywhere, "/home/me/web/**" or "~/web/**" there.',
  }),
  prompt_longer_than: length.optional().meta({
    description: 'The prompt has more characters than this.',
  }),
  prompt_shorter_than: length.optional().meta({
    description: 'The prompt has fewer characters than this.',
  }),
  agents: names.optional().meta({ description: 'Then these may do it. Default: all.' }),
  model: quoted('the name of a model').optional().meta({ description: 'Then with this model.' }),
  tier: oneOf(TIERS).optional().meta({ description: 'Then it may spend so much.' }),
});

const classifier = z
  .strictObject({
    command: words.min(1, 'must name a program').optional().meta({
      description:
        'A program with its arguments: gets the question as JSON on stdin, answers JSON on stdout.',
    }),
    agent: quoted('the name of an agent').optional().meta({
      description: 'An agent that is asked instead, read-only.',
    }),
    model: quoted('the name of a model').optional().meta({
      description: 'The model of that agent.',
    }),
  })
  .refine(
    ({ command, agent }) => (command === undefined) !== (agent === undefined),
    'takes one of command and agent',
  )
  .refine(({ agent, model }) => agent !== undefined || model === undefined, {
    path: ['model'],
    error: 'is the model of an agent; a command has none',
  });

export const choiceSchema = z.strictObject({
  agents: names.optional().meta({
    description: 'The agents that `auto` may take. Default: all that are verified or configured.',
  }),
  rules: list(rule, 'rules').optional().meta({ description: 'The first that fits decides.' }),
  classifier: classifier.optional().meta({
    description: 'Who is asked which of the candidates shall do it.',
  }),
});

type ChoiceFile = z.output<typeof choiceSchema>;

/** What the section means; `configured` = the agents that have a section of their own. */
export const choiceOf = (file: ChoiceFile, configured: readonly string[]): Choosing => ({
  agents: file.agents ?? null,
  configured,
  rules: (file.rules ?? []).map(ruleOf),
  classifier: classifierOf(file.classifier),
});

const ruleOf = (given: z.output<typeof rule>): ChoiceRule => ({
  labels: given.labels ?? {},
  paths: (given.paths ?? []).map((path) => path.replace(/^~(?=\/|$)/, homedir())),
  longerThan: given.prompt_longer_than ?? null,
  shorterThan: given.prompt_shorter_than ?? null,
  agents: given.agents ?? null,
  model: given.model ?? null,
  tier: given.tier ?? null,
});

function classifierOf(given: ChoiceFile['classifier']): Choosing['classifier'] {
  if (given?.command !== undefined) return { command: given.command };
  return given?.agent === undefined ? null : { agent: given.agent, model: given.model ?? null };
}

/** What is set, by its name in the file; of rules their number is told. */
export function flatChoice({
  agents,
  rules,
  classifier: asked,
}: Choosing): Record<string, string | number> {
  return {
    ...(agents !== null && { 'auto.agents': agents.join(', ') }),
    ...(rules.length > 0 && { 'auto.rules': rules.length }),
    ...(asked !== null &&
      'command' in asked && { 'auto.classifier.command': asked.command[0] ?? '' }),
    ...(asked !== null && 'agent' in asked && { 'auto.classifier.agent': asked.agent }),
    ...(asked !== null &&
      'agent' in asked &&
      asked.model !== null && { 'auto.classifier.model': asked.model }),
  };
}

/** Names in the configuration that are no agent's: they are never chosen. */
export function unknownAgents(
  { agents, rules, classifier: asked }: Choosing,
  { overrides, custom }: AgentSettings,
): string[] {
  const known = [...BUILT_IN, ...custom].map(({ name }) => name);
  const named: [string, readonly string[]][] = [
    ['auto.agents', agents ?? []],
    ...rules.map((one, nth): [string, readonly string[]] => [
      `auto.rules, the ${nth + 1}.`,
      one.agents ?? [],
    ]),
    ['auto.classifier', asked !== null && 'agent' in asked ? [asked.agent] : []],
    ...Object.entries(overrides).map(([name, { fallback }]): [string, readonly string[]] => [
      `agents.${name}.fallback`,
      fallback ?? [],
    ]),
  ];
  return named.flatMap(([where, given]) =>
    given
      .filter((name) => !known.includes(name))
      .map((name) => `${where}: there is no agent ${JSON.stringify(name)}`),
  );
}
