import { type AgentOutcome, isLimit } from '../../../domain/agent-outcome.ts';
import { limitOf } from '../../../domain/refusal.ts';
import type { ReadingPlace } from '../../../ports/agent.ts';
import type { Refusal } from './definition.ts';

/** The pattern of a text or of a regular expression between slashes. Throws SyntaxError. */
export function refusalPattern(match: string): RegExp {
  const [, source, flags] = /^\/(.+)\/([a-z]*)$/s.exec(match) ?? [];
  if (source !== undefined) return new RegExp(source, flags?.replace(/[gy]/g, ''));
  return new RegExp(match.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`), 'i');
}

/** Finds the person's own words of refusal in what an agent, not its model, wrote. */
export class Refusals {
  readonly #rows: readonly { pattern: RegExp; refusal: Refusal }[];

  constructor(refusals: readonly Refusal[]) {
    this.#rows = refusals.map((refusal) => ({ pattern: refusalPattern(refusal.match), refusal }));
  }

  /** What the first of the texts that has such words comes to; its last line that has them counts. */
  outcome(texts: readonly (string | null | undefined)[], place: ReadingPlace): AgentOutcome | null {
    if (this.#rows.length === 0) return null;
    for (const text of texts) {
      const lines = (text ?? '').split('\n').map((line) => line.trim());
      for (const line of lines.toReversed()) {
        const found = this.#rows.find(({ pattern }) => pattern.test(line));
        if (found !== undefined) return outcomeOf(found.refusal, line, place);
      }
    }
    return null;
  }
}

function outcomeOf(refusal: Refusal, message: string, place: ReadingPlace): AgentOutcome {
  const { failure } = refusal;
  if (!isLimit(failure)) return { kind: failure, message };
  const told = limitOf(failure, message, place);
  const wanted = refusal.class ?? told.class;
  // A time that was told counts, unless only a person can help; a class that needs one without it is `windowed`.
  if (wanted === 'needs_person')
    return { kind: failure, message, limit: { class: wanted, until: null, message } };
  if (told.until !== null) return { kind: failure, message, limit: told };
  const held = wanted === 'until' ? 'windowed' : wanted;
  return { kind: failure, message, limit: { class: held, until: null, message } };
}
