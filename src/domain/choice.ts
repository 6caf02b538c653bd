import type { Heard } from './advice.ts';
import type { Tier } from './envelope.ts';

/** Which agents, model and tier are for tasks of a kind. */
export interface ChoiceRule {
  /** All of them; the value `*` stands for any. */
  labels: Readonly<Record<string, string>>;
  /** One of them matches the folder (see `isBelow`); none = any folder. */
  paths: readonly string[];
  /** Bounds of the prompt's length in characters, themselves left out; null = none. */
  longerThan: number | null;
  shorterThan: number | null;
  /** Null = all that `auto` may take. */
  agents: readonly string[] | null;
  model: string | null;
  tier: Tier | null;
}

/** What a task shows of itself before an agent is chosen for it. */
export interface Chooser {
  prompt: string;
  labels: Readonly<Record<string, string>>;
  /** Absolute path. */
  cwd: string;
}

/** The first rule that fits, with its number, from 1 on; null = none does. */
export function ruleFor(
  rules: readonly ChoiceRule[],
  chooser: Chooser,
): { rule: ChoiceRule; number: number } | null {
  const at = rules.findIndex((rule) => fits(rule, chooser));
  const rule = rules[at];
  return rule === undefined ? null : { rule, number: at + 1 };
}

function fits(
  { labels, paths, longerThan, shorterThan }: ChoiceRule,
  { prompt, labels: given, cwd }: Chooser,
): boolean {
  const has = ([name, value]: [string, string]): boolean =>
    Object.hasOwn(given, name) && (value === '*' || given[name] === value);
  return (
    Object.entries(labels).every(has) &&
    (paths.length === 0 || paths.some((pattern) => isBelow(cwd, pattern))) &&
    prompt.length > (longerThan ?? -1) &&
    prompt.length < (shorterThan ?? Infinity)
  );
}

/** The rule in a few words. */
export function ruleInWords({ labels, paths, longerThan, shorterThan }: ChoiceRule): string {
  const words = [
    ...Object.entries(labels).map(([name, value]) => `${name}=${value}`),
    ...(paths.length === 0 ? [] : [paths.join(' or ')]),
    ...(longerThan === null ? [] : [`longer than ${longerThan}`]),
    ...(shorterThan === null ? [] : [`shorter than ${shorterThan}`]),
  ];
  return words.length === 0 ? 'for everything' : words.join(', ');
}

/**
 * Whether the absolute path fits the pattern: `*` and `?` stand for characters of one name, `**` for any number of
 * names. A pattern that begins with `/` is about the whole path, any other about its end.
 */
export function isBelow(path: string, pattern: string): boolean {
  const names = namesIn(path);
  const wanted = namesIn(pattern);
  return matches(names, pattern.startsWith('/') ? wanted : ['**', ...wanted]);
}

const namesIn = (path: string): string[] => path.split('/').filter((name) => name !== '');

function matches(names: readonly string[], patterns: readonly string[]): boolean {
  const [pattern, ...rest] = patterns;
  if (pattern === undefined) return names.length === 0;
  const [name, ...others] = names;
  if (pattern === '**')
    return matches(names, rest) || (name !== undefined && matches(others, patterns));
  return name !== undefined && isNamed(name, pattern) && matches(others, rest);
}

const isNamed = (name: string, pattern: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*+/g, '.*')
      .replaceAll('?', '.')}$`,
    'su',
  ).test(name);

/** Stands where the name of an agent stands: whoever can do it. */
export const AUTO = 'auto';

/** Whether the words are those of a choice that somebody left to us. */
export const isAuto = (chosen: string | null): boolean => chosen?.startsWith(`${AUTO}: `) ?? false;

const listed = (names: readonly string[]): string => names.join(', ');

/** Why these agents stand in this order, in one line. */
export function choiceInWords(
  agents: readonly string[],
  rule: { rule: ChoiceRule; number: number } | null,
  heard: Heard,
): string {
  const by = rule === null ? '' : ` by rule ${rule.number} (${ruleInWords(rule.rule)})`;
  const [first] = agents;
  if (first === undefined) return `${AUTO}: nobody can do it${by}`;
  if (heard !== null && 'advice' in heard && heard.advice.agent !== null) {
    const { reason, model } = heard.advice;
    const what = `${first}${model === null ? '' : ` with ${model}`}`;
    return `${AUTO}: the classifier chose ${what}${by}${reason === null ? '' : `: ${reason}`}`;
  }
  const said = heardInWords(heard);
  return agents.length === 1
    ? `${AUTO}: ${said}${first} is the only one that can do it${by}`
    : `${AUTO}: ${said}${listed(agents)} can do it${by}; the least busy one is taken`;
}

function heardInWords(heard: Heard): string {
  if (heard === null) return '';
  if ('failure' in heard) return `the classifier ${heard.failure}; `;
  const { tier, reason } = heard.advice;
  const what = tier === null ? 'chose no agent' : `chose the tier ${tier} and no agent`;
  return `the classifier ${what}${reason === null ? '' : ` (${reason})`}; `;
}

/** An agent that is not taken. */
export interface LeftOut {
  agent: string;
  /** In a sentence, its name included. */
  why: string;
}

export const leftOutInWords = (leftOut: readonly LeftOut[]): string =>
  leftOut.map(({ why }) => why).join('; ');

/** How `auto` chooses. */
export interface Choosing {
  /** Those that it may take; null = all. */
  agents: readonly string[] | null;
  /** Agents that the configuration has a section for. */
  configured: readonly string[];
  rules: readonly ChoiceRule[];
  /** Who is asked before the choice: a program with its arguments, or an agent; null = nobody. */
  classifier: { command: readonly string[] } | { agent: string; model: string | null } | null;
}

/** Whoever is here, with no rule and nobody to ask. */
export const ANYBODY: Choosing = { agents: null, configured: [], rules: [], classifier: null };
