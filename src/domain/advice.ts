import type { Tier } from './envelope.ts';
import { objectsIn } from './json-in.ts';

/** What a classifier said: each of them may be left out. */
export interface Advice {
  agent: string | null;
  model: string | null;
  tier: Tier | null;
  /** One line. */
  reason: string | null;
}

/** What led to the choice: what the classifier said, or how it failed; null = there is none. */
export type Heard = { advice: Advice } | { failure: string } | null;

const LONGEST_REASON = 200;

/**
 * What a classifier answered, understood: the first JSON object in its text. Words that are no candidate, no tier or no
 * text are a failure, told as what follows "the classifier".
 */
export function adviceIn(
  answer: string,
  candidates: readonly string[],
  tiers: readonly Tier[],
): { advice: Advice } | { failure: string } {
  const [found] = objectsIn(answer, MOST_TRIED);
  if (found === undefined) return { failure: 'answered no JSON object' };
  const agent = textIn(found, 'agent');
  const tier = textIn(found, 'tier');
  const known = tiers.find((one) => one === tier) ?? null;
  if (agent !== null && !candidates.includes(agent))
    return { failure: `named ${JSON.stringify(agent.slice(0, 40))}, which is no candidate` };
  if (tier !== null && known === null)
    return { failure: `named the tier ${JSON.stringify(tier.slice(0, 40))}, which there is not` };
  const model = agent === null ? null : textIn(found, 'model');
  const reason =
    textIn(found, 'reason')?.replace(/\s+/g, ' ').trim().slice(0, LONGEST_REASON) ?? null;
  return { advice: { agent, model, tier: known, reason } };
}

/** Null = not there, or no text. */
function textIn(found: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = found[name];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** More opening braces than this are not tried: an answer is short. */
const MOST_TRIED = 50;
