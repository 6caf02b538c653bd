/** `[agents.<name>]` in config.toml: what the person sets for built-in agents, and agents of their own. */
import { basename, isAbsolute } from 'node:path';
import { z } from 'zod';
import type { CustomAgentDefinition } from '../adapters/agents/custom/definition.ts';
import { PERMISSIONS } from '../domain/envelope.ts';
import type { Agent, AgentOverride } from '../ports/agent.ts';
import { env, flag, oneOf, quoted, SPENDING } from './config-agent-values.ts';
import { type CustomFile, customSchema, definitionOf } from './config-custom-agent.ts';

type BuiltIn = Pick<Agent, 'name' | 'programs'>;

const override = z.strictObject({
  program: quoted('a path')
    .refine(isAbsolute, 'must be an absolute path')
    .optional()
    .meta({ description: 'Absolute path of the program, instead of the one on the PATH.' }),
  ...SPENDING,
  permissions: oneOf(PERMISSIONS).optional().meta({
    description: 'What the agent may touch when nothing else is asked for.',
  }),
  isolated: flag.optional().meta({
    description: 'Without your own instructions, skills, hooks and MCP servers.',
  }),
  env: env.optional().meta({ description: 'Variables that are set for the agent.' }),
  command: z
    .never({ error: 'cannot be set: this agent is built in; define yours under another name' })
    .optional()
    .meta({ description: 'Only an agent of your own has a command; see `program`.' }),
});

type Override = z.output<typeof override>;

/** The file's words for each agent, by its name. */
export type AgentsFile = Readonly<Record<string, Override | CustomFile | undefined>>;

const isCustom = (given: Override | CustomFile): given is CustomFile => given.command !== undefined;

/** Names that mean something else where an agent's name stands. */
const RESERVED: readonly string[] = ['auto'];
const NAME = /^[a-z0-9][a-z0-9_-]{0,31}$/;

/** The schema of the section: overrides of the agents that are built in, definitions under other names. */
export function agentsSchema(builtIn: readonly BuiltIn[]): z.ZodType<AgentsFile> {
  const known = Object.fromEntries(builtIn.map(({ name }) => [name, override.optional()]));
  return z
    .object(known)
    .catchall(customSchema)
    .superRefine((given, context) => {
      for (const [name, agent] of entriesOf(given as AgentsFile)) {
        if (!isCustom(agent)) continue;
        const fault = faultOf(name, agent.command, builtIn);
        if (fault !== null)
          context.addIssue({ code: 'custom', path: [name, ...fault.path], message: fault.message });
      }
    });
}

const entriesOf = (file: AgentsFile): [string, Override | CustomFile][] =>
  Object.entries(file).flatMap(([name, given]) => (given === undefined ? [] : [[name, given]]));

/** Why an agent may not be defined so; null = it may. */
function faultOf(
  name: string,
  [program = '']: readonly string[],
  builtIn: readonly BuiltIn[],
): { path: readonly string[]; message: string } | null {
  if (!NAME.test(name))
    return {
      path: [],
      message: 'is no name for an agent (1-32 of a-z 0-9 _ -, beginning with a letter or digit)',
    };
  if (RESERVED.includes(name))
    return { path: [], message: 'is no name for an agent: it is reserved' };
  const named = builtIn.find((one) => one.programs.includes(name));
  if (named !== undefined)
    return { path: [], message: `is no name for an agent: it is the program of ${named.name}` };
  const run = builtIn.find(({ programs }) => programs.includes(basename(program)));
  if (run !== undefined)
    return {
      path: ['command'],
      message: `runs ${basename(program)}, the program of ${run.name}, which is built in: set agents.${run.name} instead`,
    };
  return null;
}

/** What the section means. */
export function agentsOf(file: AgentsFile): {
  overrides: Record<string, AgentOverride>;
  custom: CustomAgentDefinition[];
} {
  const agents = entriesOf(file);
  return {
    overrides: Object.fromEntries(agents.map(([name, given]) => [name, overrideOf(given)])),
    custom: agents.flatMap(([name, given]) => (isCustom(given) ? [definitionOf(name, given)] : [])),
  };
}

function overrideOf(given: Override | CustomFile): AgentOverride {
  const { model, tier, turns, cost_usd: costUsd, minutes, on_quota: onQuota } = given;
  const { max_concurrent: maxConcurrent } = given;
  return {
    ...(maxConcurrent !== undefined && { maxConcurrent }),
    ...(model !== undefined && { model }),
    ...(tier !== undefined && { tier }),
    ...(turns !== undefined && { turns }),
    ...(costUsd !== undefined && { costUsd }),
    ...(minutes !== undefined && { minutes }),
    ...(onQuota !== undefined && { onQuota }),
    ...(given.fallback !== undefined && { fallback: given.fallback }),
    ...(isCustom(given) ? {} : builtInOnly(given)),
  };
}

function builtInOnly({
  program,
  permissions,
  isolated,
  env: variables,
}: z.output<typeof override>) {
  return {
    ...(program !== undefined && { program }),
    ...(permissions !== undefined && { permissions }),
    ...(isolated !== undefined && { isolated }),
    ...(variables !== undefined && { env: variables }),
  };
}
