/** Questions, and what workers tell of themselves, in words for people. */
import type { Output, Task } from '../client/index.ts';
import { clock, quoted, relative } from './format.ts';
import type { Printer } from './print.ts';
import { oneLine, safeText, shorten } from './text.ts';

/** What waits, or waited, for a person's word. */
export type Asked = Output<'questions'>['questions'][number];

/** Who asks, or what for. */
export const askerOf = ({ kind }: Pick<Asked, 'kind'>): string =>
  ({ worker: 'asks', permission: 'permission', review: 'review', drained: 'drained' })[kind];

/** The question of a task as `tend questions` would list it. */
export const askedIn = ({ question, owner }: Pick<Task, 'question' | 'owner'>): Asked | null =>
  question === null ? null : { ...question, owner };

/** `until 14:20:00 (in 5m), then "SQLite"`; '' = never too late. */
export function deadlineOf(asked: Pick<Asked, 'deadlineAt' | 'default'>, now: number): string {
  if (asked.deadlineAt === null) return '';
  const at = Date.parse(asked.deadlineAt);
  const then = asked.default === null ? 'then its task fails' : `then "${oneLine(asked.default)}"`;
  return `until ${clock(at, now)} (${relative(at, now)}), ${then}`;
}

/** What became of it: `answered 3m ago by cli:1000: Postgres`. */
export function fateOf({ state, answer }: Pick<Asked, 'state' | 'answer'>, now: number): string {
  if (answer === null)
    return state === 'expired' ? 'too late for an answer' : `${state} without an answer`;
  const when = relative(Date.parse(answer.at), now);
  const said = oneLine(answer.text);
  if (answer.by === 'deadline') return `nobody answered in time, ${when}; so: ${said}`;
  return `answered ${when} by ${oneLine(answer.by)}: ${said}`;
}

/** The question and what helps to answer it, line by line, not fitted. */
export function questionText(
  { question, context }: Pick<Asked, 'question' | 'context'>,
  { paint }: Pick<Printer, 'paint'>,
): string[] {
  const about = context.trim() === '' ? [] : linesOf(context);
  return [
    ...linesOf(question).map((line) => paint('bold', line)),
    ...(about.length === 0 ? [] : ['', ...about.map((line) => paint('dim', line))]),
  ];
}

const linesOf = (text: string): string[] => safeText(text.trimEnd()).split('\n');

/** The question with its options, what became of it or until when it waits, and how to answer it. */
export function questionLines(asked: Asked, printer: Printer, now: number): string[] {
  const { paint } = printer;
  const isOpen = asked.state === 'open';
  const rest = isOpen ? deadlineOf(asked, now) : fateOf(asked, now);
  return [
    ...questionText(asked, printer),
    ...asked.options.map((option, index) => `  ${index + 1} ${oneLine(option)}`),
    ...(rest === '' ? [] : [paint('dim', rest)]),
    ...(isOpen ? answerCommands(asked).map((line) => paint('cyan', line)) : []),
  ];
}

/** Options whose commands are all named. */
const FEW = 4;

/** The exact commands that answer it. */
export function answerCommands({ id, taskId, kind, options }: Asked): string[] {
  if (kind === 'review' && taskId !== null)
    return [`tend accept ${taskId}`, `tend reject ${taskId} --feedback "what is wrong"`];
  const name = taskId ?? id;
  if (options.length === 0) return [`tend answer ${name} "your answer"`];
  return options
    .slice(0, FEW)
    .map((option) => `tend answer ${name} ${quoted(safeText(option).replaceAll('\n', ' '))}`);
}

/** What its worker told: how far it is, what it made, which requirements are met by its own word. */
export function toldLines(
  { progress, finish, gaps }: Task,
  { paint }: Printer,
  now: number,
): string[] {
  return [
    ...(progress === null || finish !== null
      ? []
      : [`${progressOf(progress)}  ${paint('dim', relative(Date.parse(progress.at), now))}`]),
    ...(finish === null ? [] : linesOf(finish.summary)),
    ...(finish?.checks ?? []).map(({ requirement, met, evidence }) => {
      const mark = met ? paint('green', 'met') : paint('red', 'not met');
      const why = evidence.trim() === '' ? '' : paint('dim', `: ${oneLine(evidence)}`);
      return `${mark}  ${oneLine(requirement)}${why}`;
    }),
    ...(finish === null || finish.significance === ''
      ? []
      : [paint('dim', oneLine(finish.significance))]),
    ...(finish === null && gaps.length > 0
      ? gaps.map((gap) => `${paint('red', 'not met')}  ${oneLine(gap)}`)
      : []),
  ];
}

/** `40%  compiling`. */
export function progressOf({ text, percent }: NonNullable<Task['progress']>): string {
  return `${percent === null ? '' : `${Math.round(percent)}%  `}${oneLine(text)}`;
}

/** Longest question beside other facts, in columns. */
const LONGEST = 120;

/** `: "Which database?"`; '' = nothing open. */
export function askingWords({ question }: Pick<Task, 'question'>): string {
  if (question === null || question.state !== 'open') return '';
  return `: ${shorten(oneLine(question.question), LONGEST)}`;
}

/** `, with 2 gaps: the tests pass, …`; '' = none. */
export function gapWords({ gaps }: Pick<Task, 'gaps'>): string {
  const [first, ...others] = gaps;
  if (first === undefined) return '';
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `, with ${gaps.length === 1 ? 'a gap' : `${gaps.length} gaps`}: ${oneLine(first)}${more}`;
}
