import type { AgentEvent, Usage } from '../../../domain/agent-event.ts';
import { addUsage } from '../../../domain/agent-report.ts';
import { asObject, child, type Json, number, text } from '../json.ts';

const NOTHING: Usage = { inputTokens: null, outputTokens: null, cachedTokens: null, costUsd: null };

/**
 * Tokens as agents tell them. Some count cached and thought ones within input and output, some beside them: the
 * total shows which.
 */
export function tokensOf(usage: Json): Usage | null {
  const input = number(usage, 'inputTokens');
  const output = number(usage, 'outputTokens');
  if (input === null || output === null) return null;
  const cached = number(usage, 'cachedReadTokens');
  const caches = (cached ?? 0) + (number(usage, 'cachedWriteTokens') ?? 0);
  const thought = number(usage, 'thoughtTokens') ?? 0;
  let beside = (number(usage, 'totalTokens') ?? 0) - input - output;
  const takes = (amount: number): number => {
    if (amount > beside) return 0;
    beside -= amount;
    return amount;
  };
  const inputTokens = input + takes(caches);
  return {
    inputTokens,
    outputTokens: output + takes(thought),
    cachedTokens: cached,
    costUsd: null,
  };
}

/** What a turn's end tells of its tokens: in the protocol's own field, or in a field of the agent's own. */
export function turnTokens(usage: Json | null, meta: Json): Usage | null {
  const told = usage === null ? null : tokensOf(usage);
  if (told !== null) return told;
  const count = asObject(child(meta, 'quota')['token_count']);
  if (count === null) return null;
  const [inputTokens, outputTokens] = [
    number(count, 'input_tokens'),
    number(count, 'output_tokens'),
  ];
  return inputTokens === null && outputTokens === null
    ? null
    : { ...NOTHING, inputTokens, outputTokens };
}

/** The session's cost so far, in dollars. */
export function costOf(update: Json): number | null {
  const cost = child(update, 'cost');
  return (text(cost, 'currency') ?? 'USD').toUpperCase() === 'USD' ? number(cost, 'amount') : null;
}

/**
 * Adds up what is told in two ways at once: tokens of this attempt, and money of the whole session. An event of
 * the session replaces all that was told before, so the tokens follow it again.
 */
export class Spending {
  #tokens: Usage | null = null;
  #cost: number | null = null;

  /** One more model call. */
  call(tokens: Usage): AgentEvent[] {
    this.#tokens = addUsage(this.#tokens, tokens);
    return [{ kind: 'usage', scope: 'turn', usage: tokens, turns: 1 }];
  }

  /** All of the attempt. */
  turn(tokens: Usage): AgentEvent[] {
    this.#tokens = tokens;
    return this.#cost === null
      ? [{ kind: 'usage', scope: 'attempt', usage: tokens, turns: null }]
      : this.#all(this.#cost);
  }

  /** All of the session. */
  cost(costUsd: number): AgentEvent[] {
    this.#cost = costUsd;
    return this.#all(costUsd);
  }

  #all(costUsd: number): AgentEvent[] {
    const session: AgentEvent = {
      kind: 'usage',
      scope: 'session',
      usage: { ...NOTHING, costUsd },
      turns: null,
    };
    if (this.#tokens === null) return [session];
    return [session, { kind: 'usage', scope: 'turn', usage: this.#tokens, turns: 0 }];
  }
}
