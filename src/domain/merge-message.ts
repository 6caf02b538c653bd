/** What a template of a merge's message can name. */
export interface MergeWords {
  id: string;
  title: string;
  branch: string;
  /** In dollars; null = unknown. */
  cost: number | null;
  verification: string;
}

const OWN =
  'Merge {title}\n\nTend-Task: {id}\nTend-Verification: {verification}\nTend-Cost: {cost}';

/** One line: what is not known, or empty, is left out together with its line. */
const line = (text: string): string => text.replace(/\s+/g, ' ').trim();

/**
 * The message of a merge, from a template with `{title}`, `{id}`, `{branch}`, `{cost}` and `{verification}`; null = our own.
 * A line of the form `Name: {word}` is left out when there is nothing to say.
 */
export function mergeMessage(template: string | null, words: MergeWords): string {
  const { cost } = words;
  const values: Record<string, string> = {
    id: words.id,
    title: line(words.title),
    branch: words.branch,
    cost: cost === null ? '' : `$${cost.toFixed(2)}`,
    verification: line(words.verification),
  };
  const lines = (template ?? OWN).split('\n').flatMap((one) => {
    const only = /^[\w-]+: \{(\w+)\}$/.exec(one)?.[1];
    if (only !== undefined && values[only] === '') return [];
    return [one.replace(/\{(\w+)\}/g, (given, name: string) => values[name] ?? given)];
  });
  return `${lines.join('\n').trim()}\n`;
}
