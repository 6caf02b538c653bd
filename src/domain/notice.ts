import { type DeliveryKind, reasonOf } from './delivery.ts';
import { plainText } from './plain-text.ts';
import { oneLine } from './prompt.ts';
import type { Task } from './task.ts';
import { isSuccess, verdict, verificationOf } from './verdict.ts';

/** What a person is told, in words alone: each channel makes its own shape of it. */
export interface Notice {
  title: string;
  lines: readonly string[];
  tone: Tone;
}

/** Whether it went well, went wrong, waits for an answer, or is only to be known. */
export type Tone = 'good' | 'bad' | 'ask' | 'news';

/** A delivery with the task that it is about. */
export interface Told {
  delivery: { kind: DeliveryKind; preview: string };
  task: Task;
}

/** Most deliveries of a message that get a line of their own, and the longest title, in characters. */
const MOST_LINES = 20;
const LONGEST_TITLE = 120;
/** Longest part of a preview that goes into a message with others. */
const LONGEST_HINT = 200;

/** Controls, and the marks that make text read in another order than it stands. */
const UNSAFE = /[^\P{Cc}\n]|[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/gu;

/** Text as it may stand before a person: what a terminal or a bidirectional mark would obey is gone. */
export const readable = (text: string): string =>
  plainText(text).replaceAll('\t', ' ').replace(UNSAFE, '');

/** What one delivery says, or several together. */
export function noticeOf(told: readonly [Told, ...Told[]]): Notice {
  const [first, ...others] = told;
  return others.length === 0 ? single(first) : together(told);
}

function single({ delivery: { kind, preview }, task }: Told): Notice {
  const lines = readable(preview)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
  if (kind === 'digest')
    return { title: lines[0] ?? HEADLINES.digest(task, ''), lines: lines.slice(1), tone: 'news' };
  const next = NEXT[kind](task.id);
  return {
    title: headline({ delivery: { kind, preview }, task }),
    lines: next === '' ? lines : [...lines, next],
    tone: toneOf({ delivery: { kind, preview }, task }),
  };
}

/** What a person does next. */
const NEXT: Record<Exclude<DeliveryKind, 'digest'>, (id: string) => string> = {
  completion: (id) => `tend show ${id}`,
  question: () => '', // the text of a question says how it is answered
  reminder: (id) => `tend show ${id}`,
  match: (id) => `tend logs ${id}`,
};

function together(told: readonly Told[]): Notice {
  const count = (tone: Tone, word: string): string[] => {
    const number = told.filter((one) => toneOf(one) === tone).length;
    return number === 0 ? [] : [`${number} ${word}`];
  };
  const parts = [
    ...count('bad', 'went wrong'),
    ...count('ask', 'wait for you'),
    ...count('good', 'done'),
    ...count('news', 'to be known'),
  ];
  // What went wrong stands first, so that it is never what is left out.
  const sorted = told.toSorted((a, b) => ORDER[toneOf(a)] - ORDER[toneOf(b)]);
  const shown = sorted.slice(0, MOST_LINES);
  const rest = told.length - shown.length;
  return {
    title: `${told.length} messages: ${parts.join(', ')}`,
    lines: [
      ...shown.map((one) => `${headline(one)} – ${one.task.id}${hint(one)}`),
      ...(rest === 0 ? [] : [`… and ${rest} more: tend digest`]),
    ],
    tone: toneOf(sorted[0] as Told),
  };
}

const ORDER: Record<Tone, number> = { bad: 0, ask: 1, good: 2, news: 3 };

const hint = ({ delivery: { kind, preview } }: Told): string =>
  kind === 'question' ? `: ${oneLine(readable(preview), LONGEST_HINT)}` : '';

function toneOf({ delivery: { kind }, task }: Told): Tone {
  if (kind === 'question') return 'ask';
  if (kind !== 'completion') return 'news';
  const came = verdict(task.state, reasonOf(task), verificationOf(task));
  return isSuccess(came) ? 'good' : task.state === 'cancelled' ? 'news' : 'bad';
}

const headline = ({ delivery: { kind }, task }: Told): string =>
  HEADLINES[kind](task, oneLine(readable(task.spec.title), LONGEST_TITLE));

const HEADLINES: Record<DeliveryKind, (task: Task, title: string) => string> = {
  completion: (task, title) => `${endOf(task)}: ${title}`,
  question: (_, title) => `Waits for you: ${title}`,
  reminder: (_, title) => `Still running: ${title}`,
  match: (_, title) => `Matched: ${title}`,
  digest: () => 'Digest',
};

/** `Failed (exit_code, code 2)`. */
function endOf(task: Task): string {
  const came = verdict(task.state, reasonOf(task), verificationOf(task));
  const word = task.state.charAt(0).toUpperCase() + task.state.slice(1);
  if (isSuccess(came)) return word;
  const outcome = task.attempt?.outcome;
  const why = [
    reasonOf(task) ?? came,
    ...(outcome?.kind === 'exited' && outcome.code !== 0 ? [`code ${outcome.code}`] : []),
  ];
  return `${word} (${why.join(', ')})`;
}
