/** A position that does not part the two halves of a character. */
const whole = (text: string, at: number): number =>
  /^[\udc00-\udfff]/.test(text.slice(at, at + 1)) ? at + 1 : at;

/** The last characters of a text. */
export const endOf = (text: string, longest: number): string =>
  text.length <= longest ? text : text.slice(whole(text, text.length - longest));

const note = (left: number): string => `\n[… ${left} characters left out …]\n`;

/** The two ends of a text that fit, with a note between them. */
function ends(text: string, longest: number): { head: string; tail: string } {
  const half = Math.floor((longest - note(text.length).length) / 2);
  return { head: text.slice(0, whole(text, half - 1)), tail: endOf(text, half) };
}

/** The text with its middle left out where it is too long (`longest` at least 100), and a note that says so. */
export function cutMiddle(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const { head, tail } = ends(text, longest);
  return head + note(text.length - head.length - tail.length) + tail;
}

/** Longer runs of backticks are told of instead of shown: a fence has to be longer than any. */
const LONGEST_RUN = 64;

export const withoutLongRuns = (text: string): string =>
  text.replace(/`{65,}/g, (run) => `[${run.length} backticks]`);

/** How much fences add to a text at most. */
export const FENCES = 2 * (LONGEST_RUN + 2);

/** The text between two fences that no line of it can be. */
export function fenced(text: string): string {
  const shown = withoutLongRuns(text);
  const runs = shown.match(/`{3,}/g) ?? [];
  const fence = '`'.repeat(Math.max(3, ...runs.map((run) => run.length + 1)));
  return `${fence}\n${shown.replace(/\n$/, '')}\n${fence}`;
}

/** The fence that is open at the end of the text; empty = none. */
function openFence(text: string): string {
  let open = '';
  for (const [line, run = ''] of text.matchAll(/^(`{3,65})(?!`)[^`\n]*$/gm))
    if (open === '') open = run;
    else if (line.trimEnd() === run && run.length >= open.length) open = '';
  return open;
}

/** As `cutMiddle` (at least 300), but a fence that the cut would leave open is closed, and opened again after it. */
export function cutFenced(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const { head, tail } = ends(text, longest - FENCES);
  const at = text.length - tail.length;
  // The rest of a fence is none.
  const rest = text[at - 1] === '`' ? tail.replace(/^`+/, '') : tail;
  const closing = openFence(head);
  const opening = openFence(text.slice(0, text.length - rest.length));
  return [
    head,
    closing === '' ? '' : `\n${closing}`,
    note(text.length - head.length - rest.length),
    opening === '' ? '' : `${opening}\n`,
    rest,
  ].join('');
}
