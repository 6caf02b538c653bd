import { TendError } from './errors.ts';
import { automaton, type Automaton } from './automaton.ts';
import { type Expression, parse } from './pattern-parse.ts';

/** Longest pattern, in characters. */
export const LONGEST_PATTERN = 200;

const WRITTEN = /^\/(.+)\/([a-z]*)$/su;

/**
 * What lines are looked through for: `/a regular expression/`, with `i` behind it where case does not matter, or a plain
 * text. Throws TendError `invalid_input` with the reason for what cannot be one.
 */
export function patternOf(written: string): Automaton {
  if (written === '' || written.length > LONGEST_PATTERN || /[\n\r]/.test(written))
    throw new TendError(
      'invalid_input',
      `a text of ${written.length} characters cannot be watched for`,
      `Watch for 1 to ${LONGEST_PATTERN} characters of one line.`,
    );
  const [, source, flags = ''] = WRITTEN.exec(written) ?? [];
  if (source === undefined) return automaton(written, literal(written));
  const [stray] = flags.replaceAll(/[gimsu]/g, '');
  if (stray !== undefined || new Set(flags).size < flags.length)
    throw new TendError(
      'invalid_input',
      `${written} ends with the flags ${JSON.stringify(flags)}`,
      'Only i means something here: upper and lower case are the same.',
    );
  return automaton(source, parse(source, flags.includes('i') ? 'i' : ''));
}

const literal = (text: string): Expression => ({
  kind: 'all',
  parts: Array.from(text, (character) => {
    const meant = character.codePointAt(0);
    return { kind: 'set', set: (code) => code === meant };
  }),
});
