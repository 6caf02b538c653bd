import type { Heard } from '../domain/advice.ts';
import type { AgentWork, Seat } from '../domain/agent-work.ts';
import {
  choiceInWords,
  type ChoiceRule,
  type Choosing,
  type LeftOut,
  leftOutInWords,
  ruleFor,
} from '../domain/choice.ts';
import { isTendError, TendError } from '../domain/errors.ts';
import type { Agent } from '../ports/agent.ts';
import { type AgentAsk, type Place, seatFor } from './agent-ask.ts';
import { heardFrom } from './agent-classifier.ts';
import type { Ports } from './context.ts';

/** What a choice came to. */
export interface Choice {
  /** Who can do it, the preferred one first; empty = nobody. */
  seats: readonly Seat[];
  leftOut: readonly LeftOut[];
  pick: NonNullable<AgentWork['pick']>;
  rule: { rule: ChoiceRule; number: number } | null;
  heard: Heard;
  /** In a line. */
  chosen: string;
}

/** Chooses among the agents of this machine; nothing is stored. */
export async function autoChoice(
  ports: Ports,
  choosing: Choosing,
  asked: AgentAsk,
  place: Place,
): Promise<Choice> {
  const { labels, cwd } = place;
  const rule = ruleFor(choosing.rules, { prompt: asked.prompt, labels, cwd });
  const ask: AgentAsk = {
    ...asked,
    model: asked.model ?? rule?.rule.model ?? null,
    tier: asked.tier ?? rule?.rule.tier ?? null,
  };
  const found = await eligible(ports, choosing, rule, ask, place);
  const { leftOut } = found;
  const heard =
    found.seats.length === 0 || choosing.classifier === null
      ? null
      : await heardFrom(ports, choosing.classifier, asked.prompt, found.seats, place);
  const advised = await withAdvice(ports, found.seats, heard, { asked, ask }, place);
  const names = advised.seats.map(({ agent }) => agent);
  return {
    ...advised,
    leftOut,
    pick: isNamed(advised.heard) ? 'in_order' : 'least_busy',
    rule,
    chosen: choiceInWords(names, rule, advised.heard),
  };
}

/** Throws for the choice that nobody is left of. */
export const noneCan = (leftOut: readonly LeftOut[]): TendError =>
  new TendError(
    'agent_unavailable',
    `no agent can do it: ${leftOutInWords(leftOut)}`,
    'Install or log in to one of them, or name one; see: tend agents',
  );

const isNamed = (heard: Heard): boolean =>
  heard !== null && 'advice' in heard && heard.advice.agent !== null;

/** Everybody who can do it, by name, and why the others cannot. */
async function eligible(
  ports: Ports,
  choosing: Choosing,
  rule: Choice['rule'],
  ask: AgentAsk,
  place: Place,
): Promise<{ seats: Seat[]; leftOut: LeftOut[] }> {
  const agents = ports.agents.list().toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const found = await Promise.all(
    agents.map(async (agent) => {
      const why =
        unnamed(agent, choosing, rule) ?? (await unable(ports, agent, choosing, rule, place));
      if (why !== null) return { agent: agent.name, why: `${agent.name} ${why}` };
      return seatFor(ports, agent, ask, place).catch((error: unknown) => {
        if (isTendError(error)) return { agent: agent.name, why: error.message };
        throw error;
      });
    }),
  );
  return {
    seats: found.filter((one) => 'account' in one),
    leftOut: found.filter((one) => 'why' in one),
  };
}

type Ruled = Choice['rule'];

/** Why the configuration has the agent left out; follows its name. */
function unnamed({ name }: Agent, { agents }: Choosing, rule: Ruled): string | null {
  const ruled = rule?.rule.agents ?? null;
  if (ruled !== null && !ruled.includes(name)) return `is not in rule ${rule?.number}`;
  return agents !== null && !agents.includes(name) ? 'is not in auto.agents' : null;
}

/** What the lines of an unverified agent mean was never checked on the real program: that is for a person to risk. */
const isTrusted = ({ name, verified }: Agent, choosing: Choosing, rule: Ruled): boolean =>
  verified ||
  choosing.configured.includes(name) ||
  choosing.agents !== null ||
  (rule?.rule.agents ?? null) !== null;

async function unable(
  { agents }: Ports,
  agent: Agent,
  choosing: Choosing,
  rule: Ruled,
  place: Place,
): Promise<string | null> {
  const environment = { ...place.environment, ...agents.override(agent.name).env };
  const { program, loggedIn } = await agents.detect(agent, environment);
  if (program === null) return 'is not installed';
  if (!isTrusted(agent, choosing, rule)) return 'is unverified, and not in the configuration';
  return loggedIn === false ? 'is not logged in' : null;
}

/** The seats as the classifier wants them; what it wants and cannot have is a failure of it. */
async function withAdvice(
  ports: Ports,
  seats: readonly Seat[],
  heard: Heard,
  { asked, ask }: { asked: AgentAsk; ask: AgentAsk },
  place: Place,
): Promise<{ seats: readonly Seat[]; heard: Heard }> {
  if (heard === null || 'failure' in heard) return { seats, heard };
  const { agent: named, model } = heard.advice;
  const tier = asked.tier ?? heard.advice.tier ?? ask.tier;
  const again = async ({ agent: name }: Seat): Promise<Seat[]> => {
    const agent = ports.agents.get(name);
    if (agent === null) return [];
    const own = name === named ? (asked.model ?? model ?? ask.model) : ask.model;
    return [await seatFor(ports, agent, { ...ask, tier, model: own }, place)];
  };
  try {
    const ordered = seats.toSorted((a, b) => Number(b.agent === named) - Number(a.agent === named));
    return { seats: (await Promise.all(ordered.map(again))).flat(), heard };
  } catch (error) {
    if (!isTendError(error)) throw error;
    return { seats, heard: { failure: `chose what cannot be had (${error.message})` } };
  }
}
