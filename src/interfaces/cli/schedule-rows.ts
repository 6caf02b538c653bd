/** How schedules are shown. */
import type { Output } from '../client/index.ts';
import { clock, relative } from './format.ts';
import type { Printer } from './print.ts';
import { STYLES } from './rows.ts';
import { ownZone } from './schedule-when.ts';
import { type Cell, type Column, pairs } from './table.ts';
import { oneLine } from './text.ts';

export type Schedule = Output<'schedule'>;

export const COLUMNS: readonly Column[] = [
  { title: 'ID' },
  { title: 'WHEN' },
  { title: 'NEXT' },
  { title: 'LAST' },
  { title: 'POLICY' },
  { title: 'WHAT', flexible: true },
];

export function row(schedule: Schedule, now: number): Cell[] {
  const { id, catchUp, overlap, name, task } = schedule;
  return [
    [{ text: id, style: 'bold' }],
    [{ text: whenOf(schedule, now) }],
    nextCell(schedule, now),
    lastCell(schedule, now),
    [{ text: `${catchUp}, ${overlap}`, style: 'dim' }],
    [{ text: name === null ? task.title : `${name}: ${task.title}` }],
  ];
}

function whenOf({ cron, every, at, timeZone }: Schedule, now: number): string {
  if (cron !== undefined) return timeZone === ownZone() ? cron : `${cron} ${timeZone}`;
  return every === undefined ? `at ${clock(Date.parse(at ?? ''), now)}` : `every ${every}`;
}

function nextCell({ paused, done, next }: Schedule, now: number): Cell {
  const [first] = next;
  if (paused) return [{ text: 'paused', style: 'yellow' }];
  if (done || first === undefined) return [{ text: 'done', style: 'dim' }];
  return [{ text: clock(Date.parse(first), now) }];
}

function lastCell(schedule: Schedule, now: number): Cell {
  const { lastAt, lastTask, lastState, lastError, lastSkip } = schedule;
  if (lastError !== null)
    return [{ text: `${ago(lastError.at, now)} not started: ${lastError.message}`, style: 'red' }];
  if (lastAt === null)
    return lastSkip === null
      ? [{ text: '-', style: 'dim' }]
      : [{ text: skipped(lastSkip, now), style: 'yellow' }];
  return [
    { text: `${ago(lastAt, now)} ${lastTask ?? ''} ` },
    lastState === null
      ? { text: 'forgotten', style: 'dim' }
      : { text: lastState, style: STYLES[lastState] },
  ];
}

const ago = (at: string, now: number): string => relative(Date.parse(at), now);

const skipped = ({ at, why }: NonNullable<Schedule['lastSkip']>, now: number): string =>
  `${ago(at, now)} left out: ${why === 'missed' ? 'it was missed' : 'the task before was open'}`;

const CATCH_UP = {
  skip: 'missed ones are left out',
  once: 'one for all that were missed',
  all: 'each one that was missed',
};
const OVERLAP = {
  skip: 'left out while the task before is open',
  queue: 'after the end of the task before',
  allow: 'beside the task before',
};

/** Everything about one, in lines. */
export function describe(schedule: Schedule, out: Printer, now: number): string[] {
  const { id, name, catchUp, overlap, task, createdAt, lastSkip } = schedule;
  const text = (cell: Cell): string =>
    cell
      .map((part) => (part.style === undefined ? part.text : out.paint(part.style, part.text)))
      .join('');
  const what =
    task.agent === undefined ? commandOf(task) : `${task.agent.name}: ${task.agent.prompt}`;
  return [
    ...pairs(
      [
        ['schedule', id],
        ...(name === null ? [] : [['name', oneLine(name)] as const]),
        ['when', whenOf(schedule, now)],
        ['runs', oneLine(what)],
        ['in', oneLine(task.cwd)],
        ['owner', oneLine(task.owner)],
        ['catch up', `${catchUp}: ${CATCH_UP[catchUp]}`],
        ['overlap', `${overlap}: ${OVERLAP[overlap]}`],
        ['added', clock(Date.parse(createdAt), now)],
        [
          'last',
          text(lastCell(schedule, now).map((part) => ({ ...part, text: oneLine(part.text) }))),
        ],
        ...(lastSkip === null ? [] : [['skipped', skipped(lastSkip, now)] as const]),
      ],
      out,
    ),
    '',
    ...comingLines(schedule, out, now),
  ];
}

const commandOf = ({ command, argv = [] }: Schedule['task']): string => command ?? argv.join(' ');

/** The next times by the clocks of its zone, which a change of clocks moves. */
export function comingLines(
  schedule: Schedule,
  { paint }: Pick<Printer, 'paint'>,
  now: number,
): string[] {
  const { next, paused, timeZone } = schedule;
  if (paused) return ['  paused'];
  if (next.length === 0) return ['  done'];
  const zone = timeZone ?? ownZone();
  return next.map((at) => `  ${inZone(at, zone)}  ${paint('dim', ago(at, now))}`);
}

/** `Fri 2026-11-27 09:00:00 +01:00`. */
function inZone(at: string, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'longOffset',
  });
  const parts = new Map(
    format.formatToParts(Date.parse(at)).map(({ type, value }) => [type, value]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
  const offset = part('timeZoneName').replace('GMT', '') || '+00:00';
  return `${part('weekday')} ${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}:${part('second')} ${offset}`;
}
