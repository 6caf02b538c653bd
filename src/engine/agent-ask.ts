import { TendError } from '../domain/errors.ts';
import { envelope, type EnvelopeWish, type Permissions, type Tier } from '../domain/envelope.ts';
import type { AgentWork, QuotaPolicy } from '../domain/agent-work.ts';
import { accountOf } from '../domain/holds.ts';
import { nearest } from '../domain/nearest.ts';
import { assemble, type Named } from '../domain/prompt.ts';
import type { Agent } from '../ports/agent.ts';
import type { Ports, Settings } from './context.ts';

/** A prompt for an agent, before it is known what this machine's agent makes of it. */
export interface AgentAsk {
  kind: 'ask';
  agent: string;
  prompt: string;
  model: string | null;
  tier: Tier | null;
  wish: EnvelopeWish;
  permissions: Permissions | null;
  isolated: boolean | null;
  onQuota: QuotaPolicy | null;
  context: readonly Named[];
  /** Names of the configuration. */
  skills: readonly string[];
  template: string | null;
  resume: AgentWork['resume'];
}

/** The agent of that name. Throws TendError `unknown_agent` with the nearest right word. */
export function agentNamed({ agents }: Ports, name: string): Agent {
  const agent = agents.get(name);
  if (agent !== null) return agent;
  if (name === 'auto')
    throw new TendError(
      'unsupported',
      'choosing an agent (auto) is not available in this version of tend',
      'Name one; tend agents shows which there are.',
    );
  const names = agents.list().map((one) => one.name);
  const guess = nearest(name, names);
  throw new TendError(
    'unknown_agent',
    `there is no agent ${JSON.stringify(name)}`,
    guess === null ? `The agents are: ${names.join(', ')}` : `Did you mean ${guess}?`,
  );
}

/**
 * Everything about the ask that is resolved before the first side effect, and stays so for the life of the task.
 * Throws TendError `agent_unavailable` for a program or a model that is positively not there, `unsupported` for what
 * the agent cannot do as asked.
 */
export async function resolveAsk(
  ports: Ports,
  settings: Pick<Settings, 'skills' | 'templates'>,
  ask: AgentAsk,
  cwd: string,
  captured: Readonly<Record<string, string>>,
): Promise<AgentWork> {
  const { agents } = ports;
  const agent = agentNamed(ports, ask.agent);
  const override = agents.override(agent.name);
  const environment = { ...captured, ...override.env };
  const model = ask.model ?? override.model ?? null;
  const work: AgentWork = {
    kind: 'agent',
    agent: agent.name,
    brief: ask.prompt,
    prompt: assemble({
      brief: ask.prompt,
      context: ask.context,
      skills: ask.skills.map((name) => ({ name, text: textNamed(settings.skills, 'skill', name) })),
      template:
        ask.template === null ? null : textNamed(settings.templates, 'template', ask.template),
      group: null,
    }),
    model,
    ...bounds(ask, override),
    isolated: ask.isolated ?? override.isolated ?? false,
    onQuota: ask.onQuota ?? override.onQuota ?? 'wait',
    account: accountOf(agent.name, variablesOf(agent, environment), model),
    resume: ask.resume,
  };
  await preflight(ports, agent, work, cwd, environment);
  return work;
}

/** Throws TendError `invalid_input` with the nearest right word. */
function textNamed(texts: Readonly<Record<string, string>>, kind: string, name: string): string {
  const text = Object.hasOwn(texts, name) ? texts[name] : undefined;
  if (text !== undefined) return text;
  const guess = nearest(name, Object.keys(texts));
  throw new TendError(
    'invalid_input',
    `there is no ${kind} ${JSON.stringify(name)} in the configuration`,
    guess === null
      ? `Add one to config.toml: [${kind}s.${name}] text = "…" or file = "/path"`
      : `Did you mean ${guess}?`,
  );
}

function bounds(ask: AgentAsk, override: ReturnType<Ports['agents']['override']>) {
  const tier = ask.tier ?? override.tier ?? 'standard';
  const configured: EnvelopeWish = {
    ...(override.turns !== undefined && { turns: override.turns }),
    ...(override.costUsd !== undefined && { costUsd: override.costUsd }),
    ...(override.minutes !== undefined && { minutes: override.minutes }),
  };
  // A tier that was asked for counts more than single numbers that were configured for another one.
  const wishes = ask.tier === null ? [ask.wish, configured] : [ask.wish];
  return {
    tier,
    envelope: envelope(tier, ...wishes),
    permissions: ask.permissions ?? override.permissions ?? ('workspace' as const),
  };
}

const variablesOf = (
  { accountVariables }: Agent,
  environment: Readonly<Record<string, string>>,
): Record<string, string> =>
  Object.fromEntries(
    accountVariables.flatMap((name) => {
      const value = environment[name];
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );

/** Refused before anything happens: an agent that is not there, and a model that it positively has not. */
async function preflight(
  { agents }: Ports,
  agent: Agent,
  work: AgentWork,
  cwd: string,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const program = agents.program(agent, environment);
  if (program === null)
    throw new TendError(
      'agent_unavailable',
      `${agent.name} is not installed: no ${agent.programs.join(' or ')} in PATH`,
      `Install it, or name its program in config.toml: [agents.${agent.name}] program = "/path/to/it"`,
    );
  const folder = '/';
  agent.launch({
    program,
    prompt: work.prompt,
    cwd,
    model: work.model,
    envelope: work.envelope,
    permissions: work.permissions,
    sessionId: work.resume?.sessionId ?? null,
    resume: work.resume !== null,
    isolated: work.isolated,
    root: agents.root,
    folder,
    environment,
  });
  if (work.model === null) return;
  const models = await agents.models(agent, environment, cwd);
  if (models === null || models.length === 0 || models.includes(work.model)) return;
  const guess = nearest(work.model, models);
  throw new TendError(
    'agent_unavailable',
    `${agent.name} has no model ${JSON.stringify(work.model)}`,
    guess === null ? `It has: ${models.slice(0, 20).join(', ')}` : `Did you mean ${guess}?`,
  );
}
