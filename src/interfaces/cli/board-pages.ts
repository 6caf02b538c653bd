/** The pages of the board that are no list of tasks, as lines. */
import type { Task } from '../client/index.ts';
import type { Model } from './board-model.ts';
import { age } from './format.ts';
import type { Printer } from './print.ts';
import { describe } from './show.ts';
import { askerOf, deadlineOf, type Asked } from './show-question.ts';
import { fit, wrap } from './styled.ts';
import { oneLine, padded, width } from './text.ts';

const HELP: readonly (readonly [string, string])[] = [
  ['up down  k j', 'move; PgUp PgDn space b, g G for a page and the ends'],
  ['enter', 'everything about the task; left or escape goes back'],
  ['l', 'its output, followed; up stops following, G goes on'],
  ['n', 'all that needs you: questions, reviews, drained agents'],
  ['tab', 'to the next task that needs you'],
  ['a', 'answer: choose with up and down or a digit, or type'],
  ['A  x', 'accept the work; send it back with what is wrong'],
  ['s  K', 'stop politely; end at once'],
  ['r', 'an ended task again'],
  ['/', 'filter: words, group: owner: state: agent: is:open'],
  ['u  o', 'only the group, or the owner, of this task'],
  ['c', 'no filter'],
  ['p', 'the pane beside or below the list'],
  ['m', 'mouse: click to select and to open, wheel to scroll'],
  ['ctrl-l', 'draw everything anew'],
  ['ctrl-z', 'lay the board aside; fg brings it back'],
  ['q', 'leave; tasks go on'],
];

/** Some lines of many, from `top` on as far as that goes. */
function scrolled(lines: readonly string[], top: number, room: number): string[] {
  const from = Math.max(0, Math.min(top, lines.length - room));
  return filled(lines.slice(from, from + room), room);
}

export const filled = (lines: readonly string[], room: number): string[] => [
  ...lines.slice(0, room),
  ...Array.from({ length: Math.max(0, room - lines.length) }, () => ''),
];

export function helpLines(model: Model, { paint, columns }: Printer, room: number): string[] {
  const lines = HELP.flatMap(([keys, does]) => {
    const [first = '', ...rest] = wrap(does, Math.max(10, columns - 17));
    return [
      `  ${paint('cyan', padded(keys, 13))}  ${first}`,
      ...rest.map((line) => ' '.repeat(17) + line),
    ];
  });
  return scrolled(
    lines.map((line) => fit(line, columns)),
    model.scroll,
    room,
  );
}

/** All that `tend show` tells of a task, `printer` as wide as there is room. */
export function taskLines(model: Model, task: Task, printer: Printer): string[] {
  const changes = model.history?.id === task.id ? model.history.changes : [];
  const now = Math.floor(model.now / 1_000) * 1_000;
  return describe(task, changes, printer, now).flatMap((line) => wrap(line, printer.columns));
}

export function taskPage(
  model: Model,
  task: Task | null,
  printer: Printer,
  room: number,
): string[] {
  const lines =
    task === null ? [printer.paint('dim', 'this task is gone')] : taskLines(model, task, printer);
  return scrolled(lines, model.scroll, room);
}

/** The end of the log, or what stands so many lines above it. */
export function logLines({ logs }: Model, { paint, columns }: Printer, room: number): string[] {
  if (logs === null) return filled([], room);
  const { lines, open, up, ended } = logs;
  if (lines.length === 0 && open === '')
    return filled([paint('dim', ended ? 'it wrote nothing' : 'nothing written yet')], room);
  const found: string[] = open === '' ? [] : wrap(open, columns);
  for (let at = lines.length - 1; at >= 0 && found.length < room + up; at--)
    found.unshift(...wrap(lines[at] ?? '', columns));
  const end = Math.max(Math.min(room, found.length), found.length - up);
  return filled(found.slice(Math.max(0, end - room), end), room);
}

/** What needs somebody, one line each. */
export function needLines(model: Model, printer: Printer, room: number): string[] {
  const { paint } = printer;
  if (model.asked.length === 0) return filled(['', paint('dim', 'nothing needs you')], room);
  const top = Math.max(0, Math.min(model.need - room + 2, model.asked.length - room + 1));
  const shown = model.asked.slice(top, top + room - 1);
  const who = Math.min(24, Math.max(...model.asked.map((one) => width(nameOf(one)))));
  const lines = shown.map((one, index) =>
    needLine(one, model, printer, { who, index: top + index }),
  );
  return filled([paint('dim', `  ${padded('TASK', who)}  AGE  WHAT`), ...lines], room);
}

const nameOf = ({ taskId, id }: Asked): string => taskId ?? id;

function needLine(
  asked: Asked,
  { need, now }: Model,
  { paint, columns }: Printer,
  { who, index }: { who: number; index: number },
): string {
  const isChosen = index === need;
  const since = age(Math.max(0, now - Date.parse(asked.askedAt)));
  const late = deadlineOf(asked, now).replace(/, then.*/, '');
  const name = padded(fit(oneLine(nameOf(asked)), who), who);
  const what = oneLine(asked.question);
  const text = `${isChosen ? '>' : ' '} ${name}  ${since.padStart(3)}  ${askerOf(asked)}: ${what}${late === '' ? '' : `  ${late}`}`;
  const line = fit(text, columns);
  return isChosen ? paint('inverse', padded(line, columns)) : line;
}
