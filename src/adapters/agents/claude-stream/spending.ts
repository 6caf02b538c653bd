import type { AgentEvent, Usage } from '../../../domain/agent-event.ts';
import { addUsage } from '../../../domain/agent-report.ts';
import { asObject, child, type Json, number, text } from '../json.ts';

/** How a program counts tokens. */
export interface Counting {
  /** `input_tokens` has the cached ones inside, and the numbers of a message are those of its end. */
  inclusive: boolean;
  /** What the usage of a result counts: this run, or the session with its earlier runs. */
  results: 'attempt' | 'session';
}

/** Of one turn of the session. */
interface Spent {
  usage: Usage;
  turns: number | null;
  /** The cost is that of the turns before it, too. */
  cumulative: boolean;
}

/** Counts what an attempt spends, by its model calls and by its results. */
export class Spending {
  readonly #counting: Counting;
  /** Ids of messages whose model call was counted. */
  readonly #counted = new Set<string>();
  #before: Usage | null = null;
  #turnsBefore = 0;
  #last: Spent | null = null;

  constructor(counting: Counting) {
    this.#counting = counting;
  }

  /** A new turn of the session: what the one before it cost is spent. */
  turnBegins(): void {
    if (this.#last === null) return;
    this.#before = this.#sum(this.#last);
    this.#turnsBefore += this.#last.turns ?? 0;
    this.#last = null;
  }

  /** One model call has several lines: it counts once, by its message. */
  modelCall(message: Json): AgentEvent[] {
    const tokens = tokensIn(child(message, 'usage'), this.#counting);
    if (this.#counting.inclusive) {
      if ((tokens.inputTokens ?? 0) === 0) return [];
      return [{ kind: 'usage', scope: 'turn', usage: tokens, turns: 1 }];
    }
    const id = text(message, 'id');
    if (id !== null) {
      if (this.#counted.has(id)) return [];
      this.#counted.add(id);
    }
    // The output is only counted as far as it was when the message began.
    return [{ kind: 'usage', scope: 'turn', usage: { ...tokens, outputTokens: null }, turns: 1 }];
  }

  /** All that was spent so far, by a result line; nothing where the line tells nothing. */
  result(line: Json): AgentEvent[] {
    const spent = spentIn(line, this.#counting);
    const { usage, turns } = spent;
    if (turns === null && Object.values(usage).every((told) => told === null)) return [];
    this.#last = spent;
    return [
      {
        kind: 'usage',
        scope: this.#counting.results,
        usage: this.#sum(spent),
        turns: turns === null ? null : this.#turnsBefore + turns,
      },
    ];
  }

  #sum({ usage, cumulative }: Spent): Usage {
    if (this.#counting.results === 'session') return usage;
    const sum = addUsage(this.#before, usage) ?? usage;
    return cumulative ? { ...sum, costUsd: usage.costUsd } : sum;
  }
}

/** The tokens that a `usage` tells of; what is not told is null. */
function tokensIn(usage: Json, { inclusive }: Counting): Usage {
  const input = number(usage, 'input_tokens');
  const cached = number(usage, 'cache_read_input_tokens');
  const written = number(usage, 'cache_creation_input_tokens');
  return {
    inputTokens: input === null || inclusive ? input : input + (cached ?? 0) + (written ?? 0),
    outputTokens: number(usage, 'output_tokens'),
    cachedTokens: cached,
    costUsd: null,
  };
}

function spentIn(line: Json, counting: Counting): Spent {
  const own = asObject(line['model_usage_since_last_result']);
  const main = tokensIn(child(line, 'usage'), counting);
  return {
    usage: {
      // Subagents and calls that were broken off are in the models' own counts alone.
      ...((own === null ? null : tokensOf(own)) ?? main),
      costUsd: own === null ? number(line, 'total_cost_usd') : costOf(own),
    },
    turns: number(line, 'num_turns'),
    cumulative: own === null,
  };
}

/** The tokens of all models; null = there is none, or one of them tells none. */
function tokensOf(models: Json): Usage | null {
  let sum: Usage | null = null;
  for (const model of Object.values(models)) {
    const told = asObject(model) ?? {};
    const input = number(told, 'inputTokens');
    const output = number(told, 'outputTokens');
    if (input === null || output === null) return null;
    const cached = number(told, 'cacheReadInputTokens') ?? 0;
    const written = number(told, 'cacheCreationInputTokens') ?? 0;
    sum = addUsage(sum, {
      inputTokens: input + cached + written,
      outputTokens: output,
      cachedTokens: cached,
      costUsd: null,
    });
  }
  return sum;
}

/** The costs of all models; null = one of them is not told. */
function costOf(models: Json): number | null {
  let sum = 0;
  for (const model of Object.values(models)) {
    const cost = number(asObject(model) ?? {}, 'costUSD');
    if (cost === null) return null;
    sum += cost;
  }
  return sum;
}
