import { AUTO, type LeftOut, leftOutInWords } from '../domain/choice.ts';
import { TendError, isTendError } from '../domain/errors.ts';
import type { AgentWork, QuotaPolicy, Seat } from '../domain/agent-work.ts';
import { nearest } from '../domain/nearest.ts';
import { assemble } from '../domain/prompt.ts';
import { type AgentAsk, agentNamed, type Place, seatFor } from './agent-ask.ts';
import { autoChoice, noneCan } from './agent-choice.ts';
import type { Ports, Settings } from './context.ts';

/** Who does it: the preferred one first. */
interface Seats {
  first: Seat;
  others: readonly Seat[];
  pick: NonNullable<AgentWork['pick']>;
  chosen: string | null;
  onQuota: QuotaPolicy;
}

/**
 * Everything about the ask that is resolved before the first side effect, and stays so for the life of the task.
 * Throws TendError `agent_unavailable` for a program or a model that is positively not there, and where nobody can do
 * it; `unsupported` for what the agent cannot do as asked.
 */
export async function resolveAsk(
  ports: Ports,
  settings: Pick<Settings, 'skills' | 'templates' | 'choice'> &
    Partial<Pick<Settings, 'workerTools'>>,
  ask: AgentAsk,
  place: Place,
): Promise<AgentWork> {
  if (settings.workerTools === null && (ask.requireFinish === true || ask.askPermissions === true))
    throw new TendError(
      'unsupported',
      'the tools of the worker are turned off, which this needs',
      'Turn them on: tend config set worker.tools true',
    );
  const prompt = assemble({
    brief: ask.prompt,
    context: ask.context,
    skills: ask.skills.map((name) => ({ name, text: textNamed(settings.skills, 'skill', name) })),
    template:
      ask.template === null ? null : textNamed(settings.templates, 'template', ask.template),
  });
  const { first, others, pick, chosen, onQuota } =
    ask.agent === AUTO
      ? await chosenSeats(ports, settings.choice, ask, place)
      : await namedSeats(ports, { ...ask, prompt }, place);
  return {
    kind: 'agent',
    ...first,
    brief: ask.prompt,
    prompt,
    onQuota,
    ...(ask.requireFinish === true && { requireFinish: true }),
    ...(ask.askPermissions === true && { askPermissions: true }),
    ...(others.length > 0 && { others, pick }),
    ...(chosen !== null && { chosen }),
    resume: ask.resume,
  };
}

async function chosenSeats(
  ports: Ports,
  choice: Settings['choice'],
  ask: AgentAsk,
  place: Place,
): Promise<Seats> {
  if ((ask.fallback ?? null) !== null)
    throw new TendError(
      'invalid_input',
      'auto takes no fallback: it goes on with every agent that can do it',
      'Leave the fallback out, or name the first agent instead of auto.',
    );
  const made = await autoChoice(ports, choice, ask, place);
  const [first, ...others] = made.seats;
  if (first === undefined) throw noneCan(made.leftOut);
  return {
    first,
    others,
    pick: made.pick,
    chosen: made.chosen,
    onQuota: ask.onQuota ?? 'fallback',
  };
}

async function namedSeats(ports: Ports, ask: AgentAsk, place: Place): Promise<Seats> {
  const first = await seatFor(ports, agentNamed(ports, ask.agent), ask, place);
  const { onQuota, fallback = [] } = ports.agents.override(first.agent);
  const named = ask.fallback ?? null;
  const { others, leftOut } = await fallbacks(ports, named ?? fallback, named !== null, ask, place);
  if (ask.onQuota === 'fallback' && others.length === 0)
    throw new TendError(
      'invalid_input',
      `there is no agent to go on with when the account of ${first.agent} is refused`,
      `Name one, as in: --fallback codex, or in config.toml: [agents.${first.agent}] fallback = ["codex"]`,
    );
  const asNamed = named !== null && others.length > 0 ? ('fallback' as const) : undefined;
  const otherwise = others.length > 0 ? ('fallback' as const) : ('wait' as const);
  return {
    first,
    others,
    pick: 'in_order',
    chosen: leftOut.length === 0 ? null : `fallback: ${leftOutInWords(leftOut)}`,
    onQuota: ask.onQuota ?? asNamed ?? onQuota ?? otherwise,
  };
}

/** Another agent has other models, and knows nothing of the session. */
const elsewhere = (ask: AgentAsk): AgentAsk => ({
  ...ask,
  prompt: ask.resume?.fresh ?? ask.prompt,
  model: null,
  resume: null,
});

/** The agents of a list, each once. One that cannot do it is an error where a person named it just now. */
async function fallbacks(
  ports: Ports,
  names: readonly string[],
  isAsked: boolean,
  ask: AgentAsk,
  place: Place,
): Promise<{ others: Seat[]; leftOut: LeftOut[] }> {
  const others: Seat[] = [];
  const leftOut: LeftOut[] = [];
  for (const name of new Set(names)) {
    if (name === ask.agent) continue;
    try {
      others.push(await seatFor(ports, agentNamed(ports, name), elsewhere(ask), place));
    } catch (error) {
      if (isAsked || !isTendError(error)) throw error;
      leftOut.push({ agent: name, why: error.message });
    }
  }
  return { others, leftOut };
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
