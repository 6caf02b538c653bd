/** How groups are shown. */
import type { Output } from '../client/index.ts';
import { clock, relative } from './format.ts';
import type { Printer } from './print.ts';
import { type Cell, type Column, pairs } from './table.ts';
import { oneLine, safeText } from './text.ts';

type Group = Output<'groups'>['groups'][number];
type Details = Output<'group'>;

export const COLUMNS: readonly Column[] = [
  { title: 'GROUP' },
  { title: 'FINDINGS', align: 'right' },
  { title: 'CHANGED' },
  { title: 'WHAT', flexible: true },
];

export function row({ name, findings, updatedAt, title, context }: Group, now: number): Cell[] {
  return [
    [{ text: name, style: 'bold' }],
    [{ text: String(findings) }],
    [{ text: updatedAt === null ? '-' : relative(Date.parse(updatedAt), now), style: 'dim' }],
    [{ text: title ?? context }],
  ];
}

/** Everything about one, in lines. */
export function describe(group: Details, out: Printer, now: number): string[] {
  const { name, title, createdAt, context, told, tasks } = group;
  const states = Object.entries(tasks).map(([state, count]) => `${count} ${state}`);
  return [
    ...pairs(
      [
        ['group', oneLine(name)],
        ...(title === null ? [] : [['title', oneLine(title)] as const]),
        ['made', createdAt === null ? 'it is only a name' : clock(Date.parse(createdAt), now)],
        ['tasks', states.length === 0 ? 'none' : states.join(', ')],
      ],
      out,
    ),
    ...(context === '' ? [] : ['', out.paint('dim', 'shared'), ...indented(context)]),
    ...(told.length === 0 ? [] : ['', out.paint('dim', 'found')]),
    ...told.flatMap((one) => findingLines(one, out, now)),
  ];
}

function findingLines(
  { id, kind, important, taskId, by, at, text }: Details['told'][number],
  out: Printer,
  now: number,
): string[] {
  const who = oneLine(taskId ?? by);
  const marks = [kind === 'milestone' ? 'milestone' : '', important ? 'important' : ''];
  const what = ['', ...marks.filter((mark) => mark !== '')].join('  ');
  const head = `${id}  ${clock(Date.parse(at), now)}  ${who}${what}`;
  return [`  ${out.paint('bold', head)}`, ...indented(text).map((line) => `  ${line}`)];
}

export const indented = (text: string): string[] =>
  safeText(text.trimEnd())
    .split('\n')
    .map((line) => `  ${line}`);
