import { oneLine } from './prompt.ts';
import type { Answered } from './product.ts';

const LONGEST_EVIDENCE = 1_000;

const LINE =
  /^[\s>*_#`-]*check\s+#?(\d+)\s*[*_`]*\s*[:.)–—-]\s*[*_`]*\s*(unmet|not met|met)\b(.*)$/i;
/** What stands between the word and the evidence. */
const BETWEEN = /^[\s*_`:.,;–—-]+/;
/** Words that show nothing. */
const NOTHING = /^(?:<?evidence>?|none|n\/?a|yes|no|done|ok|met|unmet|true|tbd|todo|\W*)[.!]?$/i;

/** What an attempt is asked about the points of the checklist, and in which form; '' = there are none. */
export const checklistAsk = (items: readonly string[]): string =>
  items.length === 0
    ? ''
    : [
        'End your final answer with one line for each of these points, in this form and with nothing after them:',
        '',
        'CHECK <number>: met — <evidence>',
        'CHECK <number>: unmet — <what is missing>',
        '',
        'Evidence is what somebody else can look up: a file and line, a command and what it printed. "met" without evidence does not count.',
        '',
        ...items.map((item, nth) => `${nth + 1}. ${oneLine(item, 1_000)}`),
      ].join('\n');

/** The points as the answer takes them up: the last line on each counts. */
export function answersIn(answer: string, items: readonly string[]): Answered[] {
  const lines = answer.split(/\r?\n/);
  const found = new Map<number, { isMet: boolean; evidence: string }>();
  for (const [at, line] of lines.entries()) {
    const [, number, word = '', rest = ''] = LINE.exec(line.slice(0, 4_000)) ?? [];
    if (number === undefined) continue;
    const said = rest.replace(BETWEEN, '').replace(/[*_`\s]+$/, '');
    const next = lines[at + 1] ?? '';
    const evidence = said === '' && !LINE.test(next.slice(0, 4_000)) ? next : said;
    found.set(Number(number), {
      isMet: word.toLowerCase() === 'met',
      evidence: NOTHING.test(evidence.trim()) ? '' : oneLine(evidence, LONGEST_EVIDENCE),
    });
  }
  return items.map((item, nth) => {
    const { isMet, evidence = '' } = found.get(nth + 1) ?? {};
    const met = isMet === true && evidence === '' ? null : (isMet ?? null);
    return { item, met, evidence };
  });
}
