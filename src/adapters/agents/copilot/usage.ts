import type { AgentEvent, Usage } from '../../../domain/agent-event.ts';
import { asObject, child, type Json, number, objectIn, text } from '../json.ts';

/** A usage file has a few KiB; what is longer is none, characters. */
const LONGEST_FILE = 1024 * 1024;
/** AI credits are counted in billionths; one is a cent. */
const NANO_CREDITS_PER_USD = 100 * 1e9;

export const NO_USAGE: Usage = {
  inputTokens: null,
  outputTokens: null,
  cachedTokens: null,
  costUsd: null,
};

/** The file of `--usage-output-file`: one object of JSON over many lines, with the totals of the session. */
export class UsageFile {
  #text = '';

  line(line: string): readonly AgentEvent[] {
    if (this.#text.length + line.length > LONGEST_FILE) return [];
    this.#text += `${line}\n`;
    const file = line.trimEnd().endsWith('}') ? objectIn(this.#text) : null;
    return file === null ? [] : usageIn(file);
  }
}

function usageIn(file: Json): AgentEvent[] {
  if (asObject(file['modelMetrics']) === null) return [];
  const models = Object.values(child(file, 'modelMetrics')).map((one) =>
    child(asObject(one) ?? {}, 'usage'),
  );
  const total = (name: string): number =>
    models.reduce((sum, usage) => sum + (number(usage, name) ?? 0), 0);
  const credits = number(file, 'totalNanoAiu');
  const isPriced = text(file, 'aiCreditsStatus') === 'complete' && credits !== null;
  return [
    {
      kind: 'usage',
      scope: 'session',
      turns: null,
      usage: {
        // What was read from the cache is a part of it.
        inputTokens: total('inputTokens'),
        outputTokens: total('outputTokens'),
        cachedTokens: total('cacheReadTokens'),
        costUsd: isPriced ? credits / NANO_CREDITS_PER_USD : null,
      },
    },
  ];
}
