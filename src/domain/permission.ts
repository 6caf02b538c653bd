/** Rules for what a worker may do where its agent would ask. */
import { formsOf, isLike, isSame, LONGEST_SUBJECT, piecesOf, redirects } from './act.ts';
import type { Act, Question } from './question.ts';

/** From the most lenient to the strictest. */
export const DECISIONS = ['allow', 'ask', 'deny'] as const;
export type Decision = (typeof DECISIONS)[number];

/** In both globs `*` stands for anything, and nothing else for anything but itself. */
export interface PermissionRule {
  tool: string;
  /** Of the subject: a command line, a path, an address; null = whatever it is. */
  match: string | null;
  decision: Decision;
}

/** What one side says. */
export interface PermissionLayer {
  /** Whose rules these are, for those who read what was decided. */
  from: string;
  /** Where no rule fits; null = it says nothing then. */
  otherwise: Decision | null;
  /** The first one that fits counts. */
  rules: readonly PermissionRule[];
}

export interface Decided {
  decision: Decision;
  /** The rule, in words. */
  by: string;
}

/** One thing that was decided, as it is kept. */
export interface RulingRecord {
  at: number;
  tool: string;
  /** Its beginning. */
  subject: string;
  ruling: 'allow' | 'deny' | 'asked';
  by: string;
}

/** Most rulings that are kept of an attempt, and how much of a subject. */
export const MOST_RULINGS = 100;
export const LONGEST_SUBJECT_KEPT = 300;

const strictness = (decision: Decision): number => DECISIONS.indexOf(decision);
const stricter = (a: Decided, b: Decided): Decided =>
  strictness(b.decision) > strictness(a.decision) ? b : a;

/** What holds when nobody says anything. */
const NOTHING_SAID: Decided = { decision: 'deny', by: 'no rule' };

/**
 * What the rules say of an act: the strictest word of all sides and, of a line for the shell, of all of its commands.
 */
export function decisionOn(act: Act, layers: readonly PermissionLayer[]): Decided {
  if (act.subject.length > LONGEST_SUBJECT)
    return { decision: 'deny', by: 'longer than what is ruled on' };
  const decided = piecesOf(act).flatMap((piece) =>
    layers.flatMap((layer) => decidedBy(layer, act, piece) ?? []),
  );
  const [first = NOTHING_SAID, ...more] = decided;
  return more.reduce(stricter, first);
}

function decidedBy(layer: PermissionLayer, act: Act, piece: string): Decided | null {
  const { from, otherwise, rules } = layer;
  const rule = rules.find((one) => applies(one, act, piece));
  if (rule !== undefined) return { decision: rule.decision, by: `${from}: ${inWords(rule)}` };
  return otherwise === null ? null : { decision: otherwise, by: `${from}: default` };
}

function applies({ tool, match, decision }: PermissionRule, act: Act, piece: string): boolean {
  if (!fits(tool, act.tool)) return false;
  if (match === null || match === '*') return true;
  if (decision !== 'allow') return formsOf(act, piece).some((form) => fitsSubject(match, form));
  // Whoever allowed a command did not think of the file that it might write.
  if (redirects(act, piece) && !match.includes('>')) return false;
  return fitsSubject(match, piece);
}

/** `git *` means `git` alone, too. */
const fitsSubject = (glob: string, text: string): boolean =>
  fits(glob, text) || (glob.endsWith(' *') && fits(glob.slice(0, -2), text));

/** Whether a text is what a glob stands for. */
export function fits(glob: string, text: string): boolean {
  const [first = '', ...rest] = glob.split('*');
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

const inWords = ({ tool, match, decision }: PermissionRule): string =>
  `${tool}${match === null ? '' : ` ${JSON.stringify(match)}`} = ${decision}`;

/** What a person may answer. */
export const PERMISSION_OPTIONS = ['allow', 'allow always', 'deny'];

const YES = /^(?:allow|allow once|allow always|always|yes|y|ok)[.!]?$/i;
const ALWAYS = /^(?:allow )?always[.!]?$/i;

/** What people said before of the same act, or for always of acts like it; the last word counts. Null = nothing. */
export function grantedBefore(act: Act, asked: readonly Question[]): Decided | null {
  for (const { id, asker, act: earlier, answer } of asked.toReversed()) {
    if (asker !== 'permission' || earlier === undefined || answer === null) continue;
    const said = answer.text.trim();
    const by = `answer to ${id}`;
    if (isSame(act, earlier))
      return YES.test(said)
        ? { decision: 'allow', by }
        : { decision: 'deny', by: `${by}: ${said.slice(0, LONGEST_SUBJECT_KEPT)}` };
    if (ALWAYS.test(said) && isLike(act, earlier)) return { decision: 'allow', by };
  }
  return null;
}

/** The person's rules for a task that asks rather than be refused. */
export const asking = (layer: PermissionLayer): PermissionLayer =>
  layer.otherwise === 'allow' ? layer : { ...layer, otherwise: 'ask' };

/** Whether anything could be other than refused: else the agent need not ask. */
export const mayPass = (layers: readonly PermissionLayer[]): boolean =>
  layers.length > 0 &&
  layers.every(
    ({ otherwise, rules }) =>
      otherwise !== 'deny' || rules.some(({ decision }) => decision !== 'deny'),
  );
