import type { AgentEvent, Usage } from '../../../domain/agent-event.ts';
import { asObject, child, type Json, list, number, objectIn, text } from '../json.ts';

/** Lines that the object has at most; it has some for each model and tool. */
const LONGEST = 20_000;

/** Puts together the one object of `--output-format json`, which is printed over many lines. */
export class PrintedObject {
  #lines: string[] = [];

  /** Null = the line is no part of an object; else the lines of one that is over, and what they are. */
  line(line: string): { lines: readonly string[]; object: Json | null } | null {
    if (this.#lines.length === 0 && line !== '{') return null;
    this.#lines.push(line);
    if (line !== '}' && this.#lines.length < LONGEST) return { lines: [], object: null };
    const lines = this.#lines;
    this.#lines = [];
    return { lines, object: objectIn(lines.join('\n')) };
  }
}

/** Whether an object is what `--output-format json` prints. */
export const isResult = (object: Json): boolean =>
  text(object, 'session_id') !== null && ('response' in object || 'error' in object);

/** The session, the numbers and the answer of the object. */
export function resultEvents(object: Json): AgentEvent[] {
  const error = asObject(object['error']);
  const warnings = list(object, 'warnings').filter((value) => typeof value === 'string');
  const message =
    error === null ? (warnings.find((said) => STOPS.test(said)) ?? null) : text(error, 'message');
  const ok = error === null && message === null;
  return [
    { kind: 'session', sessionId: text(object, 'session_id') ?? '', model: null, version: null },
    ...usageIn(child(child(object, 'stats'), 'models')),
    { kind: 'final', ok, text: text(object, 'response') ?? '', failure: null, message },
  ];
}

/** Gemini stopped the work by itself, though it will call the run a success. */
export const STOPS =
  /\bloop detected\b|\bstopping execution\b|\bexecution (?:stopped|blocked)\b|\bturns exceeded\b/i;

function usageIn(models: Json): AgentEvent[] {
  const of = Object.values(models).flatMap((value) => {
    const model = asObject(value);
    return model === null ? [] : [model];
  });
  if (of.length === 0) return [];
  const sum = (name: string): number | null =>
    of.reduce<number | null>((total, model) => {
      const tokens = number(child(model, 'tokens'), name);
      return tokens === null ? total : (total ?? 0) + tokens;
    }, null);
  const usage: Usage = {
    inputTokens: sum('prompt'),
    outputTokens: sum('candidates'),
    cachedTokens: sum('cached'),
    costUsd: null,
  };
  const calls = of.map(
    (model) => number(child(child(model, 'roles'), 'main'), 'totalRequests') ?? 0,
  );
  return [
    { kind: 'usage', scope: 'attempt', usage, turns: calls.reduce((total, n) => total + n, 0) },
  ];
}
