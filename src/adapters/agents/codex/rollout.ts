import type { Usage } from '../../../domain/agent-event.ts';
import { asObject, child, type Json, number, objectIn, text } from '../json.ts';

/** Lines with none of these words tell nothing that is read here; most are long, with prompts and tool output. */
const TELLING = /"(?:token_count|task_started|task_complete|error|session_meta|turn_context)"/;

/** Ms between a first line's printing and its reading, at most: what is older is an earlier attempt's. */
const SLACK = 3_000;

/** What the session's totals and the number of this attempt's model calls are. */
export interface Totals {
  usage: Usage;
  /** Null = it cannot be told which calls are this attempt's. */
  calls: number | null;
}

interface Refusal {
  message: string;
  until: number;
  at: number | null;
}

/**
 * The file that Codex writes for each session, read along. A resumed session's file begins with all of its
 * earlier attempts: their calls are not counted and their refusals do not stand.
 */
export class Rollout {
  model: string | null = null;
  version: string | null = null;
  /** When this attempt began, epoch ms; null = its first line was not read yet. */
  #since: number | null = null;
  /** When the model answered, by the tasks of the session; an attempt has one for each of its turns. */
  #tasks: (number | null)[][] = [[]];
  #turns = 1;
  #usage: Usage | null = null;
  #total = '';
  #resets: number | null = null;
  #refusal: Refusal | null = null;

  began(at: number): void {
    this.#since ??= at;
  }

  /** The attempt goes on with another turn. */
  another(): void {
    this.#turns += 1;
  }

  /** What a line told of that counts now; null = nothing. */
  line(line: string): 'session' | 'usage' | 'refusal' | null {
    if (!TELLING.test(line)) return null;
    const entry = objectIn(line);
    if (entry === null) return null;
    const payload = child(entry, 'payload');
    const at = timeOf(entry);
    switch (text(entry, 'type')) {
      case 'session_meta':
        return this.#named(this.model, text(payload, 'cli_version') ?? this.version);
      case 'turn_context':
        return this.#named(text(payload, 'model') ?? this.model, this.version);
      case 'event_msg':
        return this.#event(payload, at);
      default:
        return null;
    }
  }

  /** The totals as of now; null = none are known. */
  get totals(): Totals | null {
    if (this.#usage === null) return null;
    const tasks = this.#tasks.slice(-this.#turns);
    const calls = tasks.flat().filter((at) => this.#isNow(at)).length;
    return { usage: this.#usage, calls: calls === 0 ? null : calls };
  }

  /** When the limit ends of which `message` tells, epoch ms; null = the file does not say. */
  resetOf(message: string): number | null {
    const refusal = this.#refusal;
    if (refusal === null) return null;
    const same = refusal.message === message || (refusal.at !== null && this.#isNow(refusal.at));
    return same ? refusal.until : null;
  }

  #named(model: string | null, version: string | null): 'session' | null {
    const same = model === this.model && version === this.version;
    this.model = model;
    this.version = version;
    return same ? null : 'session';
  }

  #event(payload: Json, at: number | null): 'usage' | 'refusal' | null {
    switch (text(payload, 'type')) {
      case 'token_count':
        return this.#tokens(payload, at) ? 'usage' : null;
      case 'task_started':
        this.#tasks.push([]);
        return null;
      case 'task_complete':
        return this.#refused(child(payload, 'error'), at) ? 'refusal' : null;
      case 'error':
        return this.#refused(payload, at) ? 'refusal' : null;
      default:
        return null;
    }
  }

  #tokens(payload: Json, at: number | null): boolean {
    const limits = asObject(payload['rate_limits']);
    if (limits !== null) this.#resets = resetIn(limits, at);
    const total = asObject(child(payload, 'info')['total_token_usage']);
    if (total === null) return false;
    const key = JSON.stringify(total);
    // A refusal repeats the totals of the last call that was answered.
    if (key === this.#total) return false;
    this.#total = key;
    this.#usage = usageOf(total);
    this.#tasks.at(-1)?.push(at);
    return this.#since !== null && this.#isNow(at);
  }

  #refused(error: Json, at: number | null): boolean {
    const message = text(error, 'message');
    const info = JSON.stringify(error['codex_error_info']) ?? '';
    if (message === null || !/usage_?limit_?exceeded/i.test(info) || this.#resets === null)
      return false;
    this.#refusal = { message, until: this.#resets, at };
    return true;
  }

  #isNow(at: number | null): boolean {
    return this.#since === null || at === null || at >= this.#since - SLACK;
  }
}

function timeOf(entry: Json): number | null {
  const time = Date.parse(text(entry, 'timestamp') ?? '');
  return Number.isNaN(time) ? null : time;
}

/** When the last window that is used up begins anew, epoch ms; null = none is used up. */
function resetIn(limits: Json, at: number | null): number | null {
  const ends = ['primary', 'secondary'].flatMap((name) => {
    const window = child(limits, name);
    if ((number(window, 'used_percent') ?? 0) < 100) return [];
    const epoch = number(window, 'resets_at');
    if (epoch !== null) return [epoch * 1000];
    const seconds = number(window, 'resets_in_seconds');
    return seconds === null || at === null ? [] : [at + seconds * 1000];
  });
  return ends.length === 0 ? null : Math.max(...ends);
}

/** Codex tells tokens, never money. */
export const usageOf = (of: Json): Usage => ({
  inputTokens: number(of, 'input_tokens'),
  outputTokens: number(of, 'output_tokens'),
  cachedTokens: number(of, 'cached_input_tokens'),
  costUsd: null,
});
