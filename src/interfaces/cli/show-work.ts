/** What `tend show` tells of the work of a task: where it is, what is known of it, what is to be done. */
import type { Attempt, Task } from '../client/index.ts';
import { count } from './format.ts';
import type { Printer } from './print.ts';
import { pairs } from './table.ts';
import { oneLine, shorten } from './text.ts';

type Verified = Omit<NonNullable<Task['verification']>, 'command' | 'found' | 'from'>;
type Change = Task['workspace']['changed'];
type Paint = Printer['paint'];

/** Names in a list of many. */
const MOST_NAMES = 5;
const TAIL_LINES = 8;

/** `+12 −3 in 4 files`; '' = nothing changed. */
export function sizeOf({ files, insertions, deletions }: Change, paint: Paint): string {
  if (files === 0) return '';
  const added = paint('green', `+${insertions}`);
  const gone = paint('red', `−${deletions}`);
  return `${added} ${gone} in ${count(files, 'file')}`;
}

const short = (commit: string): string => commit.slice(0, 10);

function names(given: readonly string[]): string {
  const some = given.slice(0, MOST_NAMES).map(oneLine).join(', ');
  return given.length > MOST_NAMES ? `${some} and ${given.length - MOST_NAMES} more` : some;
}

type Row = readonly [string, string];

/** Lines of the section; empty = the task simply works in its folder. */
export function workLines(task: Task, printer: Printer): string[] {
  const { paint } = printer;
  if (task.workspace.kind === null || task.check !== null) return [];
  const rows = [
    ...place(task),
    ...made(task, paint),
    ...verification(task, printer),
    ...judge(task, paint),
    ...checklist(task, paint),
    ...review(task, paint),
    ...merge(task, paint),
    ...under('next', next(task)),
  ];
  return pairs(rows, printer);
}

/** The first line beside the name, the others below. */
const under = (name: string, lines: readonly string[]): Row[] =>
  lines.map((line, nth) => [nth === 0 ? name : '', line]);

const quote = (lines: readonly string[]): string[] => lines.map((line) => `│ ${oneLine(line)}`);

const KINDS = { worktree: 'work tree', in_place: 'in place', checkout: 'checkout' } as const;

function place({ workspace, best }: Task): Row[] {
  const { kind, branch, path, base, target, trashed } = workspace;
  const from = base === null ? '' : `, from ${short(base)}`;
  const to = target === null || kind !== 'worktree' ? '' : ` for ${oneLine(target)}`;
  const gone = trashed === null ? '' : ' (taken away, can be brought back)';
  return [
    [KINDS[kind ?? 'checkout'], `${oneLine(path ?? 'not made yet')}${gone}`],
    ...(branch === null ? [] : [['branch', `${oneLine(branch)}${to}${from}`] as const]),
    ...(best === null ? [] : [['best of', `${best.of}: ${wonBy(best)}`] as const]),
  ];
}

const wonBy = ({ attempt }: NonNullable<Task['best']>): string =>
  attempt === null ? 'not decided yet' : `attempt ${attempt} won`;

function made({ workspace }: Task, paint: Paint): Row[] {
  const { changed, commits, commit, unsaved, touched } = workspace;
  const size = sizeOf(changed, paint);
  const saved = `${size === '' ? 'no changes' : size}, ${count(commits, 'commit')}`;
  return [
    ...(commit === null ? [] : [['saved', `${saved}, at ${short(commit)}`] as const]),
    ...(unsaved === null ? [] : [['not saved', paint('red', oneLine(unsaved))] as const]),
    ...(touched.length === 0
      ? []
      : [
          [
            'flagged',
            paint('yellow', `your checkout changed meanwhile: ${names(touched)}`),
          ] as const,
        ]),
  ];
}

const WORDS: Partial<Record<NonNullable<Verified['result']>, string>> = {
  infrastructure: 'could not be run',
  unobserved: 'shows nothing',
  timed_out: 'timed out',
};

/** What a verification came to, in a few words. */
function resultWords({ result, flaky, detail }: Verified, paint: Paint): string {
  if (result === null) return paint('dim', 'not yet');
  const style = result === 'passed' ? 'green' : result === 'unobserved' ? 'yellow' : 'red';
  const again = flaky ? ' (flaky: it failed first)' : '';
  const why = detail === null ? '' : `: ${oneLine(detail)}`;
  return `${paint(style, WORDS[result] ?? result)}${again}${why}`;
}

function verification(
  { verification: given }: Task,
  { paint, isTerminal, columns }: Printer,
): Row[] {
  if (given === null) return [];
  const { command, found, from, runs, suspects, failing, tail, result } = given;
  const where = found === null ? '' : paint('dim', `  ${oneLine(found)}`);
  const whose = from === 'base' ? paint('dim', '  with the checks of the base') : '';
  const ran = runs.length === 0 ? '' : paint('dim', `  ${runs.join(', ')}`);
  const last = result === 'passed' ? [] : tail.split('\n').filter((line) => line.trim() !== '');
  const room = Math.max(20, columns - 20);
  return [
    ['verified by', `${oneLine(command)}${where}${whose}`],
    ['verification', `${resultWords(given, paint)}${ran}`],
    ...(failing.length === 0 ? [] : [['failing', names(failing)] as const]),
    ...under(
      '',
      quote(last.slice(-TAIL_LINES)).map((line) => (isTerminal ? shorten(line, room) : line)),
    ),
    ...(suspects.length === 0
      ? []
      : [['flagged', paint('yellow', `changed by the task itself: ${names(suspects)}`)] as const]),
  ];
}

function judge({ judge: given }: Task, paint: Paint): Row[] {
  if (given === null) return [];
  const { agent, model, decision, reasons, run } = given;
  const who = model === null ? agent : `${agent} (${model})`;
  const style = decision === 'approve' ? 'green' : 'yellow';
  const said = decision === null ? paint('dim', 'not yet') : paint(style, decision);
  const ran = run === null ? '' : paint('dim', `  ${run}`);
  return under('judge', [`${oneLine(who)}: ${said}${ran}`, ...quote(reasons)]);
}

const MARKS = { true: '✓', false: '✗', null: '?' } as const;

const checklist = ({ checklist: items }: Task, paint: Paint): Row[] =>
  under(
    'points',
    items.map(({ item, met, evidence }) => {
      const mark = paint(met === true ? 'green' : 'yellow', MARKS[`${met}`]);
      return `${mark} ${oneLine(item)}${evidence === '' ? '' : paint('dim', `  ${oneLine(evidence)}`)}`;
    }),
  );

function review({ state, review: given, concerns }: Task, paint: Paint): Row[] {
  const { required, decision, feedback } = given;
  const why = quote(concerns);
  if (state === 'awaiting_review') {
    const waits = paint('magenta', `waits for you${why.length === 0 ? '' : ' because'}`);
    return under('review', [waits, ...why]);
  }
  if (decision !== null) return under('review', [reviewed({ decision, feedback }), ...why]);
  return under('review', required ? ['yours, before it completes', ...why] : why);
}

/** What a person said. */
const reviewed = ({ decision, feedback }: { decision: string; feedback: string | null }): string =>
  `${decision}${feedback === null ? '' : `: ${oneLine(feedback)}`}`;

function merge({ workspace: { merge: given } }: Task, paint: Paint): Row[] {
  if (given === null) return [];
  const { state, target, to, detail, paths, endedAt } = given;
  const style = state === 'merged' ? 'green' : endedAt === null ? 'blue' : 'red';
  const at = state === 'merged' && to !== null ? ` at ${short(to)}` : '';
  const why = detail === null ? '' : `: ${oneLine(detail)}`;
  return under('merge', [
    `${paint(style, state)} into ${oneLine(target)}${at}${why}`,
    ...(paths.length === 0 ? [] : [`│ ${names(paths)}`]),
  ]);
}

/** The commands that fit now. */
export function next({ id, state, verdict, review: given, workspace }: Task): string[] {
  const { kind, commit, merge: asked, trashed } = workspace;
  const isMerged = asked !== null && (asked.endedAt === null || asked.state === 'merged');
  const isTree = state === 'completed' && kind === 'worktree' && commit !== null;
  const isGood = verdict !== 'unverified' || given.decision === 'accepted';
  const sendBack = `tend reject ${id} --feedback "what is wrong"`;
  return [
    ...(commit === null ? [] : [`tend diff ${id}`]),
    ...(state === 'awaiting_review' ? [`tend accept ${id}`, sendBack] : []),
    ...(isTree && !isMerged ? [isGood ? `tend merge ${id}` : sendBack] : []),
    ...(trashed === null ? [] : [`tend undo ${id}`]),
  ];
}

/** What one attempt made, below its line. */
export function attemptWork(attempt: Attempt, paint: Paint): string[] {
  const { workspace, verification: seen, judge: judged, metric, review: said } = attempt;
  if (workspace === null) return [];
  const { commit, branch, on, changed, sinceLast } = workspace;
  if (commit === null) return [];
  const size = sizeOf(changed, paint);
  const since =
    attempt.number > 1 ? `; ${sizeOf(sinceLast, paint) || 'nothing'} since the attempt before` : '';
  const where = on === 'branch' ? `on ${oneLine(branch ?? '')}` : (on ?? '');
  return [
    `   saved at ${short(commit)} ${where}: ${size === '' ? 'no changes' : size}${since}`,
    ...(seen === null || seen.result === null
      ? []
      : [`   verification ${resultWords(seen, paint)}`]),
    ...(judged === null || judged.decision === null
      ? []
      : [
          `   judge: ${judged.decision}${judged.reasons.map((one) => `; ${oneLine(one)}`).join('')}`,
        ]),
    ...(metric === null ? [] : [`   metric ${metric}`]),
    ...(said === null ? [] : [`   review: ${reviewed(said)}`]),
  ];
}
