import { objectsIn } from './json-in.ts';
import { oneLine } from './prompt.ts';
import { JUDGEMENTS, type Judgement } from './product.ts';

const LONGEST_ANSWER = 40_000;
/** More opening braces than this are not tried. */
const MOST_TRIED = 400;
const MOST_REASONS = 20;
const LONGEST_REASON = 1_000;

export interface Judged {
  decision: Judgement;
  reasons: string[];
}

const revise = (...reasons: string[]): Judged => ({ decision: 'revise', reasons });

/**
 * What a judge said: the last object of its answer with a decision, which must carry the marker that it was asked to repeat.
 * What cannot be read, or might be a quotation, never approves.
 */
export function judgementIn(answer: string, marker: string): Judged {
  const objects = [...objectsIn(answer.slice(-LONGEST_ANSWER), MOST_TRIED)];
  const last = objects
    .flatMap((said) => {
      const decision = known(said['decision']);
      return decision === null ? [] : [{ said, decision }];
    })
    .at(-1);
  if (last === undefined)
    return revise(
      `the judge's answer could not be read: ${answer.trim() === '' ? 'it is empty' : 'it holds no decision'}`,
    );
  const { said, decision } = last;
  if (said['marker'] !== marker)
    return revise(
      "the judge's answer could not be read: its last decision does not carry the marker that was asked for",
    );
  const reasons = reasonsIn(said['reasons']);
  return {
    decision,
    reasons: reasons.length > 0 || decision === 'approve' ? reasons : ['the judge gave no reason'],
  };
}

const known = (value: unknown): Judgement | null =>
  typeof value === 'string'
    ? (JUDGEMENTS.find((one) => one === value.trim().toLowerCase()) ?? null)
    : null;

const reasonsIn = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value])
    .filter((one): one is string => typeof one === 'string')
    .map((one) => oneLine(one, LONGEST_REASON))
    .filter((one) => one !== '')
    .slice(0, MOST_REASONS);
