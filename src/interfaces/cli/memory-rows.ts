/** How memories are shown. */
import type { Output } from '../client/index.ts';
import { clock } from './format.ts';
import { indented } from './group-rows.ts';
import type { Printer } from './print.ts';
import { type Cell, type Column, pairs } from './table.ts';
import { oneLine } from './text.ts';

type Memory = Output<'memory'>;

export const COLUMNS: readonly Column[] = [
  { title: 'ID' },
  { title: 'KIND' },
  { title: 'WHERE' },
  { title: 'UNTIL' },
  { title: 'WHAT', flexible: true },
];

export function row(memory: Memory, now: number): Cell[] {
  const { id, kind, folder, pinned, text } = memory;
  return [
    [{ text: id, style: 'bold' }],
    [{ text: pinned ? `${kind}, pinned` : kind }],
    [{ text: folder ?? 'everywhere', style: 'dim' }],
    [{ text: untilOf(memory, now) }],
    [{ text }],
  ];
}

function untilOf({ expiresAt, endedAt }: Memory, now: number): string {
  if (endedAt !== null) return 'taken away';
  if (expiresAt === null) return '-';
  const at = Date.parse(expiresAt);
  return at <= now ? 'over' : clock(at, now);
}

/** Everything about one, in lines. */
export function describe(memory: Memory, out: Printer, now: number): string[] {
  const { id, kind, folder, pinned, by, createdAt, from, text } = memory;
  return [
    ...pairs(
      [
        ['memory', id],
        ['kind', kind],
        ['where', oneLine(folder ?? 'everywhere')],
        ...(pinned ? [['pinned', 'told before the others'] as const] : []),
        ['until', untilOf(memory, now)],
        ['added', `${clock(Date.parse(createdAt), now)} by ${oneLine(by)}`],
        ...(from === null
          ? []
          : [
              [
                'found',
                `as ${from.finding} by ${from.taskId ?? 'somebody'} in ${oneLine(from.group)}`,
              ] as const,
            ]),
      ],
      out,
    ),
    '',
    ...indented(text),
  ];
}
