import type { Finish } from './worker.ts';

/** Most criteria, and the longest one, in characters: all of them go into prompts. */
export const MOST_CRITERIA = 20;
export const LONGEST_CRITERION = 300;

/**
 * Whether what a worker told at its end is worth a push. Of one that told nothing everything is; a requirement that is not
 * met always is; otherwise the worker must ask for it and, where there are criteria, name one of them.
 */
export function isSignificant(
  finish: Finish | undefined,
  criteria: readonly string[] | undefined,
): boolean {
  if (finish === undefined || finish.checks.some(({ met }) => !met)) return true;
  if (!finish.notify) return false;
  const count = criteria?.length ?? 0;
  return count === 0 || namedCriteria(finish.significance, count).length > 0;
}

/** Several numbers at the front, or one behind `#` or the word: a number in passing names nothing. */
const AT_THE_FRONT = /^\W*((?:\d+\s*(?:,|;|&|and)\s*#?)*\d+)\s*(?:$|[.:;,)\]–—-])/i;
const BY_ITS_WORD = /(?:#|criteri(?:on|a)\s+(?:no\.?\s*)?)(\d+)/gi;

/** The numbers of the criteria, of `count`, that a significance names: `2: the API changed`, `#2`, `criterion 2`. */
export function namedCriteria(significance: string, count: number): number[] {
  const front = AT_THE_FRONT.exec(significance)?.[1]?.match(/\d+/g) ?? [];
  const named = [...significance.matchAll(BY_ITS_WORD)].map(([, number]) => number);
  return [...new Set([...front, ...named].map(Number))]
    .filter((number) => number >= 1 && number <= count)
    .toSorted((a, b) => a - b);
}

/** What a worker must know to say whether its end is worth telling, for its prompt; '' = its policy does not ask it. */
export function criteriaText(spec: {
  notify: string;
  criteria?: readonly string[] | undefined;
}): string {
  if (spec.notify !== 'if_significant') return '';
  const criteria = spec.criteria ?? [];
  if (criteria.length === 0)
    return 'When you finish, set `notify` only if a person should be interrupted for the result, and say why in `significance`.';
  return [
    'A person is interrupted for your result only if it meets one of these criteria:',
    ...criteria.map((criterion, index) => `${index + 1}. ${criterion.replace(/\s+/g, ' ').trim()}`),
    'When you finish, set `notify` only if one is met, and begin `significance` with its number, as in "2: the interface changed". If none is met, leave `notify` false.',
  ].join('\n');
}
