import { TendError } from '../domain/errors.ts';
import { envelope, type EnvelopeWish, type Permissions, type Tier } from '../domain/envelope.ts';
import type { AgentWork, QuotaPolicy, Seat } from '../domain/agent-work.ts';
import { accountOf } from '../domain/holds.ts';
import { nearest } from '../domain/nearest.ts';
import type { Named } from '../domain/prompt.ts';
import type { Agent } from '../ports/agent.ts';
import type { Ports } from './context.ts';

/** A prompt for an agent, before it is known what this machine's agent makes of it. */
export interface AgentAsk {
  kind: 'ask';
  /** `auto` = whoever can do it. */
  agent: string;
  prompt: string;
  model: string | null;
  tier: Tier | null;
  wish: EnvelopeWish;
  permissions: Permissions | null;
  isolated: boolean | null;
  onQuota: QuotaPolicy | null;
  /** Left out = no. */
  requireFinish?: boolean;
  askPermissions?: boolean;
  /** Agents that go on when its account is refused; null, or left out = as configured for the agent. */
  fallback?: readonly string[] | null;
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
  const names = agents.list().map((one) => one.name);
  const guess = nearest(name, names);
  throw new TendError(
    'unknown_agent',
    `there is no agent ${JSON.stringify(name)}`,
    guess === null ? `The agents are: ${names.join(', ')}` : `Did you mean ${guess}?`,
  );
}

/** What an agent is to be able to do. */
export type SeatAsk = Pick<
  AgentAsk,
  | 'prompt'
  | 'model'
  | 'tier'
  | 'wish'
  | 'permissions'
  | 'isolated'
  | 'resume'
  | 'requireFinish'
  | 'askPermissions'
>;

/** Where a task will work, and what it shows of itself. */
export interface Place {
  /** Absolute path. */
  cwd: string;
  /** What the task gets of its submitter. */
  environment: Readonly<Record<string, string>>;
  labels: Readonly<Record<string, string>>;
}

/**
 * The agent as the task would use it, all of it resolved before the first side effect. Throws TendError
 * `agent_unavailable` for a program or a model that is positively not there, `unsupported` for what the agent cannot do
 * as asked.
 */
export async function seatFor(
  ports: Ports,
  agent: Agent,
  ask: SeatAsk,
  { cwd, environment: captured }: Place,
): Promise<Seat> {
  const override = ports.agents.override(agent.name);
  const environment = { ...captured, ...override.env };
  const model = ask.model ?? override.model ?? null;
  const seat: Seat = {
    agent: agent.name,
    model,
    ...bounds(ask, override),
    isolated: ask.isolated ?? override.isolated ?? false,
    account: accountOf(agent.name, variablesOf(agent, environment), model),
  };
  assertTools(agent, ask, seat);
  await preflight(
    ports,
    agent,
    { ...seat, prompt: ask.prompt, resume: ask.resume },
    cwd,
    environment,
  );
  return seat;
}

/** Throws `unsupported` for an agent that cannot be given the tools that the task needs. */
function assertTools(
  { name, capabilities }: Agent,
  { requireFinish = false, askPermissions = false }: SeatAsk,
  { permissions }: Pick<Seat, 'permissions'>,
): void {
  if (requireFinish && !capabilities.tools)
    throw new TendError(
      'unsupported',
      `${name} cannot be given the tool by which it would tell its result`,
      'Leave --require-finish out, or use another agent.',
    );
  if (askPermissions && !capabilities.asks)
    throw new TendError(
      'unsupported',
      `${name} does not ask anybody for what it is not allowed to do`,
      'Leave --ask-permissions out, or use an agent that does: claude, or one that speaks ACP.',
    );
  if (askPermissions && permissions !== 'workspace')
    throw new TendError(
      'unsupported',
      permissions === 'full'
        ? 'with full permissions there is nothing to ask for'
        : 'what only reads asks for nothing else',
      'Leave --ask-permissions out, or ask for the permissions "workspace".',
    );
}

function bounds(ask: SeatAsk, override: ReturnType<Ports['agents']['override']>) {
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
  work: Seat & Pick<AgentAsk, 'prompt' | 'resume'>,
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
